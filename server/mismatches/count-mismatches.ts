import type { Db } from "#server/db/client.ts";
import type { MismatchCause } from "#server/db/generated/enums.ts";
import {
  type FilterContext,
  filterCondition,
  type MismatchFilter,
  type MismatchTab,
  tabCondition,
} from "./mismatch-filter.ts";

export type TabCounts = Record<MismatchTab, number>;

const NOTHING: TabCounts = { "1": 0, "2": 0, "3": 0, "4": 0, "5": 0, unknown: 0, needs_info: 0 };

/** How many rows each tab has, unknown ones included: what nobody has checked is counted as such (R22). */
export async function countTabs(db: Db, context: FilterContext): Promise<TabCounts> {
  const [row] = await db.$queryRaw<TabCounts[]>`
    SELECT
      (SELECT count(*)::int FROM "Lead" l WHERE ${tabCondition("1", context)}) AS "1",
      (SELECT count(*)::int FROM "Lead" l WHERE ${tabCondition("2", context)}) AS "2",
      (SELECT count(*)::int FROM "Lead" l WHERE ${tabCondition("3", context)}) AS "3",
      (SELECT count(*)::int FROM "Lead" l WHERE ${tabCondition("4", context)}) AS "4",
      (SELECT count(*)::int FROM "Lead" l WHERE ${tabCondition("5", context)}) AS "5",
      (SELECT count(*)::int FROM "Lead" l WHERE ${tabCondition("unknown", context)}) AS "unknown",
      (SELECT count(*)::int FROM "Lead" l WHERE ${tabCondition("needs_info", context)}) AS "needs_info"`;
  return row ?? NOTHING;
}

/** Rows per cause under the other filters: what choosing another cause would show. */
export async function countCauses(
  db: Db,
  filter: MismatchFilter,
  context: FilterContext,
): Promise<{ cause: MismatchCause | null; count: number }[]> {
  return db.$queryRaw<{ cause: MismatchCause | null; count: number }[]>`
    SELECT l."mismatchCause" AS cause, count(*)::int AS count FROM "Lead" l
    WHERE ${filterCondition(filter, context, "cause")}
    GROUP BY 1 ORDER BY count DESC, cause`;
}
