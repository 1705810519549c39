import { useEffect, useState } from "react";
import { useActions } from "#client/lib/actions.ts";
import { useLiveState } from "#client/lib/live/live.ts";
import { telLink } from "./contact-line.tsx";
import { firstName, isOpenTask } from "./decide-task-state.ts";
import type { RedTask } from "./red-queue-types.ts";
import { GROUP } from "./words.ts";

/** Why the outcome bar is off, in words; null when it is on. */
export function useBlocked(task: RedTask, holder: { name: string } | null, isMine: boolean): string | null {
  const live = useLiveState();
  if (!isOpenTask(task)) return "This task is closed.";
  if (live.kind === "offline") return "Offline: outcomes need the server.";
  if (isMine) return null;
  return holder ? `${firstName(holder.name)} has this task.` : "Claim it first: C.";
}

/** Keys, typing and clicks keep the claim alive while one works on it. */
export function useActivity(isMine: boolean, onActivity: () => void): void {
  useEffect(() => {
    if (!isMine) return;
    const events = ["keydown", "pointerdown"] as const;
    for (const event of events) document.addEventListener(event, onActivity);
    return () => {
      for (const event of events) document.removeEventListener(event, onActivity);
    };
  }, [isMine, onActivity]);
}

/** Outside calling hours a call asks once per lead. */
export function useAfterHours(task: RedTask, isCallable: boolean) {
  const [asked, setAsked] = useState<{ taskId: string; isOpen: boolean } | null>(null);
  const mayCall = isCallable || (asked?.taskId === task.id && !asked.isOpen);
  return {
    isAsking: asked?.taskId === task.id && asked.isOpen,
    /** True when the call may be placed now; otherwise the question opens. */
    ask: () => {
      if (!mayCall) setAsked({ taskId: task.id, isOpen: true });
      return mayCall;
    },
    go: () => {
      setAsked({ taskId: task.id, isOpen: false });
      if (task.lead.phone) window.location.assign(telLink(task.lead.phone));
    },
    close: () => setAsked(null),
  };
}

/** Claim, go on, release, call: the keys of the open task besides its outcomes. */
export function usePanelActions(
  {
    task,
    onClaim,
    onRelease,
    onNext,
  }: { task: RedTask; onClaim: () => void; onRelease: () => void; onNext: () => void },
  { isMine, isHeld, onCall }: { isMine: boolean; isHeld: boolean; onCall: () => boolean },
) {
  const isOpen = isOpenTask(task);
  const { phone } = task.lead;
  return useActions([
    {
      id: "task.claim",
      label: "Claim",
      keys: ["c"],
      scope: "panel",
      group: GROUP,
      enabled: isOpen && !isMine && !isHeld,
      reason: isMine ? "You have it." : isHeld ? "Somebody else has it." : "This task is closed.",
      run: onClaim,
    },
    {
      id: "task.next",
      label: "Next task",
      keys: ["enter"],
      scope: "panel",
      group: GROUP,
      enabled: !isMine,
      reason: "Log an outcome or release it first.",
      run: onNext,
    },
    {
      id: "task.release",
      label: "Release",
      keys: ["w"],
      scope: "panel",
      group: GROUP,
      enabled: isMine,
      reason: "You do not have it.",
      run: onRelease,
    },
    {
      id: "task.call",
      label: "Call",
      keys: ["p"],
      scope: "panel",
      group: GROUP,
      synonyms: ["phone", "dial"],
      enabled: phone !== null,
      reason: "No phone number is known.",
      run: () => {
        if (phone && onCall()) window.location.assign(telLink(phone));
      },
    },
  ]);
}
