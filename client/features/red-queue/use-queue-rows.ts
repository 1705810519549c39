import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { trpc } from "#client/lib/trpc.ts";
import { dropOvertaken, mergeRows } from "./queue-rows.ts";
import type { RedQueuePage, RedTask } from "./red-queue-types.ts";

type Shown = { key: string; rows: readonly RedTask[]; hidden: ReadonlySet<string> };
/** Tasks that an outcome took away, with the version it gave them; infinite while the server has not answered. */
type Overtaken = ReadonlyMap<string, number>;

const NONE: ReadonlySet<string> = new Set();
const NO_ROWS: readonly RedTask[] = [];

/**
 * The rows on screen. Answers for the same list (`key`) patch them in place; newcomers wait until they are asked for,
 * or come in by themselves while nobody is working in the list. A row that an outcome took away keeps its place, so
 * that undo finds it there.
 */
export function useQueueRows({
  slug,
  page,
  key,
  isEngaged,
}: {
  slug: string;
  /** The newest answer, and which list it answers; undefined while there is none. */
  page: RedQueuePage | undefined;
  key: string;
  isEngaged: () => boolean;
}) {
  const [shown, setShown] = useState<Shown | null>(null);
  const [overtaken, setOvertaken] = useState<Overtaken>(new Map());
  const fresh = useMemo(() => dropOvertaken(page?.rows ?? NO_ROWS, overtaken), [page, overtaken]);
  if (page && shown?.key !== key) setShown({ key, rows: fresh, hidden: NONE });

  const current = shown?.rows ?? NO_ROWS;
  const goneIds = useMemo(() => mergeRows(current, fresh, new Map()).goneIds.toSorted(), [current, fresh]);
  const left = useQuery({
    ...trpc.redQueue.rows.queryOptions({ workspace: slug, ids: goneIds }),
    enabled: goneIds.length > 0,
    placeholderData: (before) => before,
  });
  const hidden = shown?.hidden ?? NONE;
  const merged = useMemo(() => {
    const leftById = new Map((left.data ?? []).map((row) => [row.id, row]));
    return mergeRows(current, fresh, leftById);
  }, [current, fresh, left.data]);
  const rows = useMemo(
    () =>
      dropOvertaken(
        merged.rows.filter(({ id }) => !hidden.has(id)),
        overtaken,
      ),
    [merged.rows, hidden, overtaken],
  );

  const hasPage = page !== undefined;
  const showNew = useCallback(() => {
    if (hasPage) setShown({ key, rows: fresh, hidden: NONE });
  }, [hasPage, fresh, key]);

  const hasMoved = merged.newIds.length > 0 || merged.goneIds.some((id) => !hidden.has(id));
  useEffect(() => {
    // An empty list has nothing that could move under the cursor.
    if (hasMoved && (rows.length === 0 || !isEngaged())) showNew();
  }, [hasMoved, rows.length, isEngaged, showNew]);

  const settle = useCallback(
    (task: { id: string }, version: number) =>
      setOvertaken((before) => (before.has(task.id) ? new Map(before).set(task.id, version) : before)),
    [],
  );
  const hide = useCallback((id: string) => {
    setShown((now) => now && { ...now, hidden: new Set([...now.hidden, id]) });
    setOvertaken((before) => new Map(before).set(id, Number.POSITIVE_INFINITY));
  }, []);
  const restore = useCallback((id: string) => {
    setShown((now) => now && { ...now, hidden: new Set([...now.hidden].filter((each) => each !== id)) });
    setOvertaken((before) => new Map([...before].filter(([each]) => each !== id)));
  }, []);
  return { rows, newCount: merged.newIds.length, goneIds: new Set(goneIds), showNew, hide, settle, restore };
}
