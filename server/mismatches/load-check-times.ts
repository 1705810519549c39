import type { Db, Tx } from "#server/db/client.ts";
import { startOfUtcDay } from "#server/lib/duration.ts";
import { notFound } from "#server/lib/errors.ts";

export type CheckTimes = {
  /** When the whole window was last verified through every active connection, whatever their tokens see. */
  anyAt: Date | null;
  /** The same, counting full-scope checks only: what can prove that there is no meeting (R22). */
  fullAt: Date | null;
  /** Evidence verified before this is too old to accept without looking. */
  freshSince: Date;
};

/** What a lead's "checked" is made of beside its own lookup (R30): one reading serves every row of a page. */
export async function loadCheckTimes(db: Db | Tx, workspaceId: string, now: Date): Promise<CheckTimes> {
  const [row] = await db.$queryRaw<{ anyAt: Date | null; fullAt: Date | null; minutes: number }[]>`
    SELECT w."bulkEvidenceMinutes" AS minutes,
           CASE WHEN count(c.id) = 0 OR bool_or(v.day IS NULL) THEN NULL ELSE min(v."verifiedAt") END AS "anyAt",
           CASE WHEN count(c.id) = 0 OR bool_or(v.day IS NULL OR NOT v."fullScope") THEN NULL
                ELSE min(v."verifiedAt") END AS "fullAt"
    FROM "Workspace" w
    LEFT JOIN "Connection" c ON c."workspaceId" = w.id AND c.state <> 'off'
    LEFT JOIN LATERAL generate_series(${startOfUtcDay(now)}::timestamptz - w."lookbackDays" * interval '1 day',
                                      ${startOfUtcDay(now)}::timestamptz + w."lookaheadDays" * interval '1 day',
                                      interval '1 day') AS d ON c.id IS NOT NULL
    LEFT JOIN "Coverage" v ON v."connectionId" = c.id AND v.day = d::date
    WHERE w.id = ${workspaceId}::uuid GROUP BY w.id`;
  if (!row) throw notFound("Workspace");
  return {
    anyAt: row.anyAt,
    fullAt: row.fullAt,
    freshSince: new Date(now.getTime() - row.minutes * 60_000),
  };
}
