import type { ApplyCounts } from "#server/reconcile/apply-readings.ts";
import type { WindowPage } from "#server/reconcile/window-page.ts";

export type SliceCounters = { done: number; known: number; failed: number };

/** What a run did, added up over its pages; the words of the run page. */
export type SliceEffects = {
  appointmentsAdded: number;
  appointmentsUpdated: number;
  unmatched: number;
  leadsChanged: number;
  mismatchesOpened: number;
  mismatchesClosed: number;
  redCreated: number;
  redClosed: number;
  vanished: number;
};

function emptySliceEffects(): SliceEffects {
  return {
    appointmentsAdded: 0,
    appointmentsUpdated: 0,
    unmatched: 0,
    leadsChanged: 0,
    mismatchesOpened: 0,
    mismatchesClosed: 0,
    redCreated: 0,
    redClosed: 0,
    vanished: 0,
  };
}

/**
 * What one page adds to its slice. A booking that an earlier page of the same pass listed already counts there and not
 * again; one that could not be read or written counts as failed.
 */
export function computePageCounts(
  page: Pick<WindowPage, "readings" | "rejected" | "known">,
  counts: ApplyCounts,
  facts: { seen: ReadonlySet<string>; poisoned: number },
): SliceCounters {
  const done = counts.created + counts.updated;
  const again = page.readings.filter(({ eventId }) => facts.seen.has(eventId)).length;
  return {
    done,
    known: page.known + Math.max(0, counts.unchanged + counts.stale - again),
    failed: page.rejected.length + facts.poisoned,
  };
}

export function effectsOf(counts: ApplyCounts): Partial<SliceEffects> {
  return {
    appointmentsAdded: counts.created,
    appointmentsUpdated: counts.updated,
    unmatched: counts.unmatched,
    leadsChanged: counts.leadsChanged,
    mismatchesOpened: counts.mismatchesOpened,
    mismatchesClosed: counts.mismatchesClosed,
    redCreated: counts.redCreated,
    redClosed: counts.redClosed,
  };
}

/** Stored effects may be of an older build: what is missing counts as none. */
export function addEffects(sum: unknown, more: Partial<SliceEffects>): SliceEffects {
  const total = { ...emptySliceEffects() };
  for (const part of [sum, more]) {
    if (typeof part !== "object" || part === null) continue;
    const figures = part as Record<string, unknown>;
    for (const key of Object.keys(total) as (keyof SliceEffects)[]) {
      const value = figures[key];
      if (typeof value === "number") total[key] += value;
    }
  }
  return total;
}
