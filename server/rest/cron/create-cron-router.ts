import { type RequestHandler, Router } from "express";
import type { Deps } from "#server/deps.ts";
import { AppError } from "#server/lib/errors.ts";
import type { Answer } from "../answer-once.ts";
import { requireSecret } from "../bearer.ts";
import { readQuery } from "../read-input.ts";
import { checkHealth } from "./check-health.ts";
import { type CronQuery, cronQuery } from "./cron-query.ts";
import { reconcileAppointments } from "./reconcile-appointments.ts";
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
