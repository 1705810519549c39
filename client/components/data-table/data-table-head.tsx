import { clsx } from "clsx";
import { ArrowDown, ArrowUp } from "lucide-react";
import { Checkbox } from "#client/components/ui/checkbox.tsx";
import { type DataColumn, HIDE_BELOW, type SortDirection } from "./columns.ts";

export type TableSort = {
  columnId: string;
  direction: SortDirection;
  onChange: (columnId: string, direction: SortDirection) => void;
};

const ARIA_SORT = { asc: "ascending", desc: "descending" } as const;

/** The sticky header: sort buttons on sortable columns, and the box that selects the page. */
export function DataTableHead<Row>({
  columns,
  sort,
  pageSelection,
}: {
  columns: readonly DataColumn<Row>[];
  sort: TableSort | undefined;
  pageSelection: { state: "none" | "some" | "all"; onToggle: () => void } | null;
}) {
  const cell =
    "sticky top-0 z-10 h-8 border-b border-rule bg-paper text-left text-xs font-medium whitespace-nowrap text-ink-3";
  return (
    <thead>
      <tr>
        {pageSelection && (
          <th scope="col" className={clsx(cell, "w-10 pr-0 pl-5")}>
            <Checkbox
              label="Select all rows on this page"
              checked={pageSelection.state === "all"}
              indeterminate={pageSelection.state === "some"}
              onChange={pageSelection.onToggle}
            />
          </th>
        )}
        {columns.map((column, index) => {
          const direction = sort?.columnId === column.id ? sort.direction : null;
          return (
            <th
              key={column.id}
              scope="col"
              style={{ width: column.width }}
              aria-sort={direction ? ARIA_SORT[direction] : undefined}
              className={clsx(
                cell,
                "px-2 last:pr-4",
                index === 0 && !pageSelection && "pl-5",
                column.align === "right" && "text-right",
                column.hideBelow && HIDE_BELOW[column.hideBelow],
              )}
            >
              {sort && column.isSortable ? (
                <button
                  type="button"
                  onClick={() => sort.onChange(column.id, direction === "asc" ? "desc" : "asc")}
                  className={clsx(
                    "-mx-1 inline-flex h-6 items-center gap-1 rounded-sm px-1 hover:bg-hover hover:text-ink",
                    direction && "text-ink",
                  )}
                >
                  {column.header}
                  {direction === "asc" && <ArrowUp aria-hidden="true" className="size-3" />}
                  {direction === "desc" && <ArrowDown aria-hidden="true" className="size-3" />}
                </button>
              ) : (
                column.header
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
