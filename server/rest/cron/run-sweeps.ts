import type { Deps } from "#server/deps.ts";
import { AppError } from "#server/lib/errors.ts";
import { openConnection } from "#server/reconcile/open-connection.ts";
import { type SweepCounts, sweepTier } from "#server/reconcile/sweep-connection.ts";
import { awaitSweep } from "#server/scheduler/await-sweep.ts";
import { createRehearsalDb } from "../rehearsal-db.ts";
import type { SweepChoice } from "./choose-connections.ts";

export type SweepResult = SweepChoice & {
  outcome: "done" | "failed" | "skipped";
  errorCode: string | null;
  counters: SweepCounts;
};

const AT_ONCE = 3;

/** Has them swept and waits; a rehearsal takes place here. What fails says so in its own row and stops no other (R31). */
export async function runSweeps(
  deps: Deps,
  choices: SweepChoice[],
  { dryRun }: { dryRun: boolean },
): Promise<SweepResult[]> {
  const results: SweepResult[] = [];
  const line = choices.entries();
  const work = async () => {
    for (const [at, choice] of line) results[at] = await runOne(deps, choice, dryRun);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

async function runOne(deps: Deps, choice: SweepChoice, dryRun: boolean): Promise<SweepResult> {
  const { connectionId, tier } = choice;
  if (tier === null) return { ...choice, outcome: "skipped", errorCode: null, counters: {} };
  try {
    const sweep = dryRun
      ? { ok: true as const, counters: await rehearseSweep(deps, connectionId, tier) }
      : await awaitSweep(deps, { connectionId, tier, trigger: "http" });
    return sweep.ok
      ? { ...choice, outcome: "done", errorCode: null, counters: sweep.counters }
      : { ...choice, outcome: "failed", errorCode: sweep.errorCode, counters: {} };
  } catch (err) {
    const errorCode = err instanceof AppError ? err.code : "internal";
    if (errorCode === "internal") deps.log.error({ err, connectionId }, "sweep failed");
    return { ...choice, outcome: "failed", errorCode, counters: {} };
  }
}

/** What a pass would do, page by page: provider calls are real, and nothing is kept (R19). */
async function rehearseSweep(
  deps: Deps,
  connectionId: string,
  tier: NonNullable<SweepChoice["tier"]>,
): Promise<SweepCounts> {
  const open = await openConnection(deps, connectionId, { priority: "reconcile" });
  const startedAt = deps.clock.now();
  const counters: SweepCounts = {};
  const rehearsal = { ...deps, db: createRehearsalDb(deps.db) };
  await sweepTier(rehearsal, open, { tier, startedAt }, counters);
  return counters;
}
