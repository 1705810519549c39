import { describe, expect, test } from "vitest";
import { decideUndo, type KeptReason, type UndoFacts } from "./decide-undo.ts";
import type { FollowUps, RowJson } from "./snapshot-follow-ups.ts";

const opened: RowJson = { id: "task-1", type: "meeting_canceled", status: "pending", version: 1 };
const wasOpen: RowJson = { id: "task-2", type: "meeting_canceled", status: "pending", version: 4 };
const closed: RowJson = { ...wasOpen, status: "completed", version: 5 };
const wasActive: RowJson = { id: "instance-1", sequenceId: "sequence-1", status: "active" };
const stopped: RowJson = { ...wasActive, status: "completed" };

const now = (rows: Partial<FollowUps> = {}): FollowUps => ({
  tasks: [],
  instances: [],
  offerIds: [],
  ...rows,
});
const did = (
  effects: Partial<NonNullable<UndoFacts["effects"]>>,
  isSame: boolean | null = true,
): UndoFacts => ({
  isSame,
  effects: { tasks: [], instances: [], clearedOfferIds: [], ...effects },
});

const openedTask = did({ tasks: [{ id: opened.id, before: null, after: opened }] });
const closedTask = did({ tasks: [{ id: closed.id, before: wasOpen, after: closed }] });
const stoppedInstance = did({ instances: [{ id: stopped.id, before: wasActive, after: stopped }] });

const cases: [string, UndoFacts, FollowUps, KeptReason | null][] = [
  ["labels only, nobody touched them", { isSame: true, effects: null }, now(), null],
  ["somebody or some evidence changed the lead", { isSame: false, effects: null }, now(), "changed_since"],
  ["the lead is gone", { isSame: null, effects: null }, now(), "lead_gone"],
  ["the task it opened is as it was", openedTask, now({ tasks: [opened] }), null],
  [
    "somebody claimed the task it opened",
    openedTask,
    now({ tasks: [{ ...opened, ownerId: "ana" }] }),
    "task_worked_on",
  ],
  ["the task it opened is gone", openedTask, now(), "task_worked_on"],
  ["the task it closed can open again", closedTask, now({ tasks: [closed] }), null],
  [
    "another task is open in its place",
    closedTask,
    now({ tasks: [closed, { ...opened, id: "task-9" }] }),
    "task_worked_on",
  ],
  [
    "an open task for a moved meeting is another place",
    closedTask,
    now({ tasks: [closed, { ...opened, id: "task-9", type: "meeting_rescheduled" }] }),
    null,
  ],
  ["the sequence it stopped can go on", stoppedInstance, now({ instances: [stopped] }), null],
  [
    "the lead was enrolled again since",
    stoppedInstance,
    now({ instances: [stopped, { ...wasActive, id: "instance-9" }] }),
    "sequence_moved",
  ],
];

describe("decideUndo", () => {
  test.each(cases)("%s", (_sentence, facts, current, expected) => {
    expect(decideUndo(facts, current)).toBe(expected);
  });
});
