import { availableParallelism } from "node:os";
import { runBackfill } from "#server/backfills/run-backfill.ts";
import { checkConnection } from "#server/connections/check-connection.ts";
import { fillGap } from "#server/connections/fill-gap.ts";
import { watchConnections } from "#server/connections/watch-connections.ts";
import { recordJobRun } from "#server/db/job-run.ts";
import type { Deps } from "#server/deps.ts";
import { createTurns } from "#server/lib/turns.ts";
import { applyPlan } from "#server/mismatches/apply-plan.ts";
import { refreshCauses } from "#server/mismatches/refresh-causes.ts";
import { undoReceipt } from "#server/mismatches/undo-receipt.ts";
import { lookUpLead } from "#server/reconcile/look-up-lead.ts";
import { passClock } from "#server/reconcile/pass-clock.ts";
import { tendFollowUps } from "#server/reconcile/tend-follow-ups.ts";
import { processDelivery } from "#server/webhooks/process-delivery.ts";
import { lookupBounds } from "./plan-lookups.ts";
import { prune } from "./prune.ts";
import { runLookups } from "./run-lookups.ts";
import { runSweep } from "./run-sweep.ts";
import { sendDueLookups } from "./send-due-lookups.ts";

/** One that waits for its provider does not hold up all others. */
const DELIVERIES_AT_ONCE = 4;
/** Half of the processors: the rest is for whoever acknowledges the next deliveries, and for people (0049). */
const DELIVERIES_WRITTEN_AT_ONCE = Math.max(1, Math.floor(availableParallelism() / 2));

/** Which function does which job, and how many of a kind one process does at once. */
export async function registerJobs(deps: Deps): Promise<void> {
  const { queue } = deps;

  await queue.work("sweep", { concurrency: 3 }, (request, signal) => runSweep(deps, request, signal));
  const processDeps = { ...deps, inTurn: createTurns(DELIVERIES_WRITTEN_AT_ONCE) };
  await queue.work("process-delivery", { concurrency: DELIVERIES_AT_ONCE }, (data, signal) =>
    processDelivery(processDeps, data, signal),
  );
  await queue.work("check-connection", { concurrency: 2 }, async (data, signal) => {
    const run = { job: "check-connection", trigger: "cron", connectionId: data.connectionId };
    await recordJobRun(deps, run, () => checkConnection(deps, data, signal));
  });
  await queue.work("fill-gap", { concurrency: 1 }, (data) => fillGap(deps, data));
  await queue.work("look-up-lead", { concurrency: 2 }, async ({ leadId }, signal) => {
    await lookUpLead(deps, leadId, { priority: "reconcile", signal });
  });
  await queue.work("plan-lookups", { concurrency: 1 }, async ({ trigger }) => {
    await sendDueLookups(deps, lookupBounds(deps.config), { trigger });
  });
  await queue.work("look-up-leads", { concurrency: 2 }, async (data, signal) => {
    await runLookups(deps, data, signal);
  });
  // A run that waits for a limit is called for the moment at which it ends.
  await queue.work("run-backfill", { concurrency: 2, lateSeconds: 1 }, (data, signal) =>
    runBackfill(deps, data, signal),
  );
  await queue.work("refresh-causes", { concurrency: 1 }, (data, signal) => refreshCauses(deps, data, signal));
  await queue.work("apply-plan", { concurrency: 2 }, (data, signal) => applyPlan(deps, data, signal));
  await queue.work("undo-receipt", { concurrency: 2 }, (data, signal) => undoReceipt(deps, data, signal));
  await queue.work("prune", { concurrency: 1 }, (_data, signal) => prune(deps, signal));
  await queue.work("clock-pass", { concurrency: 1 }, async () => {
    await recordJobRun(deps, { job: "clock-pass", trigger: "cron" }, async (counters) => {
      Object.assign(counters, await passClock(deps));
    });
  });
  await queue.work("follow-ups", { concurrency: 1 }, async () => {
    await recordJobRun(deps, { job: "follow-ups", trigger: "cron" }, async (counters) => {
      Object.assign(counters, await tendFollowUps(deps));
    });
  });
  await queue.work("watch-connections", { concurrency: 1 }, async () => {
    await watchConnections(deps);
  });
}
