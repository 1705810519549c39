import type { Db, Tx } from "#server/db/client.ts";
import { addMs } from "#server/lib/duration.ts";
import { type AppError, conflict } from "#server/lib/errors.ts";
import { findHolder, isOpen, LEASE_MS } from "./decide-claim.ts";
import type { LockedTask } from "./lock-red-task.ts";

/** Who did what to the task, and when, as a conflict answers it. `who` is null when Bookproof itself did. */
export type TaskConflict = {
  who: { id: string; name: string } | null;
  /** `claimed`, an outcome, a closed reason, or `changed`. */
  what: string;
  when: Date;
  /** Until when somebody else's claim holds. */
  until: Date | null;
  version: number;
};

/** The error for somebody who acts on a task that is no longer what they saw. */
export async function buildTaskConflict(db: Db | Tx, task: LockedTask, now: Date): Promise<AppError> {
  const { personId, ...facts } = explainConflict(task, now);
  const who = personId
    ? await db.user.findUnique({ where: { id: personId }, select: { id: true, name: true } })
    : null;
  const details: TaskConflict = { who, ...facts, version: task.version };
  if (facts.until) return conflict("task_claimed", `${who?.name ?? "Somebody"} has this task.`, details);
  if (!isOpen(task)) return conflict("task_closed", "This task is closed.", details);
  return conflict("task_changed", "This task changed since you looked.", details);
}

function explainConflict(task: LockedTask, now: Date) {
  const holder = findHolder(task, now);
  if (!isOpen(task)) {
    return {
      personId: task.closedById,
      what: task.closedReason ?? "closed",
      when: task.closedAt ?? task.updatedAt,
      until: null,
    };
  }
  if (holder) {
    // Each sign of activity begins the lease again.
    return {
      personId: holder.ownerId,
      what: "claimed",
      when: addMs(holder.until, -LEASE_MS),
      until: holder.until,
    };
  }
  if (task.lastOutcome && task.lastOutcomeAt) {
    return { personId: task.lastOutcomeById, what: task.lastOutcome, when: task.lastOutcomeAt, until: null };
  }
  return { personId: null, what: "changed", when: task.updatedAt, until: null };
}
