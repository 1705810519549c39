import { useCallback, useState } from "react";

type Held<Row> = { key: string; rows: readonly Row[]; removed: ReadonlySet<string> };

/**
 * Rows that do not move under the cursor: their order is the one first shown, their cells follow what is read since.
 * What others settled stays in its place, dimmed; newcomers wait until `show`. Another `key` (tab, filter, page) or an
 * emptied list begins again.
 */
export function useStableRows<Row extends { id: string }>(fresh: readonly Row[] | undefined, key: string) {
  const [held, setHeld] = useState<Held<Row>>({ key: "", rows: [], removed: new Set() });
  let current = held;
  const begins = fresh !== undefined && (held.key !== key || (held.rows.length === 0 && fresh.length > 0));
  if (begins) {
    const rows = held.key === key ? fresh.filter((row) => !held.removed.has(row.id)) : fresh;
    if (held.key !== key || rows.length > 0) {
      current = { key, rows, removed: held.key === key ? held.removed : new Set() };
      setHeld(current);
    }
  }
  const isSame = current.key === key;
  const byId = new Map(fresh?.map((row) => [row.id, row]));
  const rows = isSame ? current.rows.map((row) => byId.get(row.id) ?? row) : [];
  const shown = new Set(rows.map((row) => row.id));
  const newcomers = isSame
    ? (fresh ?? []).filter((row) => !shown.has(row.id) && !current.removed.has(row.id))
    : [];

  /** A row that this person has just settled leaves at once. */
  const remove = useCallback((id: string) => {
    setHeld((before) => ({
      ...before,
      rows: before.rows.filter((row) => row.id !== id),
      removed: new Set([...before.removed, id]),
    }));
  }, []);
  /** Takes the newest reading as it is. */
  const reset = useCallback(() => setHeld({ key: "", rows: [], removed: new Set() }), []);

  return {
    rows,
    isReady: isSame,
    newCount: newcomers.length,
    isSettled: (row: Row) => fresh !== undefined && isSame && !byId.has(row.id),
    remove,
    reset,
  };
}
