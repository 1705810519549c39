import { clsx } from "clsx";
import { type ReactNode, type Ref, useImperativeHandle, useMemo } from "react";
import { SkeletonRows } from "#client/components/ui/skeleton-rows.tsx";
import { type DataColumn, HIDE_BELOW } from "./columns.ts";
import { DataTableHead, type TableSort } from "./data-table-head.tsx";
import { DataTableRow, type RowHandlers } from "./data-table-row.tsx";
import { useRowActions } from "./use-row-actions.ts";
import { useRowFocus } from "./use-row-focus.ts";
import { type RowSelection, useRowSelection } from "./use-row-selection.ts";

export type DataTableHandle = {
  /** Focuses a row, or the table's tab stop; used when a panel gives focus back. */
  focusRow: (id?: string) => void;
};

export type DataTableProps<Row> = {
  /** Names the grid: "Red tasks". */
  label: string;
  /** Heading of its keys in the key sheet: the screen's name. */
  group: string;
  columns: readonly DataColumn<Row>[];
  rows: readonly Row[];
  rowId: (row: Row) => string;
  /** What a reader hears for the whole row: lead, state, what happened. */
  rowLabel: (row: Row) => string;
  /** Rows that match in all; null when unknown. */
  total?: number | null;
  /** Position of the first row among all that match, from 1. */
  from?: number;
  /** The row open in the panel. */
  activeId?: string | null;
  onOpen?: (id: string) => void;
  onPeek?: (id: string) => void;
  /** A key moved focus to this row; an open panel may follow. */
  onMove?: (id: string) => void;
  /** What Enter does, in words, for the key sheet: "Work on task". */
  openLabel?: string;
  selection?: RowSelection;
  sort?: TableSort;
  isDim?: (row: Row) => boolean;
  isLoading?: boolean;
  onRetry?: () => void;
  /** Shown in place of rows: an `<ErrorState>`. */
  error?: ReactNode;
  /** Shown when there are no rows: an `<EmptyState>`, whose heading takes focus when the last row leaves. */
  empty: ReactNode;
  /** One-line rows: 40 px instead of 48. */
  isSingleLine?: boolean;
  handle?: Ref<DataTableHandle>;
};

const NOTHING_SELECTED: ReadonlySet<string> = new Set();

/**
 * A page of rows with the keys of the ARIA grid pattern: one tab stop, arrows or J/K, Home/End, PgUp/PgDn, Right into
 * the row's controls, Enter opens, Space peeks, X selects, Shift extends. Sorting, paging and selection belong to the caller.
 */
export function DataTable<Row>(props: DataTableProps<Row>): ReactNode {
  const { columns, rows, rowId, rowLabel, selection, activeId = null, total = null, from = 1 } = props;
  const ids = useMemo(() => rows.map(rowId), [rows, rowId]);
  const focus = useRowFocus({ ids, activeId, onMove: props.onMove });
  const select = useRowSelection(ids, selection);
  const selected = selection?.ids ?? NOTHING_SELECTED;
  useRowActions({ ...props, ids, focus, select, selectedCount: selected.size });
  useImperativeHandle(
    props.handle,
    () => ({
      focusRow: (id) => {
        const target = id ?? focus.stopId;
        if (target !== null) focus.focusRow(target);
      },
    }),
    [focus.stopId, focus.focusRow],
  );
  const { onOpen } = props;
  const handlers = useMemo<RowHandlers>(
    () => ({ onFocus: focus.handleFocus, onOpen, onToggle: select.toggle }),
    [focus.handleFocus, onOpen, select.toggle],
  );

  const isEmpty = !props.isLoading && !props.error && rows.length === 0;
  const hasRows = !props.error && rows.length > 0;
  return (
    <div
      ref={focus.container}
      data-action-scope="list"
      className={clsx(
        "@container h-full min-h-0 overflow-auto scroll-pt-8",
        props.isSingleLine && "[--row:var(--row-single)]",
      )}
    >
      {(hasRows || props.isLoading) && !props.error && (
        <table
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table moved through by arrow keys is a grid
          role="grid"
          aria-label={props.label}
          aria-rowcount={total ?? -1}
          aria-multiselectable={selection ? true : undefined}
          aria-busy={props.isLoading || undefined}
          onKeyDown={focus.handleKeyDown}
          className="w-full table-fixed border-separate border-spacing-0"
        >
          <DataTableHead
            columns={columns}
            sort={props.sort}
            pageSelection={selection ? { state: select.state, onToggle: select.togglePage } : null}
          />
          {hasRows ? (
            <tbody>
              {rows.map((row, index) => {
                const id = ids[index] ?? rowId(row);
                return (
                  <DataTableRow
                    key={id}
                    row={row}
                    id={id}
                    index={index}
                    position={from + index}
                    label={rowLabel(row)}
                    columns={columns}
                    handlers={handlers}
                    isStop={id === focus.stopId}
                    isActive={id === activeId}
                    isSelected={selected.has(id)}
                    isSelectable={selection !== undefined}
                    isDim={props.isDim?.(row) ?? false}
                  />
                );
              })}
            </tbody>
          ) : (
            <SkeletonRows
              columns={[
                ...(selection ? [undefined] : []),
                ...columns.map(({ hideBelow }) => hideBelow && HIDE_BELOW[hideBelow]),
              ]}
              onRetry={props.onRetry}
            />
          )}
        </table>
      )}
      {props.error}
      {isEmpty && props.empty}
    </div>
  );
}
