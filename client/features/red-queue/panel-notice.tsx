import type { ReactNode } from "react";
import { StateMark } from "#client/components/ui/state-mark.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { useNowMs } from "#client/lib/clock.ts";
import { findHolder, firstName, isOpenTask } from "./decide-task-state.ts";
import type { RedTask } from "./red-queue-types.ts";
import type { ClaimNote } from "./use-claims.ts";
import { CLOSED_REASONS, describeConflict } from "./words.ts";

/** What stands in the way of working on this task, or what became of it; nothing while it is plainly workable. */
export function PanelNotice({
  task,
  note,
  myId,
  claimButton,
  nextButton,
}: {
  task: RedTask;
  note: ClaimNote | null;
  myId: string;
  claimButton: ReactNode;
  nextButton: ReactNode;
}) {
  const nowMs = useNowMs(1000);
  if (!isOpenTask(task)) {
    const reason = CLOSED_REASONS[task.closedReason ?? ""] ?? CLOSED_REASONS.closed;
    return (
      <Notice action={nextButton}>
        <StateMark shape={reason.shape} tone={reason.tone}>
          {reason.label}
        </StateMark>{" "}
        {task.closedAt && <Time kind="age" at={task.closedAt} className="text-ink-3" />}
      </Notice>
    );
  }
  if (note?.taskId === task.id && note.kind === "lost") {
    return (
      <Notice action={nextButton}>
        {describeConflict(note.conflict.what, note.conflict.who?.name ?? null)}{" "}
        <Time kind="age" at={note.conflict.when} className="text-ink-3" />
      </Notice>
    );
  }
  if (note?.taskId === task.id && note.kind === "failed") {
    return <Notice action={claimButton}>Not claimed. {note.message}</Notice>;
  }
  const holder = findHolder(task, nowMs);
  if (holder && holder.id !== myId) {
    return <Notice action={nextButton}>{firstName(holder.name)} has this task. You can read it.</Notice>;
  }
  if (!holder && task.owner?.id === myId && task.leaseUntil) {
    return <Notice action={claimButton}>Released {task.lead.name}: no activity for 10 min.</Notice>;
  }
  return null;
}

function Notice({ children, action }: { children: ReactNode; action: ReactNode }) {
  return (
    <div
      role="status"
      className="-mx-5.5 flex items-center justify-between gap-3 border-b border-rule bg-well px-5.5 py-2.5"
    >
      <p className="min-w-0">{children}</p>
      {action}
    </div>
  );
}
