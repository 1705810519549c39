/**
 * Buckets of rows kept in the order of (sort value, id). A bucket is sorted again on its first read after a
 * change, so that thousands of rows can be added without sorting thousands of times.
 */
export class SortedIndex<T extends { id: string }> {
  readonly #buckets = new Map<string, { rows: T[]; members: Set<string>; isSorted: boolean }>();
  readonly #sortValue: (row: T) => number;

  constructor(sortValue: (row: T) => number) {
    this.#sortValue = sortValue;
  }

  add(key: string, row: T): void {
    const bucket = this.#buckets.get(key) ?? { rows: [], members: new Set<string>(), isSorted: true };
    this.#buckets.set(key, bucket);
    // A person who books one group meeting twice is listed once.
    if (bucket.members.has(row.id)) return;
    bucket.members.add(row.id);
    bucket.rows.push(row);
    bucket.isSorted = false;
  }

  remove(key: string, row: T): void {
    const bucket = this.#buckets.get(key);
    if (!bucket?.members.delete(row.id)) return;
    bucket.rows = bucket.rows.filter((other) => other.id !== row.id);
  }

  /** Says that the sort value of a row in this bucket has changed. */
  touch(key: string): void {
    const bucket = this.#buckets.get(key);
    if (bucket) bucket.isSorted = false;
  }

  rows(key: string): readonly T[] {
    const bucket = this.#buckets.get(key);
    if (!bucket) return [];
    if (!bucket.isSorted) {
      bucket.rows.sort((a, b) => this.#sortValue(a) - this.#sortValue(b) || compareText(a.id, b.id));
      bucket.isSorted = true;
    }
    return bucket.rows;
  }

  /** Position of the first row of the bucket whose sort value is at least `value`. */
  lowerBound(key: string, value: number): number {
    const rows = this.rows(key);
    return findFirst(rows.length, (at) => this.#sortValue(rows[at] as T) >= value);
  }
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Binary search: the first position in 0…length where `holds` is true, given that it stays true from there on. */
export function findFirst(length: number, holds: (at: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
