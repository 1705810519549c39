import { describe, expect, test } from "vitest";
import {
  type Acceptance,
  type AcceptanceFacts,
  type AcceptanceMode,
  decideAcceptance,
} from "./decide-acceptance.ts";

function facts(overrides: Partial<AcceptanceFacts> = {}): AcceptanceFacts {
  return {
    kind: 1,
    claimUnverified: false,
    status: "meeting_booked",
    sentiment: "meeting_booked",
    decision: null,
    wasAccepted: false,
    check: "fresh",
    isGated: false,
    ...overrides,
  };
}

const requested: Acceptance = {
  outcome: "will_change",
  status: "meeting_requested",
  sentiment: "meeting_requested",
  mayEnrol: true,
};
const booked: Acceptance = {
  outcome: "will_change",
  status: "meeting_booked",
  sentiment: "meeting_booked",
  mayEnrol: false,
};
const qualified: Acceptance = {
  outcome: "will_change",
  status: "qualified",
  sentiment: "meeting_booked",
  mayEnrol: true,
};

const cases: [string, AcceptanceFacts, AcceptanceMode, Acceptance][] = [
  ["kind 1: status and sentiment become meeting requested", facts(), "bulk", requested],
  [
    "kind 1: a shared booking keeps the lead out of sequences",
    facts({ isGated: true }),
    "bulk",
    { ...requested, mayEnrol: false },
  ],
  [
    "kind 2: status and sentiment become meeting booked",
    facts({ kind: 2, status: "qualified", sentiment: "interested", isGated: true }),
    "bulk",
    booked,
  ],
  ["kind 3: status becomes qualified, the sentiment stays", facts({ kind: 3 }), "bulk", qualified],
  [
    "kind 3: whoever said not interested is not enrolled",
    facts({ kind: 3, sentiment: "not_interested" }),
    "bulk",
    { ...qualified, sentiment: "not_interested", mayEnrol: false },
  ],
  ["kind 4: status becomes qualified, the sentiment stays", facts({ kind: 4 }), "bulk", qualified],
  ["nothing disagrees any more", facts({ kind: null }), "bulk", { outcome: "no_change" }],
  [
    "somebody accepted it since",
    facts({ kind: null, wasAccepted: true }),
    "bulk",
    { outcome: "skipped", reason: "decided_meanwhile" },
  ],
  [
    "somebody kept the label since",
    facts({ decision: "keep" }),
    "bulk",
    { outcome: "skipped", reason: "decided_meanwhile" },
  ],
  ["one that waits for info can be accepted", facts({ decision: "needs_info" }), "bulk", requested],
  [
    "one that came back after an acceptance can be accepted again",
    facts({ wasAccepted: true }),
    "bulk",
    requested,
  ],
  [
    "a claim that nobody has checked",
    facts({ kind: null, claimUnverified: true }),
    "bulk",
    { outcome: "skipped", reason: "not_checked" },
  ],
  [
    "a claim that nobody has checked, one at a time",
    facts({ kind: null, claimUnverified: true }),
    "single",
    { outcome: "skipped", reason: "not_checked" },
  ],
  [
    "evidence too old for bulk",
    facts({ check: "stale" }),
    "bulk",
    { outcome: "skipped", reason: "evidence_stale" },
  ],
  [
    "evidence of unknown age",
    facts({ check: "never" }),
    "bulk",
    { outcome: "skipped", reason: "not_checked" },
  ],
  ["old evidence, seen by the person who decides", facts({ check: "stale" }), "single", requested],
  [
    "a protected status in bulk",
    facts({ kind: 2, status: "blacklisted" }),
    "bulk",
    { outcome: "held_back", reason: "protected" },
  ],
  [
    "a protected status with stale evidence is held back first",
    facts({ kind: 2, status: "unqualified", check: "stale" }),
    "bulk",
    { outcome: "held_back", reason: "protected" },
  ],
  [
    "a protected status, one at a time",
    facts({ kind: 2, status: "not_interested", isGated: true }),
    "single",
    booked,
  ],
];

describe("decideAcceptance", () => {
  test.each(cases)("%s", (_sentence, given, mode, expected) => {
    expect(decideAcceptance(given, mode)).toEqual(expected);
  });
});
