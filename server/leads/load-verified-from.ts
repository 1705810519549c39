import type { Db } from "#server/db/client.ts";
import { startOfUtcDay } from "#server/lib/duration.ts";

/**
 * The first day from which on every active connection has verified each day up to today. What lies before it can be
 * neither proven nor ruled out. Null where a connection has not even verified today, or where there is none.
 */
export async function loadVerifiedFrom(db: Db, workspaceId: string, now: Date): Promise<Date | null> {
  const today = startOfUtcDay(now);
  const [row] = await db.$queryRaw<{ from: Date | null }[]>`
    WITH days AS (
      SELECT c.id, v.day,
             -- Days of one unbroken stretch have this difference in common.
             v.day + row_number() OVER (PARTITION BY c.id ORDER BY v.day DESC)::int AS stretch
      FROM "Connection" c LEFT JOIN "Coverage" v ON v."connectionId" = c.id AND v.day <= ${today}::date
      WHERE c."workspaceId" = ${workspaceId}::uuid AND c.state <> 'off'
    ), firsts AS (
      SELECT id, min(day) FILTER (WHERE stretch = ${today}::date + 1) AS first FROM days GROUP BY id
    )
    SELECT CASE WHEN bool_or(first IS NULL) THEN NULL ELSE max(first) END AS "from" FROM firsts`;
  return row?.from ?? null;
}
