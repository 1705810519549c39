import { recordJobRun } from "#server/db/job-run.ts";
import type { Deps } from "#server/deps.ts";
import { addDays } from "#server/lib/duration.ts";
import { lowerSharedGates } from "#server/reconcile/lower-shared-gates.ts";

/** How many days each is kept. What people rely on (evidence, history, audit, receipts) is never pruned. */
const KEPT_DAYS = { webhookBodies: 30, idempotencyKeys: 1, outboxEvents: 2, jobRuns: 30, lookups: 30 };

/** Rows per statement: short enough that nobody waits for a lock on them. */
const BATCH = 5_000;

/**
 * Forgets daily what has served its time. A delivery stays in its log without its body; the rest goes whole. Killed at
 * any moment, the next run goes on.
 */
export async function prune(deps: Pick<Deps, "db" | "clock">, signal?: AbortSignal): Promise<void> {
  const { db } = deps;
  const now = deps.clock.now();
  const before = (days: number) => addDays(now, -days);
  await recordJobRun(deps, { job: "prune", trigger: "cron" }, async (counters) => {
    const steps: Record<keyof typeof KEPT_DAYS, () => Promise<number>> = {
      webhookBodies: () => db.$executeRaw`
        UPDATE "WebhookDelivery" SET "bodySealed" = NULL WHERE id IN (
          SELECT id FROM "WebhookDelivery"
          WHERE "bodySealed" IS NOT NULL AND "receivedAt" < ${before(KEPT_DAYS.webhookBodies)}::timestamptz
          LIMIT ${BATCH})`,
      idempotencyKeys: () => db.$executeRaw`
        DELETE FROM "IdempotencyKey" WHERE (scope, key) IN (
          SELECT scope, key FROM "IdempotencyKey"
          WHERE "createdAt" < ${before(KEPT_DAYS.idempotencyKeys)}::timestamptz LIMIT ${BATCH})`,
      outboxEvents: () => db.$executeRaw`
        DELETE FROM "OutboxEvent" WHERE id IN (
          SELECT id FROM "OutboxEvent" WHERE at < ${before(KEPT_DAYS.outboxEvents)}::timestamptz LIMIT ${BATCH})`,
      jobRuns: () => db.$executeRaw`
        DELETE FROM "JobRun" WHERE id IN (
          SELECT id FROM "JobRun"
          -- What was running then died with its process.
          WHERE "startedAt" < ${before(KEPT_DAYS.jobRuns)}::timestamptz LIMIT ${BATCH})`,
      // Of leads that nobody has looked up since: their next turn is a first one.
      lookups: () => db.$executeRaw`
        DELETE FROM "LeadLookup" WHERE "leadId" IN (
          SELECT "leadId" FROM "LeadLookup"
          WHERE "triedAt" < ${before(KEPT_DAYS.lookups)}::timestamptz LIMIT ${BATCH})`,
    };
    for (const [name, forget] of Object.entries(steps)) {
      counters[name] = 0;
      for (let gone = BATCH; gone === BATCH; ) {
        signal?.throwIfAborted();
        gone = await forget();
        counters[name] += gone;
      }
    }
    counters.sharedGates = await lowerSharedGates(deps, signal);
  });
}
