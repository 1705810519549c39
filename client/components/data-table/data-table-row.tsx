import { clsx } from "clsx";
import { memo, type ReactNode, useLayoutEffect, useRef } from "react";
import { Checkbox } from "#client/components/ui/checkbox.tsx";
import { type DataColumn, HIDE_BELOW } from "./columns.ts";
import { removeFromTabOrder } from "./use-row-focus.ts";

export type RowHandlers = {
  onFocus: (id: string, index: number) => void;
  onOpen: ((id: string) => void) | undefined;
  onToggle: (id: string, isRange: boolean) => void;
};

type DataTableRowProps<Row> = {
  row: Row;
  id: string;
  index: number;
  position: number;
  label: string;
  columns: readonly DataColumn<Row>[];
  handlers: RowHandlers;
  isStop: boolean;
  isActive: boolean;
  isSelected: boolean;
  isSelectable: boolean;
  isDim: boolean;
};

function Row<Row>({
  row,
  id,
  index,
  position,
  label,
  columns,
  handlers,
  isStop,
  isActive,
  isSelected,
  isSelectable,
  isDim,
}: DataTableRowProps<Row>): ReactNode {
  const element = useRef<HTMLTableRowElement>(null);
  useLayoutEffect(() => {
    if (element.current) removeFromTabOrder(element.current);
  });
  return (
    <tr
      ref={element}
      data-row-id={id}
      tabIndex={isStop ? 0 : -1}
      aria-rowindex={position}
      aria-label={label}
      aria-selected={isSelectable ? isSelected : isActive}
      onFocus={() => handlers.onFocus(id, index)}
      onClick={(event) => {
        if ((event.target as Element).closest("a, button, input, label, [role=checkbox]")) return;
        handlers.onOpen?.(id);
      }}
      className={clsx(
        "group/row h-(--row) scroll-mt-10 outline-offset-[-2px]",
        handlers.onOpen && "cursor-default",
        isActive || isSelected ? "bg-accent-soft" : "hover:bg-hover",
        isDim && "text-ink-3",
      )}
    >
      {isSelectable && (
        <td
          className={clsx(
            "w-10 border-b border-rule pr-0 pl-5",
            isActive && "shadow-[inset_3px_0_var(--accent)]",
          )}
        >
          <Checkbox
            checked={isSelected}
            label={`Select ${label}`}
            tabIndex={-1}
            onChange={(_, event) => handlers.onToggle(id, "shiftKey" in event && event.shiftKey === true)}
          />
        </td>
      )}
      {columns.map((column, columnIndex) => (
        <td
          key={column.id}
          className={clsx(
            "data-cell truncate border-b border-rule px-2 align-middle last:pr-4 leading-tight",
            columnIndex === 0 && !isSelectable && "pl-5",
            columnIndex === 0 && !isSelectable && isActive && "shadow-[inset_3px_0_var(--accent)]",
            column.align === "right" && "text-right",
            column.hideBelow && HIDE_BELOW[column.hideBelow],
          )}
        >
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

/** Renders again only when its own row, place or marks change: moving through a list of 100 touches two of them. */
export const DataTableRow = memo(Row) as typeof Row;
