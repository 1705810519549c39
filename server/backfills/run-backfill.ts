import type { BackfillSlice } from "#server/db/generated/client.ts";
import { recordJobRun } from "#server/db/job-run.ts";
import { SECOND_MS } from "#server/lib/duration.ts";
import { systemSleep } from "#server/providers/sleep.ts";
import { type OpenConnection, openConnection } from "#server/reconcile/open-connection.ts";
import { recordSweepFailed } from "#server/reconcile/record-sweep.ts";
import { callWorker } from "./call-worker.ts";
import { claimBackfill, giveBackfillBack } from "./claim-backfill.ts";
import { type HeldRun, type RunDeps, RunLostError } from "./held-run.ts";
import { moveSlicesToNewConnections } from "./move-slices.ts";
import { runSlice } from "./run-slice.ts";
import { settleBackfill } from "./settle-backfill.ts";
import { SHORT_WAIT_MS, type SliceEnd, type SliceTools } from "./slice-end.ts";
import {
  type Block,
  isDatabaseTrouble,
  passTurn,
  waitForConnections,
  waitForDatabase,
} from "./wait-backfill.ts";
import { writeWaitReason } from "./wait-reason.ts";
import { type RunWatch, watchRun } from "./watch-run.ts";

/** How long a run keeps its worker while others wait for one. */
const TURN_MS = 15 * SECOND_MS;

/**
 * The worker of one run (R33): takes it up if nobody holds it, reads slice after slice, and leaves it ended, paused,
 * waiting or given back. It may die at any moment; the next one goes on at the last saved page.
 */
export async function runBackfill(
  deps: RunDeps,
  { backfillId }: { backfillId: string },
  signal: AbortSignal,
  { turnMs = TURN_MS }: { turnMs?: number } = {},
): Promise<void> {
  if (signal.aborted) return;
  const claimed = await claimBackfill(deps, backfillId);
  if (!claimed) return;
  const { run } = claimed;
  const watch = watchRun(deps, run, signal);
  try {
    await recordJobRun(deps, jobRunOf(run), async (counters) => {
      const processedBefore = run.processed;
      await moveSlicesToNewConnections(deps, run);
      await workThrough(deps, run, watch, signal, turnMs);
      counters.processed = run.processed - processedBefore;
    });
  } catch (error) {
    if (error instanceof RunLostError) {
      deps.log.warn({ backfillId, attempt: run.attempt }, "another worker has taken this backfill over");
      return;
    }
    if (isDatabaseTrouble(error)) return await waitForDatabase(deps, run);
    await giveBackfillBack(deps, run);
    throw error;
  } finally {
    await watch.stop();
  }
}

function jobRunOf(run: HeldRun) {
  const [only, ...others] = run.workspaceIds;
  return {
    job: "run-backfill",
    trigger: "operator",
    way: run.mode,
    why: `backfill ${run.number}, attempt ${run.attempt}`,
    ...(only && others.length === 0 ? { workspaceId: only } : {}),
  };
}

async function workThrough(
  deps: RunDeps,
  run: HeldRun,
  watch: RunWatch,
  jobSignal: AbortSignal,
  turnMs: number,
): Promise<void> {
  const blocked = new Map<string, Block>();
  const open = createOpener(deps, watch.signal);
  const takenUpMs = performance.now();
  for (;;) {
    if (jobSignal.aborted) {
      await giveBackfillBack(deps, run);
      return callWorker(deps.queue, run);
    }
    if (await settleBackfill(deps, run)) return;
    // Told to let go, and told otherwise since: whoever takes it up next begins with open ears.
    if (watch.signal.aborted) return giveBackfillBack(deps, run);
    if (performance.now() - takenUpMs > turnMs && (await passTurn(deps, run))) return;
    const now = deps.clock.now();
    for (const [id, { until }] of blocked) if (until !== null && until <= now) blocked.delete(id);
    const slice = await findNextSlice(deps, run, [...blocked.keys()]);
    if (slice) {
      const end = await runSlice(deps, { run, watch, open }, slice);
      const block = await blockOf(deps, run, end);
      if (block) blocked.set(slice.connectionId, block);
    } else if (!(await sleepShortly(deps, blocked, now, watch.signal))) {
      if (await waitForConnections(deps, run, [...blocked.values()])) return;
    }
  }
}

/** A wait of a moment is not worth giving the run away. False when none of them is so short. */
async function sleepShortly(
  { sleep = systemSleep }: RunDeps,
  blocked: Map<string, Block>,
  now: Date,
  signal: AbortSignal,
): Promise<boolean> {
  const waits = [...blocked].flatMap(([id, { until }]) =>
    until ? [{ id, ms: until.getTime() - now.getTime() }] : [],
  );
  const shortest = Math.min(...waits.map(({ ms }) => ms));
  if (shortest > SHORT_WAIT_MS) return false;
  await sleep(shortest, signal).catch(() => {}); // an abort ends the wait, the loop sees it
  // Waited for, whatever the clock says: it may stand still.
  for (const { id, ms } of waits) if (ms <= shortest) blocked.delete(id);
  return true;
}

/** One bad token or full bucket never stops the others (R31): its slices are skipped until it may be asked again. */
async function blockOf(deps: RunDeps, run: HeldRun, end: SliceEnd): Promise<Block | null> {
  switch (end.outcome) {
    case "rest": {
      const { provider } = end.connection;
      return { until: end.until, reason: writeWaitReason({ kind: end.because, provider }) };
    }
    case "park": {
      const { id, provider } = end.connection;
      deps.log.warn(
        { backfillId: run.id, connectionId: id, code: end.error.code },
        "backfill waits for a connection",
      );
      await recordSweepFailed(deps, end.connection, end.error);
      return { until: null, reason: writeWaitReason({ kind: "connection", provider }) };
    }
    case "done":
    case "failed":
    case "stopped":
      return null;
    default:
      return end satisfies never;
  }
}

/** Newest day first; a slice that was begun comes before those that were not. */
async function findNextSlice(
  { db }: RunDeps,
  run: HeldRun,
  blockedConnections: string[],
): Promise<BackfillSlice | null> {
  return db.backfillSlice.findFirst({
    where: {
      backfillId: run.id,
      state: { in: ["running", "pending"] },
      connectionId: { notIn: blockedConnections },
    },
    orderBy: [
      { state: "desc" }, // as declared: pending, running
      { day: "desc" },
      { workspaceId: "asc" },
      { provider: "asc" },
      { connectionId: "asc" },
    ],
  });
}

/**
 * Connections stay open for the whole turn, since opening one may cost calls. A token that was replaced meanwhile opens
 * it again; one that was disconnected is refused by `openConnection`.
 */
function createOpener(deps: RunDeps, signal: AbortSignal): SliceTools["open"] {
  const opened = new Map<string, OpenConnection>();
  return async (connectionId, { isPatient }) => {
    const key = isPatient ? `${connectionId} patient` : connectionId;
    const known = opened.get(key);
    const current = await deps.db.connection.findUnique({
      where: { id: connectionId },
      select: { tokenChangedAt: true, state: true },
    });
    const isSame = known?.row.tokenChangedAt?.getTime() === current?.tokenChangedAt?.getTime();
    if (known && isSame && current?.state !== "off") return known;
    const patience = isPatient ? {} : { patienceMs: SHORT_WAIT_MS };
    const open = await openConnection(deps, connectionId, { priority: "backfill", ...patience, signal });
    opened.set(key, open);
    return open;
  };
}
