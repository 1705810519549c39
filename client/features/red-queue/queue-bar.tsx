import { useNowMs } from "#client/lib/clock.ts";
import { formatClock, formatSpan } from "#client/lib/time-text.ts";
import type { RedQueuePage, RedTask } from "./red-queue-types.ts";

/** Why the first row is first: "Next: Dana Ruiz, overdue 42 min, and it is 11:14 AM there." */
export function NextReason({
  task,
  because,
  workspaceZone,
}: {
  task: RedTask;
  because: NonNullable<RedQueuePage["nextReason"]>["because"];
  workspaceZone: string;
}) {
  const nowMs = useNowMs(60_000);
  const lateMs = nowMs - new Date(task.dueAt).getTime();
  const clock = formatClock(nowMs, task.lead.timezone ?? workspaceZone);
  const there = task.lead.timezone
    ? `it is ${clock} there`
    : `it is ${clock} here; their time zone is unknown`;
  return (
    <p className="min-w-0 truncate max-md:hidden">
      Next: <b className="text-ink">{task.lead.name}</b>
      {because === "overdue" && lateMs > 0 && `, overdue ${formatSpan(lateMs)}, and ${there}.`}
      {because === "overdue" && lateMs <= 0 && `, and ${there}.`}
      {because === "callable" && `: can be called now, ${there}.`}
      {because === "newest" && `: lost last, ${there}.`}
    </p>
  );
}

/** One's own day: `31 worked · 12 re-booked · oldest unclaimed 3 h 12 min`. */
export function DayStrip({ strip }: { strip: RedQueuePage["strip"] }) {
  const nowMs = useNowMs(60_000);
  const { worked, rebooked, oldestUnclaimedAt } = strip;
  const waitedMs = oldestUnclaimedAt ? nowMs - new Date(oldestUnclaimedAt).getTime() : null;
  return (
    <p className="ml-auto flex-none whitespace-nowrap text-ink-3 max-lg:hidden">
      <span className="sr-only">Today: </span>
      {worked} worked · {rebooked} re-booked
      {waitedMs !== null && ` · oldest unclaimed ${formatSpan(waitedMs)}`}
    </p>
  );
}
