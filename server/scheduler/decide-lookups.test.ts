import { describe, expect, it } from "vitest";
import { DAY_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { decideLookups, type LookupDecision, type LookupFacts } from "./decide-lookups.ts";

/** A Calendly account that is swept whole and on time, with forty leads in a sequence. */
function buildFacts(overrides: Partial<LookupFacts>): LookupFacts {
  return {
    provider: "calendly",
    fullScope: true,
    needsPerson: false,
    isSweepResting: false,
    areLookupsResting: false,
    sweepError: null,
    isWindowRead: true,
    isHeldBack: false,
    hotEveryMin: 1,
    nearAgeMs: MINUTE_MS,
    unlistedLeads: 0,
    hotLeads: 40,
    sweepCalls: 3,
    lookupCallsPerLead: 1.2,
    spareCallsPerMin: 120,
    ...overrides,
  };
}

const HOT = { leads: 100, minAgeMs: 55_000 };
const STRETCHED = { hotEveryMin: 4, nearAgeMs: 4 * MINUTE_MS, sweepCalls: 400 };

describe("decideLookups (R30)", () => {
  it.each<[string, Partial<LookupFacts>, LookupDecision]>([
    ["tells nothing new beside a sweep that is whole and on time", {}, { way: "sweep", because: "covered" }],
    ["has nobody to look up", { hotLeads: 0 }, { way: "none", because: "nobody_hot" }],
    [
      "sees with one person's token what its sweep sees",
      { fullScope: false },
      { way: "sweep", because: "one_person" },
    ],
    [
      "waits for the first pass, which is about to read everybody",
      { isWindowRead: false, nearAgeMs: null },
      { way: "sweep", because: "window_unread" },
    ],
    [
      "watches over meetings that no list names, with nobody in a sequence too",
      { provider: "highlevel", lookupCallsPerLead: 2, unlistedLeads: 2, hotLeads: 0 },
      { way: "lookup", because: "unlisted_meetings", leads: 60, minAgeMs: 55_000 },
    ],
    [
      "stands in for passes that are too short to be believed",
      { isHeldBack: true },
      { way: "lookup", because: "sweep_held_back", ...HOT },
    ],
    [
      "stands in for a sweep that may not list events, while the token answers for contacts",
      { sweepError: "provider_scope", isSweepResting: true, needsPerson: true },
      { way: "lookup", because: "sweep_refused", ...HOT },
    ],
    [
      "stands in for a list in a form that nobody knows",
      { sweepError: "provider_unexpected", isSweepResting: true },
      { way: "lookup", because: "sweep_refused", ...HOT },
    ],
    [
      "rests with a provider that is away (R31)",
      { sweepError: "provider_unavailable", isSweepResting: true },
      { way: "none", because: "resting" },
    ],
    [
      "rests with a dead token",
      { sweepError: "provider_unauthorized", isSweepResting: true, needsPerson: true },
      { way: "none", because: "needs_person" },
    ],
    [
      "rests by itself after its own failures",
      { isHeldBack: true, areLookupsResting: true },
      { way: "none", because: "resting" },
    ],
    [
      "stands in for a sweep that is three turns behind",
      { nearAgeMs: 3 * MINUTE_MS + 1 },
      { way: "lookup", because: "sweep_late", ...HOT },
    ],
    [
      "does not take a pass that is under way for a late one",
      { nearAgeMs: 3 * MINUTE_MS },
      { way: "sweep", because: "covered" },
    ],
    [
      "keeps hot leads to the minute where half the limit stretches the sweep",
      STRETCHED,
      { way: "lookup", because: "sweep_stretched", ...HOT },
    ],
    [
      "leaves it to the stretched sweep where lookups would take more calls than one pass",
      { ...STRETCHED, hotLeads: 334 },
      { way: "sweep", because: "cheaper" },
    ],
    [
      "looks at each HighLevel lead once a day, since its list of calendars may be short",
      { provider: "highlevel", lookupCallsPerLead: 2 },
      { way: "lookup", because: "second_look", leads: 60, minAgeMs: DAY_MS },
    ],
    [
      "takes no more than sweeps leave",
      { isHeldBack: true, spareCallsPerMin: 7 },
      { way: "lookup", because: "sweep_held_back", leads: 5, minAgeMs: 55_000 },
    ],
    [
      "does nothing where sweeps leave nothing",
      { isHeldBack: true, spareCallsPerMin: 1 },
      { way: "none", because: "no_calls_left" },
    ],
  ])("%s", (_, overrides, expected) => {
    expect(decideLookups(buildFacts(overrides))).toEqual(expected);
  });
});
