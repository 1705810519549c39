import type { Jobs } from "#server/db/queue.ts";
import type { Deps } from "#server/deps.ts";
import { systemClock } from "#server/lib/clock.ts";
import { MINUTE_MS } from "#server/lib/duration.ts";
import { AppError } from "#server/lib/errors.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import { sweepConnection } from "#server/reconcile/sweep-connection.ts";
import { CLOCK_COLUMNS, decideDueTier } from "./decide-due-tier.ts";

type SweepDeps = Pick<Deps, "db" | "clock" | "log" | "queue" | "providers" | "secrets">;

/**
 * Waits of a used-up window are no longer; a day's are, and whoever sends a pass for now, after repairing an account,
 * must not be told that one waits already.
 */
const LONGEST_WAIT_MS = 2 * MINUTE_MS;

/**
 * One pass (R29). What a provider refused is recorded on its connection, and the next tick decides when to try again;
 * one that its limit ended goes on at the moment when the limit opens, since until a tick after it nobody would use it.
 * History has time until a tick finds nothing else due.
 */
export async function runSweep(deps: SweepDeps, request: Jobs["sweep"], signal?: AbortSignal): Promise<void> {
  try {
    await sweepInTurn(deps, request, signal);
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") return;
    if (!(error instanceof ProviderError)) throw error;
    if (error.kind !== "rate_limited" || !error.retryAt || request.tier === "cold") return;
    await goOnAt(deps, request, error.retryAt);
  }
}

/** Near days do not wait for the end of a warm pass that goes on in parts: they come before its next one. */
export async function sweepInTurn(
  deps: Omit<SweepDeps, "queue">,
  request: Jobs["sweep"],
  signal?: AbortSignal,
): Promise<void> {
  if (request.tier === "warm" && (await isHotDueBetweenParts(deps, request.connectionId))) {
    await sweepConnection(deps, { ...request, tier: "hot" }, signal);
  }
  await sweepConnection(deps, request, signal);
}

async function isHotDueBetweenParts({ db, clock }: Pick<Deps, "db" | "clock">, id: string): Promise<boolean> {
  const now = clock.now();
  const position = await db.sweepPosition.findUnique({
    where: { connectionId_tier: { connectionId: id, tier: "warm" } },
    select: { connection: { select: CLOCK_COLUMNS } },
  });
  // The first pass of an account has nothing to keep fresh yet.
  if (!position || position.connection.warmSweptAt === null) return false;
  return decideDueTier({ ...position.connection, warmSweptAt: now }, now) === "hot";
}

/** Limits are counted in real time, whatever the server's clock says, and so is what waits in line. */
async function goOnAt({ queue }: SweepDeps, request: Jobs["sweep"], startAfter: Date): Promise<void> {
  if (startAfter.getTime() - systemClock.now().getTime() > LONGEST_WAIT_MS) return;
  await queue.send("sweep", request, { key: request.connectionId, startAfter });
}
