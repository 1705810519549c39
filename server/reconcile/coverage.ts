import type { Tx } from "#server/db/client.ts";
import { addDays, startOfUtcDay } from "#server/lib/duration.ts";
import type { Window } from "./window.ts";

/** Marks every day of the window as completely verified at `verifiedAt`; an earlier mark never replaces a later one. */
export async function markCoverage(
  tx: Tx,
  connection: { id: string; fullScope: boolean },
  { from, to }: Window,
  verifiedAt: Date,
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO "Coverage" AS c ("connectionId", day, "verifiedAt", "fullScope")
    SELECT ${connection.id}::uuid, d::date, ${verifiedAt}::timestamptz, ${connection.fullScope}
    FROM generate_series(${from}::timestamptz, ${addDays(to, -1)}::timestamptz, interval '1 day') AS d
    ON CONFLICT ("connectionId", day) DO UPDATE SET
      "verifiedAt" = excluded."verifiedAt", "fullScope" = excluded."fullScope"
    WHERE excluded."verifiedAt" > c."verifiedAt"`;
}

/**
 * R22: since when every active connection of the workspace (or these of them) has verified its whole window with full
 * scope; null while one of them has not, or while there is none. A claim made before that moment is checked.
 */
export async function findVerifiedSince(
  tx: Tx,
  workspaceId: string,
  now: Date,
  connectionIds: string[] | null = null,
): Promise<Date | null> {
  const workspace = await tx.workspace.findUniqueOrThrow({
    where: { id: workspaceId },
    select: { lookbackDays: true, lookaheadDays: true },
  });
  const today = startOfUtcDay(now);
  const [row] = await tx.$queryRaw<{ since: Date | null }[]>`
    SELECT CASE WHEN count(*) = 0 OR bool_or(v."verifiedAt" IS NULL OR NOT v."fullScope") THEN NULL
                ELSE min(v."verifiedAt") END AS since
    FROM "Connection" c
    CROSS JOIN generate_series(${addDays(today, -workspace.lookbackDays)}::timestamptz,
                               ${addDays(today, workspace.lookaheadDays)}::timestamptz, interval '1 day') AS d
    LEFT JOIN "Coverage" v ON v."connectionId" = c.id AND v.day = d::date
    WHERE c."workspaceId" = ${workspaceId}::uuid AND c.state <> 'off'
      AND (${connectionIds}::uuid[] IS NULL OR c.id = ANY(${connectionIds}::uuid[]))`;
  return row?.since ?? null;
}

/** Stamps every claim that a complete check has overtaken, in one UPDATE; answers the ids that became verified. */
export async function stampClaims(tx: Tx, workspaceId: string, now: Date): Promise<string[]> {
  const since = await findVerifiedSince(tx, workspaceId, now);
  if (since === null) return [];
  const rows = await tx.$queryRaw<{ id: string }[]>`
    UPDATE "Lead" SET "claimCheckedAt" = ${since}::timestamptz, "updatedAt" = ${now}::timestamptz
    WHERE "workspaceId" = ${workspaceId}::uuid
      AND "claimAt" IS NOT NULL AND ("claimCheckedAt" IS NULL OR "claimCheckedAt" <= "claimAt")
      AND "claimAt" < ${since}::timestamptz
    RETURNING id`;
  return rows.map(({ id }) => id);
}
