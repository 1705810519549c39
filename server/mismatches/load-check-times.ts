import type { Db, Tx } from "#server/db/client.ts";
import { addDays, startOfUtcDay } from "#server/lib/duration.ts";

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
  const workspace = await db.workspace.findUniqueOrThrow({
    where: { id: workspaceId },
    select: { lookbackDays: true, lookaheadDays: true, bulkEvidenceMinutes: true },
  });
  const today = startOfUtcDay(now);
  const [row] = await db.$queryRaw<{ anyAt: Date | null; fullAt: Date | null }[]>`
    SELECT CASE WHEN count(*) = 0 OR bool_or(v.day IS NULL) THEN NULL ELSE min(v."verifiedAt") END AS "anyAt",
           CASE WHEN count(*) = 0 OR bool_or(v.day IS NULL OR NOT v."fullScope") THEN NULL
                ELSE min(v."verifiedAt") END AS "fullAt"
    FROM "Connection" c
    CROSS JOIN generate_series(${addDays(today, -workspace.lookbackDays)}::timestamptz,
                               ${addDays(today, workspace.lookaheadDays)}::timestamptz, interval '1 day') AS d
    LEFT JOIN "Coverage" v ON v."connectionId" = c.id AND v.day = d::date
    WHERE c."workspaceId" = ${workspaceId}::uuid AND c.state <> 'off'`;
  return {
    anyAt: row?.anyAt ?? null,
    fullAt: row?.fullAt ?? null,
    freshSince: new Date(now.getTime() - workspace.bulkEvidenceMinutes * 60_000),
  };
}
