import type { ReactNode } from "react";
import { useActions } from "#client/lib/actions.ts";
import { ActionButton } from "./button.tsx";

/** `1–100 of 312`, Prev and Next with `[` and `]`. A total that is not exact reads `10,000+`. */
export function Pager({
  from,
  count,
  total,
  onPrev,
  onNext,
  group,
  children,
}: {
  /** Position of the first row shown, from 1. */
  from: number;
  count: number;
  total: { value: number; exact: boolean } | null;
  onPrev: (() => void) | null;
  onNext: (() => void) | null;
  group: string;
  children?: ReactNode;
}) {
  const hasPages = onPrev !== null || onNext !== null;
  const [prev, next] = useActions([
    {
      id: "page.prev",
      label: "Previous page",
      keys: ["["],
      scope: "list",
      group,
      hidden: true,
      enabled: onPrev !== null,
      reason: "This is the first page.",
      run: () => onPrev?.(),
    },
    {
      id: "page.next",
      label: "Next page",
      keys: ["]"],
      scope: "list",
      group,
      hidden: true,
      enabled: onNext !== null,
      reason: "This is the last page.",
      run: () => onNext?.(),
    },
  ]);
  const digits = (value: number) => value.toLocaleString("en-US");
  return (
    <footer className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-5 py-1.5 text-xs text-ink-3">
      <span>
        {count > 0 && `${digits(from)}–${digits(from + count - 1)}`}
        {count === 0 && total && "0"}
        {total && ` of ${digits(total.value)}${total.exact ? "" : "+"}`}
      </span>
      {hasPages && (
        <span className="flex gap-1">
          <ActionButton action={prev} size="sm" variant="quiet" aria-label={prev.label}>
            ‹ Prev
          </ActionButton>
          <ActionButton action={next} size="sm" variant="quiet" aria-label={next.label}>
            Next ›
          </ActionButton>
        </span>
      )}
      <span className="ml-auto hidden items-center gap-1.5 lg:flex">{count > 0 && children}</span>
    </footer>
  );
}
