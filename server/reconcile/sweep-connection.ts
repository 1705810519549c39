import { recordJobRun } from "#server/db/job-run.ts";
import { lockForReadings } from "#server/db/lock-workspace.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import { closeWindow } from "./close-window.ts";
import { estimateWays } from "./estimate-ways.ts";
import { type OpenConnection, openConnection } from "./open-connection.ts";
import { recordSweepDone, recordSweepFailed } from "./record-sweep.ts";
import { refreshContacts } from "./refresh-contacts.ts";
import { savePageInParts } from "./save-page-in-parts.ts";
import type { Oddities } from "./settle-incidents.ts";
import { type Tier, tierWindow } from "./window.ts";
import { readWindowPage } from "./window-pages.ts";

export type SweepDeps = Pick<Deps, "db" | "clock" | "log" | "providers" | "secrets">;

export type SweepRequest = { connectionId: string; tier: Tier; trigger: string };

export type SweepCounts = Record<string, number>;

/**
 * One pass over one tier of one connection (R29, R30). A provider's failure ends the pass, is recorded on its own
 * connection, and reaches no other (R31); pages that were saved stay saved.
 */
export async function sweepConnection(
  deps: SweepDeps,
  request: SweepRequest,
  signal?: AbortSignal,
): Promise<SweepCounts> {
  const open = await openConnection(deps, request.connectionId, {
    priority: "reconcile",
    ...(signal ? { signal } : {}),
  });
  // A new connection's first pass reads the whole window, whoever asked for less.
  const tier = open.row.warmSweptAt === null ? "warm" : request.tier;
  const why = open.row.warmSweptAt === null ? "first pass over the whole window" : `${tier} tier is due`;
  const run = {
    job: "sweep",
    trigger: request.trigger,
    workspaceId: open.row.workspaceId,
    connectionId: open.row.id,
  };
  try {
    return await recordJobRun(deps, { ...run, way: "sweep", why }, async (counters) => {
      const startedAt = deps.clock.now();
      Object.assign(counters, await estimateWays(deps.db, open.row, tier));
      const oddities = await sweepTier(deps, open, { tier, startedAt }, counters, signal);
      await recordSweepDone(deps, open.row, { tier, startedAt, calls: counters.calls ?? 0, oddities });
      return counters;
    });
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    // A limit that is used up is a pause and no trouble.
    const level = error.kind === "rate_limited" ? "info" : "warn";
    deps.log[level]({ connectionId: open.row.id, tier, code: error.code }, "sweep stopped");
    await recordSweepFailed(deps, open.row, error, tier);
    throw error;
  }
}

/** Page by page: read outside, save inside a transaction; then the missing ones, coverage and claims. */
export async function sweepTier(
  deps: Pick<Deps, "db" | "clock" | "log">,
  open: OpenConnection,
  { tier, startedAt }: { tier: Tier; startedAt: Date },
  counters: SweepCounts,
  signal?: AbortSignal,
): Promise<Oddities> {
  if (open.provider === "highlevel" && tier === "warm") {
    add(counters, await refreshContacts(deps, open, { signal }));
  }
  const window = tierWindow(tier, startedAt, open.windowDays);
  const listing = { named: new Set<string>(), doubted: new Set<string>() };
  const cursors = new Set<string>();
  const faults = new Set<string>();
  const refusedIds = new Set<string>();
  let cursor: string | null = null;
  do {
    signal?.throwIfAborted();
    const page = await readWindowPage(deps, open, window, cursor);
    const { counts, poisoned } = await runTransaction(deps.db, "save sweep page", async (tx) => {
      await lockForReadings(tx, open.row.workspaceId);
      // Not before: whoever had the turn first happened first.
      const now = deps.clock.now();
      return savePageInParts(tx, open, page, { source: "reconcile", reason: "sweep", now });
    });
    for (const id of page.seenEventIds) listing.named.add(id);
    for (const id of page.doubtedEventIds) listing.doubted.add(id);
    for (const fault of page.rejected.flatMap((row) => row.faults)) faults.add(fault);
    // HighLevel names a booking twice: under its calendar and under its host.
    const refused = poisoned.filter((id) => !refusedIds.has(id));
    for (const id of refused) refusedIds.add(id);
    if (refused.length > 0) faults.add("record: refused by the database");
    add(counters, {
      pages: 1,
      calls: page.calls,
      seen: page.seen,
      known: page.known,
      rejected: page.rejected.length + refused.length,
    });
    add(counters, counts);
    // What was read is saved, so that the next pass goes on behind it: else one over a full calendar and a small limit
    // would read the same first people for ever.
    if (page.cutShort) throw page.cutShort.error;
    cursor = page.nextCursor;
    if (cursor !== null && cursors.has(cursor)) {
      throw new ProviderError(open.provider, "unexpected", "The provider repeated a page.", {
        details: { reason: "repeated_token" },
      });
    }
    if (cursor !== null) cursors.add(cursor);
  } while (cursor !== null);
  // A minute later hot would only hear the same again: lookups of these leads and warm do that.
  const closed = await closeWindow(deps, open, window, startedAt, {
    listing,
    asksUnlisted: tier !== "hot",
  });
  add(counters, closed.counts);
  add(counters, {
    calls: closed.calls,
    asked: closed.asked,
    vanished: closed.vanished,
    claimsChecked: closed.claimsChecked,
    guarded: closed.isComplete ? 0 : 1,
  });
  const { rejected = 0, unrecognised = 0 } = counters;
  return { rejected, unrecognised, faults: [...faults].slice(0, 10) };
}

function add(counters: SweepCounts, more: Record<string, number>): void {
  for (const [key, value] of Object.entries(more)) counters[key] = (counters[key] ?? 0) + value;
}
