import { ActionButton, Button } from "#client/components/ui/button.tsx";
import { Kbd } from "#client/components/ui/kbd.tsx";
import type { Action } from "#client/lib/actions.ts";

export type Selection = { kind: "ids"; ids: ReadonlySet<string> } | { kind: "all" };

/** What is selected, and the way from the page to everything that matches. */
export function SelectionStrip({
  selection,
  onPage,
  pageSize,
  total,
  selectAll,
  preview,
  onClear,
}: {
  selection: Selection;
  onPage: number;
  pageSize: number;
  total: { value: number; exact: boolean } | null;
  selectAll: Action;
  preview: Action;
  onClear: () => void;
}) {
  const count = selection.kind === "all" ? null : selection.ids.size;
  if (count === 0) return null;
  const all = total ? `${total.value.toLocaleString("en-US")}${total.exact ? "" : "+"}` : "all";
  const isWholePage = count !== null && count === onPage && onPage === pageSize;
  const canGrow = selection.kind === "ids" && (total === null || (count ?? 0) < total.value);
  return (
    <div
      data-action-scope="list"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-rule bg-accent-soft px-5 py-1.5"
    >
      <span role="status">
        {count === null
          ? `All ${all} that match these filters are selected.`
          : isWholePage
            ? `All ${count} rows on this page are selected.`
            : `${count.toLocaleString("en-US")} selected, ${onPage} on this page.`}
      </span>
      {canGrow && (
        <button
          type="button"
          onClick={selectAll.run}
          className="inline-flex min-h-6 items-center gap-2 rounded-sm font-medium text-accent hover:underline"
        >
          Select all {all} that match these filters <Kbd keys="mod+shift+a" className="max-sm:hidden" />
        </button>
      )}
      <span className="ml-auto flex gap-1.5">
        <ActionButton action={preview} size="sm" variant="primary" />
        <Button size="sm" variant="quiet" onClick={onClear}>
          Clear
        </Button>
      </span>
    </div>
  );
}
