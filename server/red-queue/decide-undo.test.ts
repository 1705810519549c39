import { expect, test } from "vitest";
import { decideUndo, type UndoFacts } from "./decide-undo.ts";

const NOW = new Date("2026-03-10T15:00:00.000Z");

function facts(overrides: Partial<UndoFacts> = {}): UndoFacts {
  return {
    logged: { actorId: "sam", at: new Date("2026-03-10T14:50:00.000Z"), version: 5 },
    task: { version: 5 },
    hasNewerTask: false,
    ...overrides,
  };
}

test.each([
  { sentence: "its author may, for ten minutes to the second", facts: {}, expected: { verdict: "restore" } },
  {
    sentence: "a second later it stands",
    facts: { logged: { actorId: "sam", at: new Date("2026-03-10T14:49:59.000Z"), version: 5 } },
    expected: { verdict: "refuse", code: "undo_expired" },
  },
  {
    sentence: "nobody takes back what another logged",
    facts: { logged: { actorId: "ana", at: NOW, version: 5 } },
    expected: { verdict: "refuse", code: "undo_not_yours" },
  },
  {
    sentence: "a task that moved on stays as it is",
    facts: { task: { version: 6 } },
    expected: { verdict: "refuse", code: "undo_overtaken" },
  },
  {
    sentence: "a newer red task of the lead is not joined by an old one",
    facts: { hasNewerTask: true },
    expected: { verdict: "refuse", code: "undo_overtaken" },
  },
  {
    sentence: "there must be something to take back",
    facts: { logged: null },
    expected: { verdict: "refuse", code: "nothing_to_undo" },
  },
])("$sentence", ({ facts: overrides, expected }) => {
  expect(decideUndo(facts(overrides), { userId: "sam", now: NOW })).toEqual(expected);
});
