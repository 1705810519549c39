import { countWorkers } from "#server/db/count-workers.ts";
import type { Deps } from "#server/deps.ts";
import { AppError } from "#server/lib/errors.ts";
import type { Answer } from "../answer-once.ts";
import { findWorkspace } from "../find-workspace.ts";
import { chooseConnections } from "./choose-connections.ts";
import type { CronQuery } from "./cron-query.ts";
import { type LookupResult, lookUpDue, queueLookups, rehearseLookups } from "./look-up-due.ts";
import { runSweeps, type SweepResult } from "./run-sweeps.ts";

/**
 * Puts due sweeps and lookups in line and answers at once; with `wait` it waits until the sweeps are done, does the
 * lookups, and answers with what each counted; with `dryRun` it rehearses both here. Lookups come after the sweeps, which
 * may have answered for them. Who waits where nobody works is told at once, and nothing is put in line.
 */
export async function reconcileAppointments(deps: Deps, query: CronQuery): Promise<Answer> {
  const hasToWait = query.wait || query.dryRun;
  const startedAt = deps.clock.now();
  const workspaceId = query.workspaceId ? await findWorkspace(deps, query.workspaceId) : null;
  const request = { ...query, workspaceId };
  const choices = await chooseConnections(deps, {
    workspaceId,
    workspaceLimit: query.workspaceLimit ?? null,
    isAwaited: hasToWait,
  });
  if (hasToWait) {
    if (!query.dryRun && choices.some(({ tier }) => tier !== null)) await expectWorker(deps);
    const connections = await runSweeps(deps, choices, { dryRun: query.dryRun });
    const lookups = await (query.dryRun ? rehearseLookups : lookUpDue)(deps, request);
    const endedAt = deps.clock.now();
    const totals = { ...addSweeps(connections), ...addLookups(lookups) };
    return { status: 200, body: { dryRun: query.dryRun, startedAt, endedAt, totals, connections, lookups } };
  }
  let queued = 0;
  for (const { connectionId, tier } of choices) {
    if (tier === null) continue;
    await deps.queue.send("sweep", { connectionId, tier, trigger: "http" }, { key: connectionId });
    queued += 1;
  }
  const lookups = await queueLookups(deps, request);
  return { status: 202, body: { queued, connections: choices, lookups } };
}

async function expectWorker({ db }: Pick<Deps, "db">): Promise<void> {
  if ((await countWorkers(db)) > 0) return;
  throw new AppError(
    "no_worker",
    "No process works on sweeps. Start one with PROCESS_ROLE=worker or all, or leave out wait to put them in line for the next one.",
    { status: 503 },
  );
}

function addSweeps(results: SweepResult[]): Record<string, number> {
  const totals: Record<string, number> = { done: 0, failed: 0, skipped: 0 };
  for (const { outcome, counters } of results) {
    for (const [key, value] of Object.entries({ [outcome]: 1, ...counters })) {
      totals[key] = (totals[key] ?? 0) + value;
    }
  }
  return totals;
}

function addLookups(results: LookupResult[]): Record<string, number> {
  const sum = (key: string) => results.reduce((total, { counters }) => total + (counters[key] ?? 0), 0);
  return { lookedUp: sum("leads"), lookupsFailed: sum("failed"), lookupCalls: sum("calls") };
}
