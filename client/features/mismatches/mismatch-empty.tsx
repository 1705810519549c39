import { Button } from "#client/components/ui/button.tsx";
import { EmptyState } from "#client/components/ui/empty-state.tsx";
import { Time } from "#client/components/ui/time.tsx";
import type { ListTab } from "./tabs.ts";
import { countOf } from "./words.ts";

/** Nothing to show, and why: nothing is wrong, or the filters hide it. */
export function MismatchEmpty({
  tab,
  isFiltered,
  total,
  lastCheckAt,
  onClear,
}: {
  tab: ListTab;
  isFiltered: boolean;
  /** Rows of the tab without filters. */
  total: number | null;
  lastCheckAt: string | null;
  onClear: () => void;
}) {
  if (isFiltered) {
    return (
      <EmptyState
        title="No mismatches match these filters."
        action={<Button onClick={onClear}>Clear filters</Button>}
      >
        {total !== null && `${countOf(total, "mismatch", "mismatches")} without them.`}
      </EmptyState>
    );
  }
  return (
    <EmptyState title={TITLES[tab]}>
      {lastCheckAt ? (
        <>
          All calendars were last checked <Time kind="age" at={lastCheckAt} />.
        </>
      ) : (
        "The calendars have not been checked completely yet; until then, claims are unknown."
      )}
    </EmptyState>
  );
}

const TITLES: Record<ListTab, string> = {
  "1": "No open mismatches here.",
  "2": "No open mismatches here.",
  "3": "No open mismatches here.",
  "4": "No meeting has vanished.",
  "5": "Somebody said of every meeting who came.",
  unknown: "Every claim has been checked.",
  needs_info: "Nothing waits for info.",
};
