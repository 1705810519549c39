import fc from "fast-check";
import { act } from "./arbitrary-act.ts";
import { maybe, oneOf, weighted } from "./arbitrary-choice.ts";
import { fault, job, quickJob, strike } from "./arbitrary-job.ts";
import type { Command, LeadPlan, WorldPlan } from "./plan.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const gapMs = weighted([
  [1, 0],
  [5, 1_000],
  [3, 30_000],
  [2, 7 * MINUTE_MS],
  [1, 3 * HOUR_MS],
  [1, 20 * HOUR_MS],
]);

const command: fc.Arbitrary<Command> = oneOf<Command>([
  [20, fc.record({ gapMs, does: fc.constant("act"), act })],
  [
    15,
    fc.record({
      gapMs,
      does: fc.constant("job"),
      job,
      strike: maybe(strike, 3),
      fault: maybe(fault, 3),
    }),
  ],
  [
    2,
    fc.record({
      gapMs,
      does: fc.constant("jobs_at_once"),
      jobs: fc.array(quickJob, { minLength: 2, maxLength: 3 }),
    }),
  ],
]);

const lead: fc.Arbitrary<LeadPlan> = fc.record({
  shares: oneOf<number | null>([
    [5, fc.constant(null)],
    [1, fc.nat({ max: 3 })],
  ]),
  alias: weighted<LeadPlan["alias"]>([
    [5, "none"],
    [2, "own"],
    [1, "of_next"],
  ]),
  hasContact: fc.boolean(),
  isEnrolled: fc.boolean(),
  isAutomated: fc.boolean(),
  status: weighted<LeadPlan["status"]>([
    [8, "qualified"],
    [1, "meeting_booked"],
    [1, "not_interested"],
    [1, "blacklisted"],
  ]),
});

/** A small world and everything that happens in it. Shrinks to fewer leads, fewer commands and smaller numbers. */
export const worldPlan: fc.Arbitrary<WorldPlan> = fc.record({
  leads: oneOf<LeadPlan[]>([
    [4, fc.array(lead, { minLength: 2, maxLength: 2 })],
    [1, fc.array(lead, { minLength: 3, maxLength: 4 })],
  ]),
  freshnessDays: fc.constantFrom(14, 2),
  types: weighted<WorldPlan["types"]>([
    [4, "all"],
    [1, "chosen"],
    [2, "strict"],
  ]),
  hooks: fc.constantFrom("none", "marketplace", "workflow", "both"),
  commands: fc.array(command, { minLength: 1, maxLength: 22, size: "max" }),
  ending: fc.constantFrom("flushed", "dropped"),
});
