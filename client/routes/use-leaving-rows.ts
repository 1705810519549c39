import type { RefObject } from "react";
import type { DataTableHandle } from "#client/components/data-table/data-table.tsx";
import { useIsHere } from "#client/lib/use-is-here.ts";
import type { useStableRows } from "#client/lib/use-stable-rows.ts";

/**
 * How a list answers to one key that settles its row: the row leaves and the next opens at once, it comes back where
 * the server refuses, and an undo gives it and the person's place back.
 */
export function useLeavingRows<Row extends { id: string }>({
  rows,
  stable,
  table,
  nameOf,
  open,
  openOther,
}: {
  rows: readonly Row[];
  stable: Pick<ReturnType<typeof useStableRows>, "remove" | "settle" | "restore">;
  table: RefObject<DataTableHandle | null>;
  nameOf: (row: Row) => string;
  open: (id: string) => void;
  openOther: (id: string | undefined) => void;
}) {
  const isHere = useIsHere();
  return {
    /** Answers the name of the row that is open now. */
    onLeave: (id: string): string | null => {
      const index = rows.findIndex((row) => row.id === id);
      const next = rows[index + 1] ?? rows[index - 1];
      stable.remove(id);
      openOther(next?.id);
      return next ? nameOf(next) : null;
    },
    onSettled: stable.settle,
    onRefused: stable.restore,
    onReturn: (id: string): void => {
      stable.restore(id);
      // An undo from another screen brings the row back, not the person.
      if (!isHere.current) return;
      open(id);
      // The row is back in the table with the next frame.
      requestAnimationFrame(() => table.current?.focusRow(id));
    },
  };
}
