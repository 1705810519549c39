import { useNowMs } from "#client/lib/clock.ts";
import { findHolder, firstName, isOpenTask } from "./decide-task-state.ts";
import type { RedTask } from "./red-queue-types.ts";

/** Who has the task, and how long the claim still holds: `You have it · 9:12`. */
export function ClaimBadge({ task, myId, isClaiming }: { task: RedTask; myId: string; isClaiming: boolean }) {
  const nowMs = useNowMs(1000);
  if (!isOpenTask(task)) return null;
  const holder = findHolder(task, nowMs);
  if (!holder && !isClaiming) return <Pill>Nobody has it</Pill>;
  if (!holder || holder.id === myId) {
    return (
      <Pill>
        You have it
        {holder && (
          <>
            {" · "}
            <b className="text-ink">{writeCountdown(holder.untilMs - nowMs)}</b>
          </>
        )}
      </Pill>
    );
  }
  return <Pill>{firstName(holder.name)} has it</Pill>;
}

function Pill({ children }: { children: React.ReactNode }) {
  return (
    <span className="inline-flex h-6 flex-none items-center rounded-full border border-rule bg-sheet px-2.5 text-xs whitespace-nowrap text-ink-2">
      <span>{children}</span>
    </span>
  );
}

function writeCountdown(leftMs: number): string {
  const seconds = Math.max(0, Math.floor(leftMs / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
