import type { Shape, Tone } from "#client/lib/tone.ts";
import type { RedTask } from "./red-queue-types.ts";
import { CLOSED_REASONS } from "./words.ts";

export type Holder = { id: string; name: string; untilMs: number };

/** Who has it at this moment; a lease that has run out holds nothing. */
export function findHolder(task: Pick<RedTask, "owner" | "leaseUntil">, nowMs: number): Holder | null {
  if (!task.owner || !task.leaseUntil) return null;
  const untilMs = new Date(task.leaseUntil).getTime();
  return untilMs > nowMs ? { ...task.owner, untilMs } : null;
}

export function isOpenTask({ status }: Pick<RedTask, "status">): boolean {
  return status === "pending" || status === "snoozed";
}

export type TaskState =
  | { kind: "closed"; word: string; shape: Shape; tone: Tone }
  | { kind: "held"; word: string; shape: Shape; tone: Tone }
  /** The word is followed by when it comes back. */
  | { kind: "back"; word: string; shape: Shape; tone: Tone; at: string }
  | { kind: "due"; word: string; shape: Shape; tone: Tone };

/** Word, shape and colour of a row, the most telling first: done, in somebody's hands, asleep, late, due. */
export function decideTaskState(task: RedTask, nowMs: number, myId: string): TaskState {
  if (!isOpenTask(task)) {
    const reason = CLOSED_REASONS[task.closedReason ?? ""] ?? CLOSED_REASONS.closed;
    return { kind: "closed", word: reason.label, shape: reason.shape, tone: reason.tone };
  }
  const holder = findHolder(task, nowMs);
  if (holder) {
    const isMine = holder.id === myId;
    const word = isMine ? "You have it" : `${firstName(holder.name)} has it`;
    return { kind: "held", word, shape: "flag", tone: isMine ? "accent" : "neutral" };
  }
  if (task.status === "snoozed") {
    return task.awaitsEvidence
      ? { kind: "back", word: "Awaits evidence", shape: "half", tone: "doubt", at: task.dueAt }
      : { kind: "back", word: "Back", shape: "clock", tone: "quiet", at: task.dueAt };
  }
  if (task.red === "moved") return { kind: "due", word: "Moved", shape: "triangle-hollow", tone: "lost" };
  if (new Date(task.dueAt).getTime() < nowMs) {
    return { kind: "due", word: "Overdue", shape: "square", tone: "lost" };
  }
  return { kind: "due", word: "Due", shape: "triangle", tone: "lost" };
}

export function firstName(name: string): string {
  return name.split(" ")[0] || name;
}

/** Between 9:00 and 18:00 where the lead is: the server's word until its next change, then the other one. */
export function isCallableNow(callable: RedTask["callable"], nowMs: number): boolean {
  return nowMs < new Date(callable.changesAt).getTime() ? callable.isCallable : !callable.isCallable;
}
