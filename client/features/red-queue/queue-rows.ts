import type { RedTask } from "./red-queue-types.ts";

/**
 * Rows that stay where they are while the queue moves on beneath: known ones are patched in place, those that left the
 * tab stay until the next look, newcomers wait.
 */
export function mergeRows(
  shown: readonly RedTask[],
  fresh: readonly RedTask[],
  left: ReadonlyMap<string, RedTask>,
): { rows: RedTask[]; newIds: string[]; goneIds: string[] } {
  const freshById = new Map(fresh.map((row) => [row.id, row]));
  const shownIds = new Set(shown.map(({ id }) => id));
  return {
    rows: shown.map((row) => newest(row, freshById.get(row.id) ?? left.get(row.id))),
    newIds: fresh.filter(({ id }) => !shownIds.has(id)).map(({ id }) => id),
    goneIds: shown.filter(({ id }) => !freshById.has(id)).map(({ id }) => id),
  };
}

/** Without what an outcome took away after these rows were read: an older answer, or another list's, brings nothing back. */
export function dropOvertaken(
  rows: readonly RedTask[],
  overtaken: ReadonlyMap<string, number>,
): readonly RedTask[] {
  const isCurrent = ({ id, version }: RedTask) => version >= (overtaken.get(id) ?? 0);
  return rows.every(isCurrent) ? rows : rows.filter(isCurrent);
}

/** The same object while nothing changed, so that the row does not render again. */
function newest(row: RedTask, patch: RedTask | undefined): RedTask {
  if (!patch || patch.version < row.version) return row;
  return JSON.stringify(patch) === JSON.stringify(row) ? row : patch;
}

/** The row that work goes on with after `id` left: the next one that nobody holds, else the nearest before it. */
export function findNextRow(
  rows: readonly RedTask[],
  id: string,
  isWorkable: (row: RedTask) => boolean,
): RedTask | null {
  const index = rows.findIndex((row) => row.id === id);
  const after = rows.slice(index + 1).find(isWorkable);
  return after ?? rows.slice(0, Math.max(0, index)).findLast(isWorkable) ?? null;
}
