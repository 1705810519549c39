import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "#server/lib/errors.ts";
import type { Db, Tx } from "./client.ts";
import type { Prisma } from "./generated/client.ts";

const MAX_ATTEMPTS = 6;
const FIRST_PAUSE_MS = 20;
const TIMEOUT_MS = 30_000;
/** How long to wait for a free connection of the pool. */
const MAX_WAIT_MS = 10_000;

/**
 * Runs `fn` in one transaction named after the operation. When PostgreSQL aborts it for a deadlock or a
 * serialization conflict it runs again from the start, so `fn` must do nothing but database work: calls
 * to providers and the like belong before it. Gives up with `database_busy` after a few attempts.
 */
export async function runTransaction<T>(
  db: Db,
  name: string,
  fn: (tx: Tx) => Promise<T>,
  options: { isolationLevel?: Prisma.TransactionIsolationLevel } = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.$transaction(fn, { timeout: TIMEOUT_MS, maxWait: MAX_WAIT_MS, ...options });
    } catch (error) {
      if (!isTransactionConflict(error)) throw error;
      if (attempt === MAX_ATTEMPTS) {
        throw new AppError("database_busy", "Too many changes at once. Try again in a moment.", {
          status: 503,
          details: { transaction: name },
          cause: error,
        });
      }
      // Full jitter: two that collided must not collide again in step.
      await sleep(Math.random() * FIRST_PAUSE_MS * 2 ** attempt);
    }
  }
}

/** PostgreSQL took back the whole transaction (40001, 40P01): running it again may succeed. */
export function isTransactionConflict(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, cause, meta } = error as Error & {
    code?: string;
    cause?: { kind?: string };
    meta?: { driverAdapterError?: { cause?: { kind?: string } } };
  };
  // Prisma says it in three ways: from its own queries, from raw SQL, and from COMMIT.
  return (
    code === "P2034" ||
    meta?.driverAdapterError?.cause?.kind === "TransactionWriteConflict" ||
    cause?.kind === "TransactionWriteConflict"
  );
}
