import type { Prisma } from "#server/db/generated/client.ts";
import type { BackfillMode, BackfillState, Provider } from "#server/db/generated/enums.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { addMs, SECOND_MS } from "#server/lib/duration.ts";
import type { RateSample } from "./compute-progress.ts";
import { type Desired, STALE_HEARTBEAT_MS } from "./decide-backfill-state.ts";
import { type HeldRun, publishRun, type RunDeps } from "./held-run.ts";

/** Workers are called a little early, and the queue's clock and ours differ: a call that comes so early is for now. */
const EARLY_MS = SECOND_MS;

type ClaimedRow = {
  number: number;
  attempt: number;
  workspaceIds: string[];
  providers: Provider[];
  mode: BackfillMode;
  dryRun: boolean;
  skipSideEffects: boolean;
  state: BackfillState;
  desired: Desired;
  rateSamples: Prisma.JsonValue;
  from: Date;
  to: Date;
  startedAt: Date;
};

/**
 * Takes a run up as its only worker: one statement, so that of two workers one gets it. Null when it has ended, is
 * paused, waits for a time that has not come, or is held by a worker that is alive.
 */
export async function claimBackfill(
  { db, clock }: RunDeps,
  backfillId: string,
): Promise<{ run: HeldRun; desired: Desired } | null> {
  const now = clock.now();
  return runTransaction(db, "claim backfill", async (tx) => {
    const [row] = await tx.$queryRaw<ClaimedRow[]>`
      UPDATE "Backfill" SET
        attempt = attempt + 1,
        "heartbeatAt" = ${now}::timestamptz,
        "startedAt" = coalesce("startedAt", ${now}::timestamptz),
        state = CASE desired WHEN 'paused' THEN 'pausing'::"BackfillState"
                             WHEN 'canceled' THEN 'canceling' ELSE 'running' END,
        "stateSince" = CASE WHEN state IN ('queued', 'waiting') THEN ${now}::timestamptz ELSE "stateSince" END,
        "waitUntil" = NULL, "waitReason" = NULL, version = version + 1
      WHERE id = ${backfillId}::uuid
        AND state IN ('queued', 'running', 'waiting', 'pausing', 'canceling')
        AND ("heartbeatAt" IS NULL OR "heartbeatAt" < ${addMs(now, -STALE_HEARTBEAT_MS)}::timestamptz)
        AND (state <> 'waiting' OR "waitUntil" IS NULL OR "waitUntil" <= ${addMs(now, EARLY_MS)}::timestamptz)
      RETURNING number, attempt, "workspaceIds", providers::text[] AS providers, mode, "dryRun", "skipSideEffects", state, desired, "rateSamples",
        "from", "to", "startedAt"`;
    if (!row) return null;
    const [sum] = await tx.$queryRaw<{ processed: bigint }[]>`
      SELECT coalesce(sum(done + known + failed), 0) AS processed
      FROM "BackfillSlice" WHERE "backfillId" = ${backfillId}::uuid`;
    const { state: _, desired, rateSamples, from, to, startedAt, ...run } = row;
    await publishRun(tx, now, { id: backfillId, workspaceIds: run.workspaceIds });
    return {
      desired,
      run: {
        ...run,
        id: backfillId,
        window: { from, to, startedAt },
        processed: Number(sum?.processed ?? 0),
        // Written by this module only.
        samples: rateSamples as RateSample[],
        publishedAtMs: now.getTime(),
      },
    };
  });
}

/** Gives a run back untouched, for the next worker to go on at the last saved page: no attempt is used up. */
export async function giveBackfillBack({ db }: RunDeps, run: HeldRun): Promise<void> {
  await db.backfill.updateMany({
    where: { id: run.id, attempt: run.attempt },
    data: { heartbeatAt: null },
  });
}
