import type { Connection } from "#server/db/generated/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { SECOND_MS } from "#server/lib/duration.ts";
import type { Desired } from "./decide-backfill-state.ts";
import { findLimitWait } from "./find-limit-wait.ts";
import { type HeldRun, publishRun, type RunDeps } from "./held-run.ts";
import { writeWaitReason } from "./wait-reason.ts";

const BEAT_MS = 2 * SECOND_MS;
/** A read that takes longer than this is probably waiting for the provider's limit: then the page says so. */
const SLOW_READ_MS = 1_500;

export type RunWatch = {
  /** Aborts when the worker has to let go of the page it is reading. */
  signal: AbortSignal;
  /** Names the connection that is being read, for as long as it is. */
  reading<T>(connection: Connection, read: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
};

/**
 * Lives beside the worker's loop: says every two seconds that it is alive, hears what the operator wants, and tells
 * when the provider's limit holds the worker up. A page being saved is left alone; one being read is given up.
 */
export function watchRun(deps: RunDeps, run: HeldRun, jobSignal: AbortSignal): RunWatch {
  const letGo = new AbortController();
  const signal = AbortSignal.any([letGo.signal, jobSignal]);
  let read: { connection: Connection; sinceMs: number } | null = null;
  let beating: Promise<void> = Promise.resolve();

  async function beat(): Promise<void> {
    const isSlow = read !== null && performance.now() - read.sinceMs > SLOW_READ_MS;
    const wait = isSlow && read ? await describeLimitWait(deps, read.connection) : null;
    const desired = await writeBeat(deps, run, wait);
    if (desired !== "running") letGo.abort();
  }

  const timer = setInterval(() => {
    beating = beating
      .then(beat)
      // A missed beat is no reason to stop: the next page's transaction tells whether the run is still ours.
      .catch((err) => deps.log.warn({ err, backfillId: run.id }, "backfill heartbeat failed"));
  }, BEAT_MS);

  return {
    signal,
    async reading(connection, act) {
      read = { connection, sinceMs: performance.now() };
      try {
        return await act();
      } finally {
        read = null;
      }
    },
    async stop() {
      clearInterval(timer);
      await beating;
    },
  };
}

type LimitWait = { until: Date; reason: string };

async function describeLimitWait(deps: RunDeps, connection: Connection): Promise<LimitWait | null> {
  const until = await findLimitWait(deps, connection);
  const { provider } = connection;
  return until && { until, reason: writeWaitReason({ kind: "limit", provider }) };
}

/** Null: the run is no longer ours. */
async function writeBeat(
  { db, clock }: RunDeps,
  run: HeldRun,
  wait: LimitWait | null,
): Promise<Desired | null> {
  const now = clock.now();
  const state = wait ? "waiting" : "running";
  return runTransaction(db, "backfill heartbeat", async (tx) => {
    const [row] = await tx.$queryRaw<{ desired: Desired; before: string }[]>`
      UPDATE "Backfill" b SET
        "heartbeatAt" = ${now}::timestamptz,
        state = CASE WHEN b.state IN ('running', 'waiting') THEN ${state}::"BackfillState" ELSE b.state END,
        "stateSince" = CASE WHEN b.state IN ('running', 'waiting') AND b.state <> ${state}::"BackfillState"
                            THEN ${now}::timestamptz ELSE b."stateSince" END,
        "waitUntil" = ${wait?.until ?? null}::timestamptz,
        "waitReason" = ${wait?.reason ?? null}
      FROM (SELECT id, state FROM "Backfill" WHERE id = ${run.id}::uuid FOR UPDATE) old
      WHERE b.id = old.id AND b.attempt = ${run.attempt}
      RETURNING b.desired, old.state AS before`;
    if (!row) return null;
    const isNews = (row.before === "running" || row.before === "waiting") && row.before !== state;
    if (isNews) await publishRun(tx, now, run);
    return row.desired;
  });
}
