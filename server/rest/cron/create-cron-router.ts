import { type RequestHandler, Router } from "express";
import type { Deps } from "#server/deps.ts";
import { AppError } from "#server/lib/errors.ts";
import type { Answer } from "../answer-once.ts";
import { requireSecret } from "../bearer.ts";
import { findWorkspace } from "../find-workspace.ts";
import { readQuery } from "../read-input.ts";
import { checkHealth } from "./check-health.ts";
import { chooseConnections } from "./choose-connections.ts";
import { type CronQuery, cronQuery } from "./cron-query.ts";
import { runSweeps, type SweepResult } from "./run-sweeps.ts";
import { runFollowUps } from "./tend-follow-ups.ts";

const JOBS: Record<string, (deps: Deps, query: CronQuery) => Promise<Answer>> = {
  "appointment-reconcile": reconcileAppointments,
  "follow-ups": runFollowUps,
  "webhook-health": checkHealth,
};

/** An external clock's door. Without `CRON_SECRET` it is not there. */
export function createCronRouter(deps: Deps): Router {
  const router = Router();
  const run: RequestHandler = async (req, res) => {
    const { cronSecret } = deps.config;
    if (cronSecret === null) throw noSuchJob();
    requireSecret(req.headers, cronSecret);
    const job = Object.hasOwn(JOBS, String(req.params.job)) ? JOBS[String(req.params.job)] : undefined;
    if (!job) throw noSuchJob();
    const { status, body } = await job(deps, readQuery(cronQuery, req.query));
    res.status(status).json(body);
  };
  router.get("/:job", run);
  router.post("/:job", run);
  return router;
}

function noSuchJob(): AppError {
  return new AppError("not_found", "There is no such job.");
}

/**
 * Puts due sweeps in line and answers at once; with `wait` (or `dryRun`, which has to wait for its figures) does them
 * here and answers with what each connection counted.
 */
async function reconcileAppointments(deps: Deps, query: CronQuery): Promise<Answer> {
  const hasToWait = query.wait || query.dryRun;
  const startedAt = deps.clock.now();
  const workspaceId = query.workspaceId ? await findWorkspace(deps, query.workspaceId) : null;
  const choices = await chooseConnections(deps, {
    workspaceId,
    workspaceLimit: query.workspaceLimit ?? null,
    isAwaited: hasToWait,
  });
  if (hasToWait) {
    const connections = await runSweeps(deps, choices, { dryRun: query.dryRun });
    const endedAt = deps.clock.now();
    return {
      status: 200,
      body: { dryRun: query.dryRun, startedAt, endedAt, totals: addUp(connections), connections },
    };
  }
  let queued = 0;
  for (const { connectionId, tier } of choices) {
    if (tier === null) continue;
    await deps.queue.send("sweep", { connectionId, tier, trigger: "http" }, { key: connectionId });
    queued += 1;
  }
  return { status: 202, body: { queued, connections: choices } };
}

function addUp(results: SweepResult[]): Record<string, number> {
  const totals: Record<string, number> = { done: 0, failed: 0, skipped: 0 };
  for (const { outcome, counters } of results) {
    for (const [key, value] of Object.entries({ [outcome]: 1, ...counters })) {
      totals[key] = (totals[key] ?? 0) + value;
    }
  }
  return totals;
}
