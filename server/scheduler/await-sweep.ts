import type { Db } from "#server/db/client.ts";
import { countWorkers } from "#server/db/count-workers.ts";
import type { Counters } from "#server/db/job-run.ts";
import type { Jobs } from "#server/db/queue.ts";
import type { Deps } from "#server/deps.ts";
import { MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import { systemSleep } from "#server/providers/sleep.ts";
import type { Tier } from "#server/reconcile/window.ts";

export type AwaitedSweep = { ok: true; counters: Counters } | { ok: false; errorCode: string };

/** How often somebody who waits looks: four small questions to the database, for a pass that asks a provider. */
const LOOK_MS = 200;
/** What waits for longer waits behind something that is wrong; whoever asked may ask again. */
const PATIENCE_MS = 15 * MINUTE_MS;
/** A restart leaves nobody for a moment, and work that was begun goes on after it. */
const LONGEST_WITHOUT_WORKER_MS = 30 * SECOND_MS;
/** What waits already may be a pass over less, or over an account that was disconnected meanwhile. */
const MOST_SENDS = 3;

/**
 * Puts a pass in line and waits for its end. It goes through the same line as every other, so that two passes of one
 * connection never run at once: all who ask while one runs share the next one. Answers what the first pass over this tier
 * counted that began after the call; none that was under way can know what happened until now. Where every worker goes
 * away meanwhile it answers `no_worker`, and what waits is done by the next one.
 */
export async function awaitSweep(
  { db, queue }: Pick<Deps, "db" | "queue">,
  request: Jobs["sweep"],
): Promise<AwaitedSweep> {
  const { connectionId } = request;
  const lastId = await findLastRun(db, connectionId);
  const startedMs = performance.now(); // a stopwatch, not a time
  let workerSeenMs = startedMs;
  for (let sends = 0; sends < MOST_SENDS; sends++) {
    await queue.send("sweep", request, { key: connectionId });
    for (;;) {
      const isWaiting = await isInLine(db, connectionId);
      const end = await findEnd(db, request, lastId);
      if (end) return end;
      if (!isWaiting) break;
      const nowMs = performance.now();
      if (nowMs - startedMs > PATIENCE_MS) return { ok: false, errorCode: "still_in_line" };
      if ((await countWorkers(db)) > 0) workerSeenMs = nowMs;
      else if (nowMs - workerSeenMs > LONGEST_WITHOUT_WORKER_MS) return { ok: false, errorCode: "no_worker" };
      await systemSleep(LOOK_MS);
    }
  }
  return { ok: false, errorCode: "not_swept" };
}

/** The number of the last run that had begun, by the database's order: clocks of processes differ. */
async function findLastRun(db: Db, connectionId: string): Promise<bigint> {
  const { _max } = await db.jobRun.aggregate({ where: { job: "sweep", connectionId }, _max: { id: true } });
  return _max.id ?? 0n;
}

async function findEnd(
  db: Db,
  { connectionId, tier }: Pick<Jobs["sweep"], "connectionId" | "tier">,
  lastId: bigint,
): Promise<AwaitedSweep | null> {
  // One that was interrupted went back in line.
  const runs = await db.jobRun.findMany({
    where: { job: "sweep", connectionId, id: { gt: lastId }, state: { in: ["succeeded", "failed"] } },
    orderBy: { id: "asc" },
  });
  if (runs.length === 0) return null;
  const sweptAt = await findSweptAt(db, connectionId, tier);
  for (const { state, startedAt, counters, errorCode } of runs) {
    if (state === "failed") return { ok: false, errorCode: errorCode ?? "internal" };
    // The cast: a run's counters are written by `recordJobRun` alone.
    if (sweptAt !== null && sweptAt >= startedAt) return { ok: true, counters: counters as Counters };
  }
  return null;
}

/** When the last complete pass over this tier began. */
async function findSweptAt(db: Db, connectionId: string, tier: Tier): Promise<Date | null> {
  const row = await db.connection.findUnique({
    where: { id: connectionId },
    select: { hotSweptAt: true, warmSweptAt: true, coldSweptAt: true },
  });
  if (row === null) return null;
  return { hot: row.hotSweptAt, warm: row.warmSweptAt, cold: row.coldSweptAt }[tier];
}

/** Waits to be done, to be tried again, or is under way. */
async function isInLine(db: Db, connectionId: string): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM pgboss.job
    WHERE name = 'sweep' AND COALESCE(singleton_key, '') = ${connectionId} AND state <= 'active' AND policy = 'stately'
    LIMIT 1`;
  return rows.length > 0;
}
