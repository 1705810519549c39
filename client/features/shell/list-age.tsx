import { Time } from "#client/components/ui/time.tsx";
import { showWaiting } from "#client/lib/live/live.ts";
import { NewRowsPill } from "./new-rows-pill.tsx";

/** How old a list is, at the right of its bar, and the newcomers that wait until somebody asks for them. */
export function ListAge({
  asOf,
  newCount,
  group,
  onReset,
}: {
  asOf: string | undefined;
  newCount: number;
  group: string;
  /** Takes the newest reading as it is. */
  onReset: () => void;
}) {
  return (
    <span className="ml-auto flex items-center gap-3 text-xs text-ink-3">
      <NewRowsPill
        count={newCount}
        group={group}
        onShow={() => {
          showWaiting();
          onReset();
        }}
      />
      {asOf && (
        <span className="max-sm:hidden">
          as of <Time kind="moment" at={asOf} seconds />
        </span>
      )}
    </span>
  );
}
