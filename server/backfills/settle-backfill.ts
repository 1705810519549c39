import { SYSTEM } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Tx } from "#server/db/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { decideEnd, type EndState, type SliceCounts } from "./decide-backfill-state.ts";
import { type HeldRun, holdRun, type RunDeps, writeRunState } from "./held-run.ts";

/**
 * Called where a worker has no page in hand: follows a pause or a cancel, or ends the run as its slices say. Answers
 * false while there is still something to read.
 */
export async function settleBackfill({ db, clock }: RunDeps, run: HeldRun): Promise<boolean> {
  const now = clock.now();
  return runTransaction(db, "settle backfill", async (tx) => {
    const desired = await holdRun(tx, run, now);
    const slices = await countSlices(tx, run.id);
    const end = decideEnd({ desired, slices, exceptions: await countExceptions(tx, run.id) });
    if (end) {
      if (end === "canceled") await cancelOpenSlices(tx, run.id, now);
      await writeRunState(tx, run, now, { state: end, release: true, ended: true });
      await auditEnd(tx, now, run, end, slices);
      return true;
    }
    if (desired !== "paused") return false;
    await writeRunState(tx, run, now, { state: "paused", release: true });
    return true;
  });
}

async function countSlices(tx: Tx, backfillId: string): Promise<SliceCounts> {
  const rows = await tx.backfillSlice.groupBy({ by: ["state"], where: { backfillId }, _count: true });
  const counts: SliceCounts = { pending: 0, running: 0, done: 0, failed: 0, canceled: 0 };
  for (const { state, _count } of rows) counts[state] = _count;
  return counts;
}

/** Records that could not be read: they make the difference between a clean end and one with exceptions. */
function countExceptions(tx: Tx, backfillId: string): Promise<number> {
  return tx.backfillError.count({ where: { backfillId, resolvedAt: null } });
}

/** What a cancel leaves behind: read slices stay read, the rest is canceled. */
export async function cancelOpenSlices(tx: Tx, backfillId: string, now: Date): Promise<void> {
  await tx.backfillSlice.updateMany({
    where: { backfillId, state: { in: ["pending", "running"] } },
    data: { state: "canceled", endedAt: now, cursor: null },
  });
}

async function auditEnd(tx: Tx, now: Date, run: HeldRun, end: EndState, slices: SliceCounts): Promise<void> {
  await writeAudit(
    tx,
    SYSTEM,
    now,
    run.workspaceIds.map((workspaceId) => ({
      workspaceId,
      verb: "backfill_ended",
      subjectType: "backfill",
      subjectId: run.id,
      after: { state: end, slices },
      source: "backfill",
      reason: end,
    })),
  );
}
