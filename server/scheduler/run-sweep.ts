import type { Jobs } from "#server/db/queue.ts";
import type { Deps } from "#server/deps.ts";
import { systemClock } from "#server/lib/clock.ts";
import { MINUTE_MS } from "#server/lib/duration.ts";
import { AppError } from "#server/lib/errors.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import { sweepConnection } from "#server/reconcile/sweep-connection.ts";

type SweepDeps = Pick<Deps, "db" | "clock" | "log" | "queue" | "providers" | "secrets">;

/**
 * Waits of a used-up window are no longer; a day's are, and whoever sends a pass for now, after repairing an account,
 * must not be told that one waits already.
 */
const LONGEST_WAIT_MS = 2 * MINUTE_MS;

/**
 * One pass (R29). What a provider refused is recorded on its connection, and the next tick decides when to try again;
 * one that its limit ended goes on at the moment when the limit opens, since until a tick after it nobody would use it.
 */
export async function runSweep(deps: SweepDeps, request: Jobs["sweep"], signal?: AbortSignal): Promise<void> {
  try {
    await sweepConnection(deps, request, signal);
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") return;
    if (!(error instanceof ProviderError)) throw error;
    if (error.kind === "rate_limited" && error.retryAt) await goOnAt(deps, request, error.retryAt);
  }
}

/** Limits are counted in real time, whatever the server's clock says, and so is what waits in line. */
async function goOnAt({ queue }: SweepDeps, request: Jobs["sweep"], startAfter: Date): Promise<void> {
  if (startAfter.getTime() - systemClock.now().getTime() > LONGEST_WAIT_MS) return;
  await queue.send("sweep", request, { key: request.connectionId, startAfter });
}
