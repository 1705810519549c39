import { compareText, findFirst } from "../sorted-index.ts";
import { refuseArgument } from "./errors.ts";

/** Where a page ended or began, and which way to go on from there. */
type Cursor = { way: "after" | "before"; value: number; id: string };

export type Page<T> = { rows: T[]; next: string | null; previous: string | null };

export type PageRequest<T> = {
  /** Ascending by (sort value, id). */
  rows: readonly T[];
  sortValue: (row: T) => number;
  descending: boolean;
  count: number;
  token: string | undefined;
  /** Bounds on the sort value, both inclusive. */
  from?: number;
  to?: number;
  matches?: (row: T) => boolean;
  /** Counts rows instead of remembering where it stopped: what is added or removed before that shifts the rest. */
  isByOffset?: boolean;
};

/**
 * One page by position in the order, not by offset: a row added or removed between two pages shifts nothing.
 * Cost grows with the rows looked at inside the bounds, not with the size of the bucket.
 */
export function takePage<T extends { id: string }>(request: PageRequest<T>): Page<T> {
  if (request.isByOffset) return takeByOffset(request);
  const { rows, sortValue, matches = () => true } = request;
  const cursor = request.token === undefined ? null : readToken(request.token);
  const low =
    request.from === undefined ? 0 : findFirst(rows.length, (at) => valueAt(at) >= Number(request.from));
  const high =
    request.to === undefined ? rows.length : findFirst(rows.length, (at) => valueAt(at) > Number(request.to));
  const step = request.descending ? -1 : 1;
  const isBackwards = cursor?.way === "before";
  const walk = isBackwards ? -step : step;

  let at = walk === 1 ? low : high - 1;
  if (cursor) {
    const position = findFirst(rows.length, (index) => compareTo(index, cursor) >= 0);
    const isThere = position < rows.length && compareTo(position, cursor) === 0;
    at = walk === 1 ? Math.max(low, isThere ? position + 1 : position) : Math.min(high - 1, position - 1);
  }

  const taken: T[] = [];
  const hasMore = collect(at, walk, request.count, taken);
  if (isBackwards) taken.reverse();
  const first = taken[0];
  const last = taken.at(-1);
  const hasNext = isBackwards ? cursor !== null : hasMore;
  const hasPrevious = isBackwards ? hasMore : cursor !== null;
  return {
    rows: taken,
    next: hasNext && last ? writeToken({ way: "after", value: sortValue(last), id: last.id }) : null,
    previous:
      hasPrevious && first ? writeToken({ way: "before", value: sortValue(first), id: first.id }) : null,
  };

  function valueAt(index: number): number {
    // Callers stay inside the rows.
    return sortValue(rows[index] as T);
  }
  function compareTo(index: number, to: Cursor): number {
    return valueAt(index) - to.value || compareText((rows[index] as T).id, to.id);
  }
  /** Takes up to `count` matching rows and says whether there is one more. */
  function collect(start: number, direction: number, count: number, into: T[]): boolean {
    for (let index = start; index >= low && index < high; index += direction) {
      const row = rows[index];
      if (row === undefined || !matches(row)) continue;
      if (into.length === count) return true;
      into.push(row);
    }
    return false;
  }
}

/** A page by its number of rows from the start; forwards only. */
function takeByOffset<T>({ rows, sortValue, matches = () => true, ...request }: PageRequest<T>): Page<T> {
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = request;
  const offset = request.token === undefined ? 0 : readOffset(request.token);
  const all = rows.filter((row) => sortValue(row) >= from && sortValue(row) <= to && matches(row));
  if (request.descending) all.reverse();
  const end = offset + request.count;
  return { rows: all.slice(offset, end), next: end < all.length ? `offset-${end}` : null, previous: null };
}

function readOffset(token: string): number {
  const offset = /^offset-(\d+)$/.exec(token)?.[1];
  if (offset === undefined) throw refuseArgument([{ parameter: "page_token", message: "is invalid" }]);
  return Number(offset);
}

function writeToken(cursor: Cursor): string {
  return Buffer.from(JSON.stringify([cursor.way, cursor.value, cursor.id])).toString("base64url");
}

function readToken(token: string): Cursor {
  try {
    const [way, value, id] = JSON.parse(Buffer.from(token, "base64url").toString("utf8")) as unknown[];
    if ((way === "after" || way === "before") && typeof value === "number" && typeof id === "string") {
      return { way, value, id };
    }
  } catch {
    // Not one of ours: refused below like any other.
  }
  throw refuseArgument([{ parameter: "page_token", message: "is invalid" }]);
}
