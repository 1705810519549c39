import type { Connection } from "#server/db/generated/client.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import type { ProviderError } from "#server/providers/provider-error.ts";
import { decideBreaker } from "./decide-breaker.ts";
import { decideCadence, smoothCalls } from "./decide-cadence.ts";
import { decideTokenProblem } from "./decide-token-problem.ts";
import { loadCallBudget } from "./load-call-budget.ts";
import { noteCompletePass, noteFailedPass, type Oddities } from "./settle-incidents.ts";
import { clearPosition } from "./sweep-position.ts";
import type { Tier } from "./window.ts";

type RecordDeps = Pick<Deps, "db" | "clock">;

export type SweepDone = { tier: Tier; startedAt: Date; calls: number; oddities: Oddities };

/**
 * A complete pass closes the breaker; a connection that had needed somebody works again. What it cost decides how often
 * the tiers are read from now on (R29). One that was read in parts began with the first of them, and took what all did.
 */
export async function recordSweepDone(
  { db, clock }: RecordDeps,
  row: Connection,
  { tier, startedAt, calls, oddities }: SweepDone,
): Promise<void> {
  const now = clock.now();
  const cadence = await planCadence({ db }, row, tier, calls);
  const isReplanned = cadence.hotEveryMin !== row.hotEveryMin || cadence.warmEveryMin !== row.warmEveryMin;
  const swept = {
    hot: { hotSweptAt: startedAt },
    // Warm reads everything that hot reads.
    warm: { hotSweptAt: latest(row.hotSweptAt, startedAt), warmSweptAt: startedAt },
    cold: { coldSweptAt: startedAt },
  }[tier];
  const isRecovered = row.state === "action_needed" && row.failures > 0;
  const recovered = isRecovered
    ? {
        ...recoveredState(row),
        reasonText: null,
        stateSince: now,
      }
    : {};
  await runTransaction(db, "record sweep", async (tx) => {
    await tx.connection.updateMany({
      where: { id: row.id, state: { not: "off" } },
      data: { ...swept, ...cadence, ...recovered, lastSweepAt: now, failures: 0, breakerUntil: null },
    });
    await clearPosition(tx, { connectionId: row.id, tier });
    await noteCompletePass(tx, row, { tier, oddities }, now);
    if (isRecovered || isReplanned)
      await publish(tx, now, [{ workspaceId: row.workspaceId, kind: "connection", ids: [row.id] }]);
  });
}

/** Between the parts of a warm pass there may have been hot ones. */
function latest(before: Date | null, startedAt: Date): Date {
  return before !== null && before > startedAt ? before : startedAt;
}

async function planCadence({ db }: Pick<Deps, "db">, row: Connection, tier: Tier, calls: number) {
  const { hotCalls, warmCalls } = row;
  // The first pass reads everybody's bookings for the first time: it says nothing about the next.
  const isUsual = row.warmSweptAt !== null;
  const learned = {
    hotCalls: isUsual && tier === "hot" ? smoothCalls(hotCalls, calls) : hotCalls,
    warmCalls: isUsual && tier === "warm" ? smoothCalls(warmCalls, calls) : warmCalls,
  };
  return { ...learned, ...decideCadence({ ...learned, callsPerMin: await loadCallBudget({ db }, row) }) };
}

/** Without a webhook Calendly is polled, and the reason why there is none still stands. */
function recoveredState(row: Connection) {
  if (row.provider !== "calendly" || row.webhookId) return { state: "healthy" as const, reasonCode: null };
  const isScopeMissing = row.scopes.includes("-webhooks:write");
  return {
    state: "polling" as const,
    reasonCode: isScopeMissing ? "no_webhook_scope" : "webhook_not_created",
  };
}

/** R31: what failed rests, alone; what needs a person says so on the screen that owns it. */
export async function recordSweepFailed(
  { db, clock }: RecordDeps,
  row: Connection,
  error: ProviderError,
  tier: Tier | null = null,
): Promise<void> {
  const now = clock.now();
  const breaker = decideBreaker(row.failures, error, now);
  const isNew = breaker.needsAction && row.state !== "action_needed";
  await runTransaction(db, "record sweep failure", async (tx) => {
    await tx.connection.updateMany({
      where: { id: row.id, state: { not: "off" } },
      data: {
        failures: breaker.failures,
        breakerUntil: breaker.until,
        ...(isNew
          ? {
              state: "action_needed" as const,
              reasonCode: decideTokenProblem(error),
              reasonText: error.message,
              stateSince: now,
            }
          : {}),
      },
    });
    await noteFailedPass(tx, row, { tier, error, failures: breaker.failures }, now);
    if (isNew) await publish(tx, now, [{ workspaceId: row.workspaceId, kind: "connection", ids: [row.id] }]);
  });
}
