import type { Db, Tx } from "#server/db/client.ts";
import type { BackfillSlice } from "#server/db/generated/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { OpenConnection } from "#server/reconcile/open-connection.ts";
import type { WindowPage } from "#server/reconcile/window-page.ts";
import { type AppliedPage, applyPage, type PageStep } from "./apply-page.ts";
import { addEffects, computePageCounts, effectsOf, type SliceEffects } from "./compute-page-counts.ts";
import type { Desired } from "./decide-backfill-state.ts";
import { advanceRun, type HeldRun, holdRun, type PageProgress, type RunDeps } from "./held-run.ts";
import { readPosition, writePosition } from "./slice-position.ts";

type SavedPage = { slice: BackfillSlice; desired: Desired };

/**
 * One page, one transaction: evidence and its effects, the slice's position and counters, the run's progress and its
 * news. A worker that has lost the run writes nothing of it. A dry run sends the page down the same road, takes it
 * back, and keeps the figures alone.
 */
export async function saveSlicePage(
  { db, clock }: RunDeps,
  run: HeldRun,
  open: OpenConnection,
  before: BackfillSlice,
  page: WindowPage,
): Promise<SavedPage> {
  const now = clock.now();
  const step: PageStep = {
    source: "backfill",
    reason: "backfill",
    now,
    skipSideEffects: run.skipSideEffects,
    backfillId: run.id,
  };
  const rehearsed = run.dryRun ? await rehearsePage(db, open, page, step) : null;
  const saved = await runTransaction(db, "save backfill page", async (tx) => {
    const applied = rehearsed ?? (await applyPage(tx, open, page, step));
    const desired = await holdRun(tx, run, now);
    const { slice, processed } = await saveSlice(tx, before, page, applied);
    await saveRejected(tx, before, page, applied, now);
    const progress = await advanceRun(tx, run, {
      now,
      workspaceId: slice.workspaceId,
      processedMore: processed,
    });
    return { slice, desired, progress };
  });
  takeOver(run, saved.progress);
  return saved;
}

/** Figures move on in memory only once they are committed. */
function takeOver(run: HeldRun, progress: PageProgress): void {
  run.processed = progress.processed;
  run.samples = progress.samples;
  run.publishedAtMs = progress.publishedAtMs;
}

class Rehearsed extends Error {
  readonly applied: AppliedPage;
  constructor(applied: AppliedPage) {
    super("rehearsal");
    this.applied = applied;
  }
}

/** What the page would do: all of it happens, is counted, and is rolled back. */
async function rehearsePage(
  db: Db,
  open: OpenConnection,
  page: WindowPage,
  step: PageStep,
): Promise<AppliedPage> {
  try {
    return await runTransaction(db, "rehearse backfill page", async (tx) => {
      throw new Rehearsed(await applyPage(tx, open, page, step));
    });
  } catch (error) {
    if (error instanceof Rehearsed) return error.applied;
    throw error;
  }
}

async function saveSlice(tx: Tx, before: BackfillSlice, page: WindowPage, applied: AppliedPage) {
  const position = readPosition(before.cursor);
  const seen = new Set(position.seen);
  const more = computePageCounts(page, applied.counts, { seen, poisoned: applied.poisoned.length });
  for (const id of page.seenEventIds) seen.add(id);
  const { cutShort } = page;
  const slice = await tx.backfillSlice.update({
    where: { id: before.id },
    data: {
      cursor: writePosition({
        cursor: page.nextCursor,
        seen: [...seen],
        part: cutShort ? [...position.part, ...cutShort.readIds] : [],
        isStuck: false,
        isRead: page.nextCursor === null && cutShort === undefined,
      }),
      page: before.page + (cutShort ? 0 : 1),
      done: before.done + more.done,
      known: before.known + more.known,
      failed: before.failed + more.failed,
      effects: addEffects(before.effects, effectsOf(applied.counts)),
    },
  });
  return { slice, processed: more.done + more.known + more.failed };
}

async function saveRejected(
  tx: Tx,
  slice: BackfillSlice,
  page: WindowPage,
  applied: AppliedPage,
  now: Date,
): Promise<void> {
  const entry = { backfillId: slice.backfillId, sliceId: slice.id, at: now };
  const unreadable = page.rejected.map(({ ref, faults }) => ({
    ...entry,
    code: "bad_record",
    // Field names and kinds of fault, never a value.
    message: faults.slice(0, 3).join("; ") || "in a form that is not known",
    providerRef: ref,
  }));
  const refused = applied.poisoned.map((ref) => ({
    ...entry,
    code: "refused_record",
    message: "the database does not take this record",
    providerRef: ref,
  }));
  await tx.backfillError.createMany({ data: [...unreadable, ...refused] });
}

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
