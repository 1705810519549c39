import type { Db, Tx } from "#server/db/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Clock } from "#server/lib/clock.ts";
import { groupCalls } from "#server/lib/group-calls.ts";
import type { RateBucketState } from "./decide-rate-slot.ts";
import { type BucketKey, startingState } from "./rate-bucket.ts";
import {
  createRateLimiter,
  type RateBucketChange,
  type RateLimiter,
  type RateLimiterOptions,
} from "./rate-limiter.ts";

type BucketRow = {
  windowMs: number;
  limit: number;
  calls: bigint[];
  cooldownUntil: Date | null;
  dailyLimit: number | null;
  dailyUsed: number;
  dailyResetAt: Date | null;
};

/**
 * Counts for all processes on one database: the bucket's row is locked while its next state is decided.
 * Waits happen outside the transaction, so no lock and no connection is held while waiting.
 */
export function createPostgresRateLimiter(db: Db, options: RateLimiterOptions): RateLimiter {
  const lines = new Map<BucketKey, BucketLine>();
  return createRateLimiter(
    {
      update(bucket, change) {
        const line = lines.get(bucket) ?? createBucketLine(db, bucket, options.clock);
        lines.set(bucket, line);
        return line.update(change);
      },
    },
    options,
  );
}

type BucketLine = { update<T>(change: RateBucketChange<T>): Promise<T> };

/**
 * What this process asks of one bucket: asked together, or while an earlier question is being answered, it takes one
 * transaction and one commit instead of standing in line for the row with a connection each.
 */
function createBucketLine(db: Db, bucket: BucketKey, clock: Clock): BucketLine {
  const updateTogether = groupCalls((changes: RateBucketChange<unknown>[]) =>
    runTransaction(db, "updateRateBucket", async (tx) => {
      const before = await lockBucket(tx, bucket);
      let state = before;
      const results = changes.map((change) => {
        const { next, result } = change(state);
        state = next ?? state;
        return result;
      });
      if (state !== before) await writeBucket(tx, bucket, state, clock.now());
      return results;
    }),
  );
  return {
    // Each change gets the result that it answered itself.
    update: async <T>(change: RateBucketChange<T>) => (await updateTogether(change)) as T,
  };
}

async function lockBucket(tx: Tx, bucket: BucketKey): Promise<RateBucketState> {
  const row = (await selectForUpdate(tx, bucket)) ?? (await insertBucket(tx, bucket));
  return row ? { ...row, calls: row.calls.map(Number) } : startingState(bucket);
}

async function selectForUpdate(tx: Tx, bucket: BucketKey): Promise<BucketRow | undefined> {
  // A slot that is forgotten because the machine lost its power costs a refusal at worst: no commit waits for the disk.
  const rows = await tx.$queryRaw<BucketRow[]>`
    SELECT "windowMs", "limit", "calls", "cooldownUntil", "dailyLimit", "dailyUsed", "dailyResetAt"
    FROM "RateBucket", set_config('synchronous_commit', 'off', true)
    WHERE "key" = ${bucket} FOR UPDATE OF "RateBucket"`;
  return rows[0];
}

/** Two processes may be first: the loser waits for the winner's commit and then reads its row. */
async function insertBucket(tx: Tx, bucket: BucketKey): Promise<BucketRow | undefined> {
  const start = startingState(bucket);
  await tx.$executeRaw`
    INSERT INTO "RateBucket" ("key", "windowMs", "limit", "calls", "dailyLimit", "dailyUsed", "updatedAt")
    VALUES (${bucket}, ${start.windowMs}, ${start.limit}, '{}', ${start.dailyLimit}, 0, to_timestamp(0))
    ON CONFLICT ("key") DO NOTHING`;
  return await selectForUpdate(tx, bucket);
}

/**
 * As SQL of our own: Prisma keeps a plan for each query by its text, lists with all that they hold, so that every call to
 * a provider would have made it plan anew, keep that, and forget what others ask all the time.
 */
async function writeBucket(tx: Tx, bucket: BucketKey, next: RateBucketState, now: Date): Promise<void> {
  await tx.$executeRaw`
    UPDATE "RateBucket" SET
      "windowMs" = ${next.windowMs}, "limit" = ${next.limit}, "calls" = ${`{${next.calls.join()}}`}::bigint[],
      "cooldownUntil" = ${next.cooldownUntil}::timestamptz, "dailyLimit" = ${next.dailyLimit},
      "dailyUsed" = ${next.dailyUsed}, "dailyResetAt" = ${next.dailyResetAt}::timestamptz,
      "updatedAt" = ${now}::timestamptz
    WHERE "key" = ${bucket}`;
}
