import { addMs, MINUTE_MS } from "#server/lib/duration.ts";

/** How long an outcome can be taken back. */
export const UNDO_MS = 10 * MINUTE_MS;

export type UndoFacts = {
  /** The newest outcome that was logged on the task and not yet taken back; null when there is none. */
  logged: { actorId: string | null; at: Date; version: number } | null;
  task: { version: number };
  /** The lead has got another open red task of the same kind since. */
  hasNewerTask: boolean;
};

export type UndoDecision =
  | { verdict: "restore" }
  | { verdict: "refuse"; code: "nothing_to_undo" | "undo_not_yours" | "undo_expired" | "undo_overtaken" };

/** An outcome is taken back by its author, soon, and only while nothing was built on it. */
export function decideUndo(facts: UndoFacts, { userId, now }: { userId: string; now: Date }): UndoDecision {
  const { logged, task } = facts;
  if (logged === null) return { verdict: "refuse", code: "nothing_to_undo" };
  if (logged.actorId !== userId) return { verdict: "refuse", code: "undo_not_yours" };
  if (task.version !== logged.version || facts.hasNewerTask)
    return { verdict: "refuse", code: "undo_overtaken" };
  if (now > addMs(logged.at, UNDO_MS)) return { verdict: "refuse", code: "undo_expired" };
  return { verdict: "restore" };
}
