import { recordJobRun } from "#server/db/job-run.ts";
import type { Deps } from "#server/deps.ts";
import { tendFollowUps } from "#server/reconcile/tend-follow-ups.ts";
import type { Answer } from "../answer-once.ts";
import { findWorkspace } from "../find-workspace.ts";
import { createRehearsalDb } from "../rehearsal-db.ts";
import type { CronQuery } from "./cron-query.ts";

/**
 * The minute's look after sequences and slept tasks (R26, R28): in line with everything else, or here when somebody
 * waits. A dry run counts what would be done and keeps nothing of it.
 */
export async function runFollowUps(deps: Deps, query: CronQuery): Promise<Answer> {
  const startedAt = deps.clock.now();
  const workspaceId = query.workspaceId ? await findWorkspace(deps, query.workspaceId) : null;
  if (!query.wait && !query.dryRun && workspaceId === null) {
    await deps.queue.send("follow-ups", {}, { key: "follow-ups" });
    return { status: 202, body: { queued: 1 } };
  }
  const totals = query.dryRun
    ? await tendFollowUps({ ...deps, db: createRehearsalDb(deps.db) }, { workspaceId })
    : await recordJobRun(deps, { job: "follow-ups", trigger: "http" }, async (counters) => {
        const counted = await tendFollowUps(deps, { workspaceId });
        Object.assign(counters, counted);
        return counted;
      });
  const endedAt = deps.clock.now();
  return { status: 200, body: { dryRun: query.dryRun, startedAt, endedAt, totals } };
}
