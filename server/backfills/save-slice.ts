import type { BackfillSlice } from "#server/db/generated/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { addEffects, type SliceEffects } from "./compute-page-counts.ts";
import type { Desired } from "./decide-backfill-state.ts";
import { advanceRun, type HeldRun, holdRun, type RunDeps, takeOver } from "./held-run.ts";
import { readPosition, writePosition } from "./slice-position.ts";

/** Marks a slice as under way; its start is when its pass began, however often it is interrupted. */
export async function beginSlice(
  { db, clock }: RunDeps,
  run: HeldRun,
  slice: BackfillSlice,
): Promise<BackfillSlice> {
  const now = clock.now();
  return runTransaction(db, "begin backfill slice", async (tx) => {
    await holdRun(tx, run, now);
    return tx.backfillSlice.update({
      where: { id: slice.id },
      data: { state: "running", startedAt: slice.startedAt ?? now },
    });
  });
}

/** The slice's pass is complete. */
export async function finishSlice(
  { db, clock }: RunDeps,
  run: HeldRun,
  slice: BackfillSlice,
  effects: Partial<SliceEffects>,
): Promise<Desired> {
  const now = clock.now();
  const done = await runTransaction(db, "finish backfill slice", async (tx) => {
    const desired = await holdRun(tx, run, now);
    await tx.backfillSlice.update({
      where: { id: slice.id },
      data: {
        state: "done",
        endedAt: now,
        cursor: null,
        errorCode: null,
        effects: addEffects(slice.effects, effects),
      },
    });
    const progress = await advanceRun(tx, run, { now, workspaceId: slice.workspaceId, processedMore: 0 });
    return { desired, progress };
  });
  takeOver(run, done.progress);
  return done.desired;
}

/** One more failed attempt. With `fromStart` the slice forgets what it had counted, since it reads all of it again. */
export async function noteSliceAttempt(
  { db, clock }: RunDeps,
  run: HeldRun,
  slice: BackfillSlice,
  failure: { code: string; fromStart: boolean },
): Promise<BackfillSlice> {
  const now = clock.now();
  const processed = slice.done + slice.known + slice.failed;
  const next = await runTransaction(db, "note backfill attempt", async (tx) => {
    await holdRun(tx, run, now);
    if (failure.fromStart) {
      await tx.backfillError.deleteMany({ where: { sliceId: slice.id, resolvedAt: null } });
    }
    return tx.backfillSlice.update({
      where: { id: slice.id },
      data: {
        attempts: slice.attempts + 1,
        errorCode: failure.code,
        ...(failure.fromStart ? { cursor: null, page: 0, done: 0, known: 0, failed: 0 } : {}),
      },
    });
  });
  if (failure.fromStart) run.processed -= processed;
  return next;
}

/** The limit ended a page before anything of it could be saved: the next try keeps its place until the page is whole. */
export async function noteStuck({ db, clock }: RunDeps, run: HeldRun, slice: BackfillSlice): Promise<void> {
  const cursor = writePosition({ ...readPosition(slice.cursor), isStuck: true });
  await runTransaction(db, "note stuck backfill slice", async (tx) => {
    await holdRun(tx, run, clock.now());
    await tx.backfillSlice.update({ where: { id: slice.id }, data: { cursor } });
  });
}

/** Leaves a slice as failed, with its reason in the ledger; the others go on. */
export async function failSlice(
  { db, clock }: RunDeps,
  run: HeldRun,
  slice: BackfillSlice,
  failure: { code: string; message: string },
): Promise<void> {
  const now = clock.now();
  await runTransaction(db, "fail backfill slice", async (tx) => {
    await holdRun(tx, run, now);
    await tx.backfillSlice.update({
      where: { id: slice.id },
      data: { state: "failed", endedAt: now, errorCode: failure.code, attempts: slice.attempts + 1 },
    });
    await tx.backfillError.create({
      data: { backfillId: run.id, sliceId: slice.id, code: failure.code, message: failure.message, at: now },
    });
    await advanceRun(tx, run, { now, workspaceId: slice.workspaceId, processedMore: 0 });
  });
}
