import { expect, test } from "vitest";
import { buildRedTask, NOW_MS } from "./build-red-task.ts";
import { decideTaskState, isCallableNow } from "./decide-task-state.ts";

const ANA = { id: "ana", name: "Ana Silva" };
const IN_FIVE = "2026-03-10T15:05:00.000Z";

test.each([
  { sentence: "due", task: {}, expected: { word: "Due", shape: "triangle", tone: "lost" } },
  {
    sentence: "late",
    task: { dueAt: "2026-03-10T14:59:59.000Z" },
    expected: { word: "Overdue", shape: "square", tone: "lost" },
  },
  {
    sentence: "in somebody's hands, however late",
    task: { owner: ANA, leaseUntil: IN_FIVE, dueAt: "2026-03-10T14:00:00.000Z" },
    expected: { word: "Ana has it", shape: "flag", tone: "neutral" },
  },
  {
    sentence: "in one's own hands",
    task: { owner: { id: "me", name: "Sam Kim" }, leaseUntil: IN_FIVE },
    expected: { word: "You have it", tone: "accent" },
  },
  {
    sentence: "free again once the lease ran out",
    task: { owner: ANA, leaseUntil: "2026-03-10T15:00:00.000Z" },
    expected: { word: "Due" },
  },
  {
    sentence: "asleep",
    task: { status: "snoozed" as const },
    expected: { kind: "back", word: "Back", shape: "clock", tone: "quiet" },
  },
  {
    sentence: "waiting for evidence",
    task: { status: "snoozed" as const, awaitsEvidence: true },
    expected: { word: "Awaits evidence", shape: "half", tone: "doubt" },
  },
  {
    sentence: "moved: hollow, and never overdue",
    task: { red: "moved" as const, dueAt: "2026-03-10T14:00:00.000Z" },
    expected: { word: "Moved", shape: "triangle-hollow" },
  },
  {
    sentence: "booked again, as a provider says",
    task: { status: "completed" as const, closedReason: "rebooked_by_evidence" },
    expected: { word: "Re-booked, by evidence", shape: "check", tone: "proof" },
  },
  {
    sentence: "closed for a reason without a word yet",
    task: { status: "completed" as const, closedReason: "something_new" },
    expected: { word: "Closed", tone: "quiet" },
  },
])("says $sentence", ({ task, expected }) => {
  expect(decideTaskState(buildRedTask(task), NOW_MS, "me")).toMatchObject(expected);
});

test("calling hours turn over while the screen stays open", () => {
  const { callable } = buildRedTask();
  expect(isCallableNow(callable, Date.parse("2026-03-10T22:59:59.000Z"))).toBe(true);
  expect(isCallableNow(callable, Date.parse("2026-03-10T23:00:00.000Z"))).toBe(false);
});
