import type { Db } from "#server/db/client.ts";
import type { SliceCounters } from "./compute-page-counts.ts";

export type SliceSums = SliceCounters & { slices: number; slicesDone: number; slicesFailed: number };

const NOTHING: SliceSums = { done: 0, known: 0, failed: 0, slices: 0, slicesDone: 0, slicesFailed: 0 };

/** The figures of runs, added up over their slices: there is no second place where they are kept. */
export async function sumSlices(db: Db, backfillIds: string[]): Promise<{ of(id: string): SliceSums }> {
  if (backfillIds.length === 0) return { of: () => NOTHING };
  const rows = await db.$queryRaw<(SliceSums & { id: string })[]>`
    SELECT "backfillId" AS id, sum(done)::int AS done, sum(known)::int AS known, sum(failed)::int AS failed,
           count(*)::int AS slices, (count(*) FILTER (WHERE state = 'done'))::int AS "slicesDone",
           (count(*) FILTER (WHERE state = 'failed'))::int AS "slicesFailed"
    FROM "BackfillSlice" WHERE "backfillId" = ANY(${backfillIds}::uuid[]) GROUP BY 1`;
  const byId = new Map(rows.map(({ id, ...sums }) => [id, sums]));
  return { of: (id) => byId.get(id) ?? NOTHING };
}
