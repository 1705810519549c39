import type { Db, Tx } from "#server/db/client.ts";
import type { BackfillSlice } from "#server/db/generated/client.ts";
import { lockForReadings } from "#server/db/lock-workspace.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { ApplyCounts } from "#server/reconcile/apply-readings.ts";
import type { OpenConnection } from "#server/reconcile/open-connection.ts";
import { savePageInParts } from "#server/reconcile/save-page-in-parts.ts";
import type { WindowPage } from "#server/reconcile/window-page.ts";
import { addEffects, computePageCounts, effectsOf, type SliceCounters } from "./compute-page-counts.ts";
import type { Desired } from "./decide-backfill-state.ts";
import { advanceRun, type HeldRun, holdRun, type RunDeps, takeOver } from "./held-run.ts";
import { readPosition, type SlicePosition, writePosition } from "./slice-position.ts";

export type SavedPage = { slice: BackfillSlice; desired: Desired };

/** What applying a page says about it: what it did, what it counts as, and who was refused. */
export type PageResult = { counts: ApplyCounts; counters: SliceCounters; poisoned: string[] };

export type PageWork = {
  apply: (tx: Tx, step: { now: Date; skipSideEffects: boolean }) => Promise<PageResult>;
  /** Records that could not be read. */
  rejected: WindowPage["rejected"];
  /** Where the slice stands afterwards. */
  position: SlicePosition;
  /** Whether the page is complete. */
  isWhole: boolean;
};

/**
 * One page, one transaction: evidence and its effects, the slice's position and counters, the run's progress and its
 * news. A worker that has lost the run writes nothing of it. A dry run sends the page down the same road, takes it
 * back, and keeps the figures alone.
 */
export async function savePage(
  { db, clock }: RunDeps,
  run: HeldRun,
  before: BackfillSlice,
  work: PageWork,
): Promise<SavedPage> {
  const apply = (tx: Tx, now: Date) => work.apply(tx, { now, skipSideEffects: run.skipSideEffects });
  const rehearsed = run.dryRun ? await rehearse(db, (tx) => apply(tx, clock.now())) : null;
  const saved = await runTransaction(db, "save backfill page", async (tx) => {
    await lockForReadings(tx, before.workspaceId);
    // Not before: whoever had the turn first happened first.
    const now = clock.now();
    const result = rehearsed ?? (await apply(tx, now));
    const { done, known, failed } = result.counters;
    const desired = await holdRun(tx, run, now);
    const slice = await tx.backfillSlice.update({
      where: { id: before.id },
      data: {
        cursor: writePosition(work.position),
        page: before.page + (work.isWhole ? 1 : 0),
        done: before.done + done,
        known: before.known + known,
        failed: before.failed + failed,
        effects: addEffects(before.effects, effectsOf(result.counts)),
      },
    });
    await saveRejected(tx, before, work.rejected, result.poisoned, now);
    const { workspaceId } = slice;
    const progress = await advanceRun(tx, run, { now, workspaceId, processedMore: done + known + failed });
    return { slice, desired, progress };
  });
  takeOver(run, saved.progress);
  return saved;
}

/** A page of a provider's calendar. */
export function saveSlicePage(
  deps: RunDeps,
  run: HeldRun,
  open: OpenConnection,
  before: BackfillSlice,
  page: WindowPage,
): Promise<SavedPage> {
  const { cutShort, nextCursor } = page;
  const position = readPosition(before.cursor);
  const seen = new Set(position.seen);
  return savePage(deps, run, before, {
    rejected: page.rejected,
    isWhole: cutShort === undefined,
    position: {
      cursor: nextCursor,
      seen: [...new Set([...position.seen, ...page.seenEventIds])],
      doubted: [...new Set([...position.doubted, ...page.doubtedEventIds])],
      part: cutShort ? [...position.part, ...cutShort.readIds] : [],
      isStuck: false,
      isRead: nextCursor === null && cutShort === undefined,
    },
    apply: async (tx, step) => {
      const words = { source: "backfill", reason: "backfill", backfillId: run.id } as const;
      const { counts, poisoned } = await savePageInParts(tx, open, page, { ...step, ...words });
      return {
        counts,
        poisoned,
        counters: computePageCounts(page, counts, { seen, poisoned: poisoned.length }),
      };
    },
  });
}

class Rehearsed<T> extends Error {
  readonly answer: T;
  constructor(answer: T) {
    super("rehearsal");
    this.answer = answer;
  }
}

/** What the work would do: all of it happens, is counted, and is rolled back. */
async function rehearse<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  try {
    return await runTransaction(db, "rehearse backfill page", async (tx) => {
      throw new Rehearsed(await work(tx));
    });
  } catch (error) {
    // Thrown above, so it carries what `work` answered.
    if (error instanceof Rehearsed) return error.answer as T;
    throw error;
  }
}

async function saveRejected(
  tx: Tx,
  slice: BackfillSlice,
  rejected: WindowPage["rejected"],
  poisoned: string[],
  now: Date,
): Promise<void> {
  const entry = { backfillId: slice.backfillId, sliceId: slice.id, at: now };
  const unreadable = rejected.map(({ ref, faults }) => ({
    ...entry,
    code: "bad_record",
    // Field names and kinds of fault, never a value.
    message: faults.slice(0, 3).join("; ") || "in a form that is not known",
    providerRef: ref,
  }));
  const refused = poisoned.map((ref) => ({
    ...entry,
    code: "refused_record",
    message: "the database does not take this record",
    providerRef: ref,
  }));
  await tx.backfillError.createMany({ data: [...unreadable, ...refused] });
}
