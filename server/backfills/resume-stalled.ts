import type { Deps } from "#server/deps.ts";
import { addMs } from "#server/lib/duration.ts";
import { callWorker } from "./call-worker.ts";
import { STALE_HEARTBEAT_MS } from "./decide-backfill-state.ts";

/**
 * Calls a worker for every run that should be moving and is not: never taken up, its worker died, its wait is over, or
 * the connection it was parked for works again. Level-triggered: calling too often does no harm, since a worker takes
 * up only what nobody holds. Answers how many were called.
 */
export async function resumeStalledBackfills({
  db,
  clock,
  queue,
}: Pick<Deps, "db" | "clock" | "queue">): Promise<number> {
  const now = clock.now();
  const stale = addMs(now, -STALE_HEARTBEAT_MS);
  const rows = await db.$queryRaw<{ id: string; attempt: number }[]>`
    SELECT b.id, b.attempt FROM "Backfill" b
    WHERE (b.state IN ('queued', 'running', 'pausing', 'canceling')
           AND (b."heartbeatAt" IS NULL OR b."heartbeatAt" < ${stale}::timestamptz))
       OR (b.state = 'waiting' AND b."heartbeatAt" < ${stale}::timestamptz)
       OR (b.state = 'waiting' AND b."heartbeatAt" IS NULL AND b."waitUntil" <= ${now}::timestamptz)
       OR (b.state = 'waiting' AND b."heartbeatAt" IS NULL AND b."waitUntil" IS NULL AND EXISTS (
             SELECT 1 FROM "BackfillSlice" s
             JOIN "Connection" old ON old.id = s."connectionId"
             JOIN "Connection" c ON c."workspaceId" = old."workspaceId" AND c.provider = old.provider
             WHERE s."backfillId" = b.id AND s.state IN ('pending', 'running')
               AND c.state <> 'off'
               AND (c.id = old.id OR old.state = 'off')
               AND (c.state <> 'action_needed' OR c."tokenChangedAt" > b."stateSince")))`;
  for (const row of rows) await callWorker(queue, row);
  return rows.length;
}
