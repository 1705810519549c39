import type { BackfillSlice } from "#server/db/generated/client.ts";
import { recordJobRun } from "#server/db/job-run.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { type OpenConnection, openConnection } from "#server/reconcile/open-connection.ts";
import { recordSweepFailed } from "#server/reconcile/record-sweep.ts";
import { claimBackfill, giveBackfillBack } from "./claim-backfill.ts";
import { type HeldRun, holdRun, type RunDeps, RunLostError, writeRunState } from "./held-run.ts";
import { moveSlicesToNewConnections } from "./move-slices.ts";
import { runSlice, type SliceEnd } from "./run-slice.ts";
import { settleBackfill } from "./settle-backfill.ts";
import { writeWaitReason } from "./wait-reason.ts";
import { type RunWatch, watchRun } from "./watch-run.ts";

/** Why a connection's slices are left alone for now; `until` is null when a person has to act. */
type Blocked = { until: Date | null; reason: string };

/**
 * The worker of one run (R33): takes it up if nobody holds it, reads slice after slice, and leaves it ended, paused,
 * waiting or given back. It may die at any moment; the next one goes on at the last saved page.
 */
export async function runBackfill(
  deps: RunDeps,
  { backfillId }: { backfillId: string },
  signal: AbortSignal,
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
      await workThrough(deps, run, watch, signal);
      counters.processed = run.processed - processedBefore;
    });
  } catch (error) {
    if (error instanceof RunLostError) {
      deps.log.warn({ backfillId, attempt: run.attempt }, "another worker has taken this backfill over");
      return;
    }
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
    way: "sweep" as const,
    why: `backfill ${run.number}, attempt ${run.attempt}`,
    ...(only && others.length === 0 ? { workspaceId: only } : {}),
  };
}

async function workThrough(
  deps: RunDeps,
  run: HeldRun,
  watch: RunWatch,
  jobSignal: AbortSignal,
): Promise<void> {
  const blocked = new Map<string, Blocked>();
  const open = createOpener(deps, watch.signal);
  for (;;) {
    if (jobSignal.aborted) return giveBackfillBack(deps, run);
    if (await settleBackfill(deps, run)) return;
    // Told to let go, and told otherwise since: whoever takes it up next begins with open ears.
    if (watch.signal.aborted) return giveBackfillBack(deps, run);
    const slice = await findNextSlice(deps, run, [...blocked.keys()]);
    if (!slice) {
      if (await waitForConnections(deps, run, [...blocked.values()])) return;
      continue;
    }
    const end = await runSlice(deps, { run, watch, open }, slice);
    const block = await blockOf(deps, run, end);
    if (block) blocked.set(slice.connectionId, block);
  }
}

/** One bad token or full bucket never stops the others (R31): its slices are skipped until nothing else is left. */
async function blockOf(deps: RunDeps, run: HeldRun, end: SliceEnd): Promise<Blocked | null> {
  switch (end.outcome) {
    case "rest":
      return { until: end.until, reason: writeWaitReason("limit", end.connection.provider) };
    case "park":
      deps.log.warn(
        { backfillId: run.id, connectionId: end.connection.id, code: end.error.code },
        "backfill waits for a connection",
      );
      await recordSweepFailed(deps, end.connection, end.error);
      return { until: null, reason: writeWaitReason("connection", end.connection.provider) };
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
 * Nothing can be read now. A limit says itself until when; a dead connection waits for a person. False when the
 * operator wants something else by now.
 */
async function waitForConnections(
  { db, clock }: RunDeps,
  run: HeldRun,
  blocked: Blocked[],
): Promise<boolean> {
  const now = clock.now();
  const limits = blocked.filter(({ until }) => until !== null);
  const first = limits.sort((a, b) => Number(a.until) - Number(b.until))[0] ?? blocked[0];
  return runTransaction(db, "backfill waits", async (tx) => {
    if ((await holdRun(tx, run, now)) !== "running") return false;
    await writeRunState(tx, run, now, {
      state: "waiting",
      waitUntil: first?.until ?? null,
      waitReason: first?.reason ?? null,
      release: true,
    });
    return true;
  });
}

/**
 * Connections stay open for the whole run, since opening one may cost calls. A token that was replaced meanwhile opens
 * it again; one that was disconnected is refused by `openConnection`.
 */
function createOpener(deps: RunDeps, signal: AbortSignal): (connectionId: string) => Promise<OpenConnection> {
  const opened = new Map<string, OpenConnection>();
  return async (connectionId) => {
    const known = opened.get(connectionId);
    const current = await deps.db.connection.findUnique({
      where: { id: connectionId },
      select: { tokenChangedAt: true, state: true },
    });
    const isSame = known?.row.tokenChangedAt?.getTime() === current?.tokenChangedAt?.getTime();
    if (known && isSame && current?.state !== "off") return known;
    const open = await openConnection(deps, connectionId, { priority: "backfill", signal });
    opened.set(connectionId, open);
    return open;
  };
}
