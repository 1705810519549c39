import { expect, test } from "vitest";
import { buildRedTask } from "./build-red-task.ts";
import type { OutcomeEffect } from "./red-queue-types.ts";
import { describeConflict, describeEffect, describeLoss, describeReason } from "./words.ts";

const returns = (overrides: Partial<Extract<OutcomeEffect, { effect: "returns" }>>): OutcomeEffect => ({
  effect: "returns",
  at: "2026-03-10T17:00:00.000Z",
  afterMs: 7_200_000,
  attempt: 3,
  awaitsEvidence: false,
  ...overrides,
});

test.each([
  { outcome: "no_answer" as const, effect: returns({}), text: "back in 2 h, try 3 of 6" },
  {
    outcome: "left_voicemail" as const,
    effect: returns({ afterMs: null }),
    text: "back tomorrow 9:00 AM theirs, try 3 of 6",
  },
  {
    outcome: "rebooked" as const,
    effect: returns({ afterMs: 86_400_000, attempt: null, awaitsEvidence: true }),
    text: "waits for evidence, back in 24 h",
  },
  {
    outcome: "rebooked" as const,
    effect: { effect: "closes" as const, closedReason: "rebooked" as const, appointmentId: "a" },
    text: "closes, links the new meeting",
  },
  {
    outcome: "no_answer" as const,
    effect: { effect: "closes" as const, closedReason: "attempts_used" as const, appointmentId: null },
    text: "closes, last of 6 tries",
  },
  {
    outcome: "call_back" as const,
    effect: { effect: "asks" as const, question: "time" as const },
    text: "a time in their zone",
  },
])("states of $outcome: $text", ({ outcome, effect, text }) => {
  expect(describeEffect(outcome, effect, 6)).toBe(text);
});

test("tells losses apart and quotes the lead", () => {
  const task = buildRedTask();
  expect(describeLoss(task)).toBe("Canceled by lead");
  expect(describeReason(task)).toBe("“Something came up”");
  const declined = buildRedTask({
    happened: { ...task.happened, kind: "declined", provider: "highlevel", quote: null },
  });
  expect(describeLoss(declined)).toBe("Declined in HighLevel");
  expect(describeReason(buildRedTask({ meetings: 2 }))).toBe("2 meetings, one call");
});

test.each([
  { what: "claimed", who: "Ana Silva", text: "Ana Silva has this task." },
  { what: "no_answer", who: "Ana Silva", text: "Ana Silva logged “No answer” on this." },
  { what: "call_back", who: "Ana Silva", text: "Ana Silva logged “Call back” on this." },
  {
    what: "rebooked_by_evidence",
    who: null,
    text: "A new meeting was found, so this task closed itself.",
  },
  { what: "changed", who: null, text: "This task changed since you looked." },
])("a conflict says who and what: $text", ({ what, who, text }) => {
  expect(describeConflict(what, who)).toBe(text);
});
