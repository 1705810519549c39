import { useCallback, useState } from "react";

type Held<Row> = {
  key: string;
  rows: readonly Row[];
  /** Rows that this person settled; they keep their place for an undo. `under way`: the server has not answered yet. */
  removed: ReadonlyMap<string, "under way" | "settled">;
};

/**
 * Rows that do not move under the cursor: their order is the one first shown, their cells follow what is read since.
 * What others settled stays in its place, dimmed; newcomers wait until `reset`. Another `key` (tab, filter, page) or an
 * emptied list begins again, without what is still being settled: a reading from before that says nothing new.
 */
export function useStableRows<Row extends { id: string }>(fresh: readonly Row[] | undefined, key: string) {
  const [held, setHeld] = useState<Held<Row>>({ key: "", rows: [], removed: new Map() });
  const left = held.rows.filter((row) => !held.removed.has(row.id));
  let current = held;
  if (fresh !== undefined && (held.key !== key || (left.length === 0 && fresh.length > 0))) {
    const removed =
      held.key === key ? held.removed : new Map([...held.removed].filter(([, how]) => how === "under way"));
    const rows = fresh.filter((row) => !removed.has(row.id));
    if (held.key !== key || rows.length > 0) {
      current = { key, rows, removed };
      setHeld(current);
    }
  }
  const isSame = current.key === key;
  const byId = new Map(fresh?.map((row) => [row.id, row]));
  const rows = isSame
    ? current.rows.filter((row) => !current.removed.has(row.id)).map((row) => byId.get(row.id) ?? row)
    : [];
  const shown = new Set(rows.map((row) => row.id));
  const newcomers = isSame
    ? (fresh ?? []).filter((row) => !shown.has(row.id) && current.removed.get(row.id) !== "under way")
    : [];

  return {
    rows,
    isReady: isSame,
    newCount: newcomers.length,
    isSettled: (row: Row) => fresh !== undefined && isSame && !byId.has(row.id),
    /** A row that this person has just settled leaves at once. */
    remove: useCallback(
      (id: string) =>
        setHeld((before) => ({ ...before, removed: new Map(before.removed).set(id, "under way") })),
      [],
    ),
    /** The server has it: from now on a reading that shows the row is right. */
    settle: useCallback(
      (id: string) =>
        setHeld((before) =>
          before.removed.has(id)
            ? { ...before, removed: new Map(before.removed).set(id, "settled") }
            : before,
        ),
      [],
    ),
    /** Back in its place; where it has none any more, the list begins again. */
    restore: useCallback((id: string) => {
      setHeld((before) =>
        before.rows.some((row) => row.id === id)
          ? { ...before, removed: new Map([...before.removed].filter(([each]) => each !== id)) }
          : { key: "", rows: [], removed: new Map() },
      );
    }, []),
    /** Takes the newest reading as it is. */
    reset: useCallback(() => setHeld({ key: "", rows: [], removed: new Map() }), []),
  };
}
