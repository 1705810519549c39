import type { Counters } from "#server/db/job-run.ts";
import { lockForReadings } from "#server/db/lock-workspace.ts";
import { STOPPING } from "#server/db/queue.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { startOfUtcDay } from "#server/lib/duration.ts";
import { AppError } from "#server/lib/errors.ts";
import { isLimit, ProviderError } from "#server/providers/provider-error.ts";
import { type CloseOptions, closeWindow, emptyCloseResult, type RunWindow } from "./close-window.ts";
import type { OpenConnection } from "./open-connection.ts";
import { savePageInParts } from "./save-page-in-parts.ts";
import { noteOddities, type Oddities } from "./settle-incidents.ts";
import { restOf, type SweepPosition, savePosition } from "./sweep-position.ts";
import { type Tier, tierWindow, type Window } from "./window.ts";
import type { WindowPage } from "./window-page.ts";
import { readWindowPage } from "./window-pages.ts";

export type TierPass = {
  tier: Tier;
  startedAt: Date;
  /** Where the pass stands that this one is the rest of. */
  position?: SweepPosition | null;
};

/** A pass over one tier, or what is left of one that a limit ended, while it is read. */
export type SweepPart = {
  open: OpenConnection;
  tier: Tier;
  /** The whole of the pass, of which this is all or a part. */
  run: RunWindow;
  window: Window;
  position: SweepPosition | null;
  counters: Counters;
  named: Set<string>;
  doubted: Set<string>;
  faults: Set<string>;
  refusedIds: Set<string>;
  /** All days before this one are closed; all before that one were listed. */
  closedTo: Date;
  listedTo: Date;
};

type PartDeps = Pick<Deps, "db" | "clock" | "log">;

export function beginPart(
  open: OpenConnection,
  { tier, startedAt, position = null }: TierPass,
  counters: Counters,
): SweepPart {
  const whole = tierWindow(tier, startedAt, open.windowDays);
  const window = restOf(whole, position);
  return {
    open,
    tier,
    run: { ...whole, startedAt: position?.startedAt ?? startedAt },
    window,
    position,
    counters,
    named: new Set(),
    doubted: new Set(),
    faults: new Set(),
    refusedIds: new Set(),
    closedTo: window.from,
    listedTo: window.from,
  };
}

/**
 * Page by page: read outside, save inside a transaction; then the missing ones, coverage and claims. The rest of a pass
 * that a limit ended closes its days with every page, since it may come no further.
 */
export async function readPart(deps: PartDeps, part: SweepPart, signal?: AbortSignal): Promise<void> {
  const { open, window, position } = part;
  const cursors = new Set<string>();
  let cursor: string | null = null;
  do {
    signal?.throwIfAborted();
    const page = await readWindowPage(deps, open, window, cursor);
    await savePage(deps, part, page);
    // What was read is saved, so that the next pass goes on behind it: else one over a full calendar and a small limit
    // would read the same first people for ever.
    if (page.cutShort) throw page.cutShort.error;
    if (page.listedTo !== null) part.listedTo = startOfUtcDay(page.listedTo);
    cursor = page.nextCursor;
    if (cursor === null) break;
    if (cursors.has(cursor)) {
      throw new ProviderError(open.provider, "unexpected", "The provider repeated a page.", {
        details: { reason: "repeated_token" },
      });
    }
    cursors.add(cursor);
    if (position !== null) await closeListed(deps, part);
  } while (cursor !== null);
  await closeDays(deps, part, window.to, position === null ? {} : { run: part.run, endsRun: true });
}

/**
 * Keeps a pass that its limit or its time ended, and no other: the days that were listed whole are closed, and the next
 * pass over this tier goes on behind them. HighLevel lists calendar by calendar, so that no day is whole before the last
 * of them.
 */
export async function keepPart(
  deps: PartDeps,
  part: SweepPart,
  cause: unknown,
  signal?: AbortSignal,
): Promise<void> {
  const { open, position, tier } = part;
  if (open.provider !== "calendly" || !isOutOfRoom(cause, signal)) return;
  if (position === null) {
    const isHeldUp = await closeListed(deps, part).then(
      () => false,
      (error) => {
        // Somebody whom the list leaves out is to be asked for: the rest of the pass does so page by page.
        if (isOutOfRoom(error, signal)) return true;
        throw error;
      },
    );
    // Nothing was closed, and nobody is to be asked for: the next pass may as well be a whole one.
    if (!isHeldUp && part.closedTo <= part.window.from) return;
  }
  await runTransaction(deps.db, "keep sweep position", async (tx) => {
    await savePosition(tx, { connectionId: open.row.id, tier }, standAt(part, part.closedTo));
    await noteOddities(tx, open.row, readOddities(part), deps.clock.now());
  });
}

/** What the part met that it could not take as it was. */
export function readOddities({ counters, faults }: SweepPart): Oddities {
  const { rejected = 0, unrecognised = 0 } = counters;
  return { rejected, unrecognised, faults: [...faults].slice(0, 10) };
}

export function countInto(counters: Counters, more: Record<string, number>): void {
  for (const [key, value] of Object.entries(more)) counters[key] = (counters[key] ?? 0) + value;
}

/** Its limit, or the time that its job may take. A process that stops gives the pass back, to be done anew. */
function isOutOfRoom(error: unknown, signal: AbortSignal | undefined): boolean {
  if (isLimit(error)) return true;
  if (!signal?.aborted) return false;
  return !(signal.reason instanceof AppError && signal.reason.code === STOPPING);
}

async function savePage(deps: PartDeps, part: SweepPart, page: WindowPage): Promise<void> {
  const { counts, poisoned } = await runTransaction(deps.db, "save sweep page", async (tx) => {
    await lockForReadings(tx, part.open.row.workspaceId);
    // Not before: whoever had the turn first happened first.
    const now = deps.clock.now();
    return savePageInParts(tx, part.open, page, { source: "reconcile", reason: "sweep", now });
  });
  for (const id of page.seenEventIds) part.named.add(id);
  for (const id of page.doubtedEventIds) part.doubted.add(id);
  for (const fault of page.rejected.flatMap((row) => row.faults)) part.faults.add(fault);
  // HighLevel names a booking twice: under its calendar and under its host.
  const refused = poisoned.filter((id) => !part.refusedIds.has(id));
  for (const id of refused) part.refusedIds.add(id);
  if (refused.length > 0) part.faults.add("record: refused by the database");
  countInto(part.counters, {
    pages: 1,
    calls: page.calls,
    seen: page.seen,
    known: page.known,
    rejected: page.rejected.length + refused.length,
  });
  countInto(part.counters, counts);
}

/** Closes the days that the pages so far have listed whole, together with the position behind them. */
async function closeListed(deps: PartDeps, part: SweepPart): Promise<void> {
  const { open, tier, run, listedTo } = part;
  if (listedTo <= part.closedTo) return;
  await closeDays(deps, part, listedTo, {
    run,
    alongside: (tx) => savePosition(tx, { connectionId: open.row.id, tier }, standAt(part, listedTo)),
  });
}

async function closeDays(
  deps: PartDeps,
  part: SweepPart,
  to: Date,
  options: Pick<CloseOptions, "run" | "endsRun" | "alongside">,
): Promise<void> {
  const { named, doubted, closedTo, counters } = part;
  const closed = emptyCloseResult();
  try {
    await closeWindow(deps, part.open, { from: closedTo, to }, part.run.startedAt, {
      listing: { named, doubted },
      // A minute later hot would only hear the same again: lookups of these leads and warm do that.
      asksUnlisted: part.tier !== "hot",
      into: closed,
      ...options,
    });
    part.closedTo = to;
  } finally {
    countInto(counters, closed.counts);
    countInto(counters, {
      calls: closed.calls,
      asked: closed.asked,
      vanished: closed.vanished,
      claimsChecked: closed.claimsChecked,
      guarded: closed.isComplete ? 0 : 1,
    });
  }
}

function standAt({ run, position, counters }: SweepPart, day: Date): SweepPosition {
  return { startedAt: run.startedAt, day, calls: (position?.calls ?? 0) + (counters.calls ?? 0) };
}
