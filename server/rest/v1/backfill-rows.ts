import type { BackfillScope } from "#server/backfills/backfill-scope.ts";
import { getBackfill } from "#server/backfills/queries.ts";
import type { Deps } from "#server/deps.ts";

/** One run as programs see it: what it is about, how far it is, and what it did. */
export async function loadBackfill(
  { db, clock }: Pick<Deps, "db" | "clock">,
  scope: BackfillScope,
  id: string,
) {
  const run = await getBackfill({ db, now: clock.now() }, scope, id);
  const { progress } = run;
  const eta = progress.eta.kind === "range" ? progress.eta : null;
  return {
    id: run.id,
    number: run.number,
    workspaceIds: run.workspaces.map((workspace) => workspace.id),
    providers: run.providers,
    from: run.from,
    to: run.to,
    mode: run.mode,
    dryRun: run.dryRun,
    skipSideEffects: run.skipSideEffects,
    note: run.note,
    state: run.state,
    since: run.stateSince,
    done: run.done,
    /** Read, and equal to what was known. */
    skipped: run.known,
    failed: run.failed,
    total: progress.total,
    totalIsEstimate: progress.totalIsEstimate,
    percent: progress.percent,
    ratePerSec60: progress.ratePerSecond,
    /** Seconds. */
    etaLow: eta?.lowSeconds ?? null,
    etaHigh: eta?.highSeconds ?? null,
    waitUntil: run.waitUntil,
    waitReason: run.waitReason,
    cursorLabel: run.cursor?.label ?? null,
    heartbeatAt: run.heartbeatAt,
    slices: run.slices,
    effects: run.effects,
    errors: run.errors.map(({ code, provider, records, slices }) => ({ code, provider, records, slices })),
    createdAt: run.createdAt,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    asOf: run.asOf,
  };
}
