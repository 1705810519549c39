import { describe, expect, test } from "vitest";
import { decideUnlink, type UnlinkDecision, type UnlinkFacts } from "./decide-unlink.ts";

const LINKED: UnlinkFacts = {
  link: { leadId: "maya", linkedById: "ines" },
  bookingLeadId: "maya",
  linkedBy: "operator",
  askedById: "ines",
  mayUndoOthers: false,
  kept: [null],
};

const CASES: { sentence: string; facts: Partial<UnlinkFacts>; expected: UnlinkDecision }[] = [
  { sentence: "takes back what nobody touched", facts: {}, expected: { verdict: "unlink" } },
  {
    sentence: "takes back what changed no lead",
    facts: { kept: [] },
    expected: { verdict: "unlink" },
  },
  {
    sentence: "has nothing to take back twice",
    facts: { link: null, bookingLeadId: null, linkedBy: null },
    expected: { verdict: "refuse", code: "not_linked" },
  },
  {
    sentence: "leaves what an address linked",
    facts: { linkedBy: "email" },
    expected: { verdict: "refuse", code: "not_linked" },
  },
  {
    sentence: "leaves a booking that is somebody else's by now",
    facts: { bookingLeadId: "jonas" },
    expected: { verdict: "refuse", code: "not_linked" },
  },
  {
    sentence: "leaves another person's word to those who may undo it (R42)",
    facts: { askedById: "omar" },
    expected: { verdict: "refuse", code: "not_yours" },
  },
  {
    sentence: "takes back another person's word for an ops lead (R42)",
    facts: { askedById: "omar", mayUndoOthers: true },
    expected: { verdict: "unlink" },
  },
  {
    sentence: "leaves a program's word to those who may undo others'",
    facts: { link: { leadId: "maya", linkedById: null } },
    expected: { verdict: "refuse", code: "not_yours" },
  },
  {
    sentence: "keeps all of it where one lead moved since",
    facts: { kept: [null, "task_worked_on"] },
    expected: { verdict: "refuse", code: "task_worked_on" },
  },
];

describe("decideUnlink (R11)", () => {
  test.each(CASES)("$sentence", ({ facts, expected }) => {
    expect(decideUnlink({ ...LINKED, ...facts })).toEqual(expected);
  });
});
