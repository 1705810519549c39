import { type FollowUpChanges, isSameRow, type RowChange } from "./compute-follow-up-changes.ts";
import type { FollowUps, RowJson } from "./snapshot-follow-ups.ts";

export type KeptReason = "lead_gone" | "changed_since" | "task_worked_on" | "sequence_moved";

export type UndoFacts = {
  /** Whether the lead still reads as the decision left it; null when the lead is gone. */
  isSame: boolean | null;
  effects: FollowUpChanges | null;
};

/**
 * Why a lead is left as it is, or null when all that the decision did to it can be taken back. A lead comes back whole
 * or not at all: labels restored beside a task that somebody works on would contradict each other.
 */
export function decideUndo({ isSame, effects }: UndoFacts, current: FollowUps): KeptReason | null {
  if (isSame === null) return "lead_gone";
  if (!isSame) return "changed_since";
  if (effects === null) return null;
  if (!areUntouched(effects.tasks, current.tasks) || isCrowded(effects.tasks, current.tasks, sameQueue)) {
    return "task_worked_on";
  }
  if (
    !areUntouched(effects.instances, current.instances) ||
    isCrowded(effects.instances, current.instances, sameSequence)
  ) {
    return "sequence_moved";
  }
  return null;
}

function areUntouched(changes: RowChange[], current: RowJson[]): boolean {
  return changes.every(({ id, after }) => {
    const row = current.find((each) => each.id === id);
    return row !== undefined && isSameRow(row, after);
  });
}

/** A row that would be opened again finds another open one in its place, and only one may be open. */
function isCrowded(
  changes: RowChange[],
  current: RowJson[],
  isSamePlace: (a: RowJson, b: RowJson) => boolean,
): boolean {
  return changes.some(
    ({ before }) =>
      before !== null &&
      isOpen(before) &&
      current.some(
        (row) =>
          isOpen(row) &&
          row.id !== before.id &&
          isSamePlace(row, before) &&
          // One that the decision itself opened goes away with the undo.
          !changes.some((change) => change.id === row.id && change.before === null),
      ),
  );
}

function isOpen(row: RowJson): boolean {
  return ["pending", "snoozed", "active", "paused"].includes(String(row.status));
}

function sameQueue(a: RowJson, b: RowJson): boolean {
  const isLost = (row: RowJson) => row.type === "meeting_canceled" || row.type === "meeting_no_show";
  return isLost(a) === isLost(b) && (isLost(a) || a.type === b.type);
}

function sameSequence(a: RowJson, b: RowJson): boolean {
  return a.sequenceId === b.sequenceId;
}
