import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "#server/lib/errors.ts";
import type { Db, Tx } from "./client.ts";
import { isDatabaseAway, isTransactionConflict } from "./database-faults.ts";
import type { Prisma } from "./generated/client.ts";

const MAX_CONFLICTS = 6;
const FIRST_PAUSE_MS = 20;
/** Long enough for a database that restarts; whoever waits for an answer may still be there. */
const AWAY_PATIENCE_MS = 8_000;
const LONGEST_PAUSE_MS = 1_000;
const TIMEOUT_MS = 30_000;
/** How long to wait for a free connection of the pool. */
const MAX_WAIT_MS = 10_000;

/**
 * Runs `fn` in one transaction named after the operation. When PostgreSQL aborts it for a deadlock or a
 * serialization conflict, or goes away before it is committed, it runs again from the start, so `fn` must do
 * nothing but database work: calls to providers and the like belong before it. Gives up with `database_busy`
 * after a few attempts. Where the connection is lost during the commit nobody knows whether it happened, and
 * the loss is thrown as it is.
 */
export async function runTransaction<T>(
  db: Db,
  name: string,
  fn: (tx: Tx) => Promise<T>,
  options: { isolationLevel?: Prisma.TransactionIsolationLevel; maxWait?: number } = {},
): Promise<T> {
  let conflicts = 0;
  let awaySinceMs: number | null = null;
  for (let attempt = 1; ; attempt++) {
    let isCommitting = false;
    try {
      return await db.$transaction(
        async (tx) => {
          const result = await fn(tx);
          isCommitting = true;
          return result;
        },
        { timeout: TIMEOUT_MS, maxWait: MAX_WAIT_MS, ...options },
      );
    } catch (error) {
      if (isTransactionConflict(error)) {
        conflicts += 1;
        if (conflicts === MAX_CONFLICTS) throw busy("Too many changes at once.", name, error);
      } else if (isDatabaseAway(error) && !isCommitting) {
        awaySinceMs ??= performance.now(); // a stopwatch, not a time
        if (performance.now() - awaySinceMs > AWAY_PATIENCE_MS) {
          throw busy("The database does not answer.", name, error);
        }
      } else throw error;
      // Full jitter: those that collided, or wait for the same restart, must not come back in step.
      await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt));
    }
  }
}

function busy(reason: string, transaction: string, cause: unknown): AppError {
  return new AppError("database_busy", `${reason} Try again in a moment.`, {
    status: 503,
    details: { transaction },
    cause,
  });
}
