import type { Db, Tx } from "#server/db/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { addMs, MINUTE_MS } from "#server/lib/duration.ts";
import { DAILY_SHARE } from "#server/providers/decide-rate-slot.ts";
import type { IncidentFacts, IncidentKind } from "#server/reconcile/incident-kinds.ts";
import { closeIncident, openIncident } from "#server/reconcile/incidents.ts";

/** Work that waits longer than this is not merely behind other work: hot tiers promise a minute (R29). */
const LATE_AFTER_MS = 5 * MINUTE_MS;

type Sighting = { workspaceId: string; connectionId: string; facts: IncidentFacts };

/**
 * Looks, each minute, for what connections cannot say of themselves: work that waits too long for a worker, and a day's
 * calls that come to an end (R32). An incident opens, counts once a look, and closes with the first look that finds
 * nothing.
 */
export async function watchConnections(
  deps: Pick<Deps, "db" | "clock">,
): Promise<{ late: number; short: number }> {
  const now = deps.clock.now();
  const late = await findLate(deps.db, now);
  const short = await findShort(deps.db, now);
  await settle(deps.db, { kind: "backlog_late", cause: "waits_for_worker" }, late, now);
  await settle(deps.db, { kind: "daily_budget", cause: "reserve_reached" }, short, now);
  return { late: late.length, short: short.length };
}

/** Only what could run: a failed job that waits for its next try is its provider's trouble and named as such. */
async function findLate(db: Db, now: Date): Promise<Sighting[]> {
  const rows = await db.$queryRaw<
    { workspaceId: string; connectionId: string; jobs: number; ageSeconds: number }[]
  >`
    WITH late AS (
      SELECT name, data, greatest(created_on, start_after) AS since FROM pgboss.job
      WHERE state = 'created' AND policy = 'stately'
        AND greatest(created_on, start_after) < ${addMs(now, -LATE_AFTER_MS)}::timestamptz
        AND name IN ('sweep', 'check-connection', 'process-delivery', 'fill-gap')
    )
    SELECT c."workspaceId", c.id AS "connectionId", count(*)::int AS jobs,
           max(extract(epoch FROM ${now}::timestamptz - l.since))::int AS "ageSeconds"
    FROM late l
    LEFT JOIN "WebhookDelivery" d ON l.name = 'process-delivery' AND d.id = (l.data->>'deliveryId')::uuid
    JOIN "Connection" c ON c.id = coalesce(d."connectionId", (l.data->>'connectionId')::uuid)
    WHERE c.state <> 'off' GROUP BY c.id ORDER BY c.id`;
  return rows.map(({ workspaceId, connectionId, ...facts }) => ({ workspaceId, connectionId, facts }));
}

/** A day of which no more is left than what is kept from backfills. */
async function findShort(db: Db, now: Date): Promise<Sighting[]> {
  const rows = await db.$queryRaw<
    { workspaceId: string; connectionId: string; used: number; limit: number; until: Date }[]
  >`
    SELECT c."workspaceId", c.id AS "connectionId", b."dailyUsed" AS used, b."dailyLimit" AS "limit",
           b."dailyResetAt" AS until
    FROM "RateBucket" b
    JOIN "Connection" c ON b.key = c.provider::text || ':' || coalesce(c."locationId", c."ownerId")
    WHERE b."dailyResetAt" > ${now}::timestamptz AND b."dailyUsed" >= b."dailyLimit" * ${DAILY_SHARE.backfill}::float8
      AND c.state <> 'off' ORDER BY c.id`;
  return rows.map(({ workspaceId, connectionId, until, ...facts }) => ({
    workspaceId,
    connectionId,
    facts: { ...facts, until: until.toISOString() },
  }));
}

async function settle(
  db: Db,
  { kind, cause }: { kind: IncidentKind; cause: string },
  seen: Sighting[],
  now: Date,
): Promise<void> {
  const open = await db.incident.findMany({
    where: { kind, closedAt: null },
    select: { workspaceId: true, subject: true },
  });
  const over = open.filter(({ subject }) => !seen.some(({ connectionId }) => connectionId === subject));
  if (seen.length + over.length === 0) return;
  await runTransaction(db, "watch connections", async (tx: Tx) => {
    for (const { workspaceId, connectionId, facts } of seen) {
      await openIncident(tx, now, {
        workspaceId,
        connectionId,
        kind,
        subject: connectionId,
        cause,
        details: facts,
      });
    }
    for (const { workspaceId, subject } of over) await closeIncident(tx, now, { workspaceId, kind, subject });
  });
}
