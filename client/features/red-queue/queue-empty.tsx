import { Link } from "@tanstack/react-router";
import { Button } from "#client/components/ui/button.tsx";
import { EmptyState } from "#client/components/ui/empty-state.tsx";
import { Time } from "#client/components/ui/time.tsx";
import type { QueueView, RedQueuePage } from "./red-queue-types.ts";

/** No rows, for each reason there can be: filtered away, a clear desk, or a first day. */
export function QueueEmpty({
  page,
  view,
  isFiltered,
  onClearFilter,
  slug,
  seesConnections,
}: {
  page: RedQueuePage;
  view: QueueView;
  isFiltered: boolean;
  onClearFilter: () => void;
  slug: string;
  seesConnections: boolean;
}) {
  const { counts, strip } = page;
  if (isFiltered) {
    return (
      <EmptyState
        title="No tasks match this filter."
        action={<Button onClick={onClearFilter}>Clear filter</Button>}
      >
        {countTasks(counts[view])} without it.
      </EmptyState>
    );
  }
  if (!strip.hasHistory) {
    return (
      <EmptyState
        title="No cancellations yet."
        action={
          seesConnections && (
            <Link
              to="/w/$workspace/connections"
              params={{ workspace: slug }}
              className="font-medium text-accent hover:underline"
            >
              Check connections
            </Link>
          )
        }
      >
        They appear here about a minute after a provider reports them.
      </EmptyState>
    );
  }
  switch (view) {
    case "mine":
      return (
        <EmptyState title="You have no task.">
          {counts.unclaimed === 0
            ? "Nothing is unclaimed either."
            : `${countTasks(counts.unclaimed)} wait under Unclaimed.`}
        </EmptyState>
      );
    case "moved":
      return <EmptyState title="No moved meetings to look at." />;
    case "snoozed":
      return <EmptyState title="Nothing is snoozed." />;
    case "done_today":
      return <EmptyState title="Nothing done yet today." />;
    case "unclaimed":
    case "all":
      return (
        <EmptyState title={view === "unclaimed" && counts.all > 0 ? "Nothing is unclaimed." : "Queue clear."}>
          {strip.worked} worked today, {strip.rebooked} re-booked.
          {strip.nextSnoozedAt && (
            <>
              {" "}
              Next snoozed task returns at <Time kind="moment" at={strip.nextSnoozedAt} />.
            </>
          )}
        </EmptyState>
      );
    default:
      return view satisfies never;
  }
}

function countTasks(count: number): string {
  return count === 1 ? "1 task" : `${count.toLocaleString("en-US")} tasks`;
}
