import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "#client/features/backfills/run.ts";
import { describeRun, writeEta, writeProcessed, writeRate } from "#client/features/backfills/run-text.ts";
import { isEnded } from "#server/backfills/decide-backfill-state.ts";
import { getBackfill } from "#server/backfills/queries.ts";
import { runBackfill } from "#server/backfills/run-backfill.ts";
import type { Installation } from "./open-installation.ts";

const LOOK_MS = 1_000;
const ALL = { kind: "all" as const };

/** Prints how far a run is whenever that changes, until it has ended or is paused. Answers how it stands then. */
export async function followBackfill(
  { deps }: Installation,
  id: string,
  signal: AbortSignal,
): Promise<Run["state"]> {
  let last = "";
  for (;;) {
    const run = await readRun(deps, id);
    const line = describeLine(run);
    if (line !== last) console.log(line);
    last = line;
    if (isEnded(run.state) || run.state === "paused" || signal.aborted) return run.state;
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {}); // Ctrl-C ends the wait; the loop sees it
  }
}

/** Does the work in this process, waiting out the providers' limits, until the run has ended or somebody stops it. */
export async function workHere({ deps }: Installation, id: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    await runBackfill(deps, { backfillId: id }, signal);
    const run = await readRun(deps, id);
    const isParked = run.state === "waiting" && run.waitUntil === null;
    if (isEnded(run.state) || run.state === "paused" || isParked || signal.aborted) return;
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}

/** As the console reads it: times as text. */
async function readRun(deps: Installation["deps"], id: string): Promise<Run> {
  const run = await getBackfill({ db: deps.db, now: deps.clock.now() }, ALL, id);
  return JSON.parse(JSON.stringify(run)) as Run; // the same shape that the API sends
}

function describeLine(run: Run): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const notice = describeRun(run, Date.parse(run.asOf), zone);
  const { percent, ratePerSecond, eta } = run.progress;
  const figures = [
    percent === null ? "" : `${percent}%`,
    writeProcessed(run),
    isEnded(run.state) ? "" : writeRate(ratePerSecond),
    writeEta(eta),
    run.cursor ? `at ${run.cursor.label}` : "",
  ].filter(Boolean);
  return [figures.join(" · "), notice ? `${notice.title} ${notice.detail ?? ""}`.trim() : ""]
    .filter(Boolean)
    .join("\n  ");
}
