import { clsx } from "clsx";
import { useDelayed } from "#client/lib/use-delayed.ts";
import { Button } from "./button.tsx";

const WIDTHS = ["w-3/5", "w-2/5", "w-1/2", "w-1/3"];

/** Table rows of the exact final height while a list loads: empty for 300 ms, grey bars after, a sentence after 5 s. */
export function SkeletonRows({
  columns,
  rowCount = 12,
  onRetry,
}: {
  /** One per column of the table: the class under which it gives way, as in the head above. */
  columns: readonly (string | undefined)[];
  rowCount?: number;
  onRetry?: (() => void) | undefined;
}) {
  const isVisible = useDelayed(300);
  const isSlow = useDelayed(5000);
  return (
    <tbody>
      {isSlow && (
        // In the place of a row: what waits below must not move.
        <tr className="h-(--row)">
          <td colSpan={columns.length} className="border-b border-rule px-5 text-ink-2">
            <span role="status">Still loading.</span>{" "}
            {onRetry && (
              <Button size="sm" onClick={onRetry} className="ml-2">
                Retry
              </Button>
            )}
          </td>
        </tr>
      )}
      {Array.from({ length: isSlow ? rowCount - 1 : rowCount }, (_, row) => (
        // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a placeholder row takes no focus
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no other identity
        <tr key={row} aria-hidden="true" className="h-(--row) border-b border-rule">
          {columns.map((hiding, column) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no other identity
            <td key={column} className={clsx("px-2 first:pl-5", hiding)}>
              {isVisible && (
                <span
                  className={clsx("block h-2.5 rounded-sm bg-hover", WIDTHS[(row + column) % WIDTHS.length])}
                />
              )}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}

/** The same patience for a panel or a page: lines of text to come. */
export function SkeletonText({ lines = 4 }: { lines?: number }) {
  const isVisible = useDelayed(300);
  return (
    <div aria-hidden="true" className={clsx("grid gap-3", !isVisible && "invisible")}>
      {Array.from({ length: lines }, (_, line) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no other identity
          key={line}
          className={clsx("block h-3 rounded-sm bg-hover", WIDTHS[line % WIDTHS.length])}
        />
      ))}
    </div>
  );
}
