import type { Tx } from "#server/db/client.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { type ApplyCounts, emptyApplyCounts } from "./apply-readings.ts";
import { addCounts } from "./converge-leads.ts";
import { markCoverage, stampClaims } from "./coverage.ts";
import { decideMissing, type Elsewhere, type KnownEvent, type Listing } from "./decide-missing.ts";
import { markUnlisted } from "./mark-unlisted.ts";
import type { OpenConnection } from "./open-connection.ts";
import { reconcileKnown } from "./reconcile-appointment.ts";
import { closeDrop, noteDrop } from "./settle-incidents.ts";
import type { Window } from "./window.ts";

export type CloseResult = {
  asked: number;
  vanished: number;
  calls: number;
  claimsChecked: number;
  /** What asking by id changed. */
  counts: ApplyCounts;
  /** False when the mass-change guard held everything back. */
  isComplete: boolean;
};

/** The whole of a run that reads its window in parts. */
export type RunWindow = Window & { startedAt: Date };

type CloseDeps = Pick<Deps, "db" | "clock" | "log">;

export type CloseOptions = {
  /** What the pass has listed. */
  listing: Listing;
  /** Without it, what lists never name is left to lookups and to the next pass that asks. */
  asksUnlisted?: boolean;
  /** With it, the guard on mass changes counts what the run has lost on all of its days. */
  run?: RunWindow;
  /** With these days the run has listed all of its own: drops that it met no more are over. */
  endsRun?: boolean;
  /** Counts on also what is done before a failure; without it, only the answer counts. */
  into?: CloseResult;
  /** What else is to be true when these days are dealt with, whether the guard held them back or not. */
  alongside?: (tx: Tx) => Promise<void>;
};

/**
 * Ends a pass whose every page succeeded: meetings that we know of and the provider did not list are asked for by id
 * (R5), the days count as verified since the pass began, and claims that a complete check has overtaken are stamped
 * (R22).
 */
export async function closeWindow(
  deps: CloseDeps,
  open: OpenConnection,
  window: Window,
  passStartedAt: Date,
  options: CloseOptions,
): Promise<CloseResult> {
  const { listing, asksUnlisted = true, run, endsRun = false, into: result = emptyCloseResult() } = options;
  const known = await loadKnownEvents(deps, open, window, passStartedAt);
  const decision = decideMissing(known, listing, {
    asksUnlisted,
    confirmed: open.row.dropConfirmed,
    elsewhere:
      run && known.some((k) => !k.isRead) ? await countElsewhere(deps, open, window, run) : undefined,
  });
  if (decision.verdict === "suspicious_drop") {
    result.isComplete = false;
    await reportDrop(deps, open, { ...decision, window }, options.alongside);
    return result;
  }
  await askById(deps, open, window, decision, result);
  await runTransaction(deps.db, "close window", async (tx) => {
    await lockWorkspace(tx, open.row.workspaceId);
    const now = deps.clock.now();
    await markUnlisted(tx, open.row.id, window, decision);
    await markCoverage(tx, open.row, window, passStartedAt);
    const checked = await stampClaims(tx, open.row.workspaceId, now);
    result.claimsChecked = checked.length;
    await (run && endsRun
      ? closeDrop(tx, open.row, run, now, { seenBefore: run.startedAt })
      : closeDrop(tx, open.row, window, now));
    await publish(tx, now, [{ workspaceId: open.row.workspaceId, kind: "mismatch", ids: checked }]);
    await options.alongside?.(tx);
  });
  return result;
}

export function emptyCloseResult(): CloseResult {
  return {
    asked: 0,
    vanished: 0,
    calls: 0,
    claimsChecked: 0,
    counts: emptyApplyCounts(),
    isComplete: true,
  };
}

/** One by one. Where the limit leaves no room for all, those who were asked for need not be again in this pass. */
async function askById(
  deps: CloseDeps,
  open: OpenConnection,
  window: Window,
  { askIds, unlistedIds }: { askIds: string[]; unlistedIds: string[] },
  result: CloseResult,
): Promise<void> {
  const asked = new Set<string>();
  try {
    for (const eventId of askIds) {
      const answer = await reconcileKnown(deps, open, eventId);
      asked.add(eventId);
      result.asked += 1;
      result.calls += answer.calls;
      result.vanished += answer.vanished;
      result.counts = addCounts(result.counts, answer.counts);
    }
  } catch (error) {
    const known = unlistedIds.filter((id) => asked.has(id));
    if (known.length > 0) {
      await runTransaction(deps.db, "mark unlisted", (tx) =>
        markUnlisted(tx, open.row.id, window, { unlistedIds: known, relistedIds: [] }),
      );
    }
    throw error;
  }
}

/** Events in the window that the pass began with and that count for something, and whether it read all their people. */
async function loadKnownEvents(
  deps: CloseDeps,
  open: OpenConnection,
  window: Window,
  passStartedAt: Date,
): Promise<KnownEvent[]> {
  const rows = await deps.db.$queryRaw<(Omit<KnownEvent, "isHidden"> & { calendarId: string | null })[]>`
    SELECT "eventId", min("calendarId") AS "calendarId", bool_and("asOf" >= ${passStartedAt}::timestamptz) AS "isRead",
           bool_or(unlisted) AS "isUnlisted"
    FROM "Appointment"
    WHERE "connectionId" = ${open.row.id}::uuid AND status IN ('confirmed', 'showed', 'no_show')
      AND "startAt" >= ${window.from}::timestamptz AND "startAt" < ${window.to}::timestamptz
      AND "firstSeenAt" < ${passStartedAt}::timestamptz
    GROUP BY "eventId"`;
  const isHidden = rows.every((row) => row.isRead) ? () => false : await loadHiddenCalendars(deps, open);
  return rows.map(({ calendarId, ...row }) => ({ ...row, isHidden: isHidden(calendarId) }));
}

/** What the other days of the run hold, and what of it has vanished since the run began. */
async function countElsewhere(
  { db }: CloseDeps,
  { row }: OpenConnection,
  window: Window,
  run: RunWindow,
): Promise<Elsewhere> {
  const [counts] = await db.$queryRaw<Elsewhere[]>`
    SELECT count(*)::int AS known, (count(*) FILTER (WHERE status = 'vanished'))::int AS lost
    FROM "Appointment"
    WHERE "connectionId" = ${row.id}::uuid AND "startAt" >= ${run.from}::timestamptz AND "startAt" < ${run.to}::timestamptz
      AND NOT ("startAt" >= ${window.from}::timestamptz AND "startAt" < ${window.to}::timestamptz)
      AND "firstSeenAt" < ${run.startedAt}::timestamptz
      AND (status IN ('confirmed', 'showed', 'no_show')
        OR (status = 'vanished' AND "lossSeenAt" >= ${run.startedAt}::timestamptz))`;
  return counts ?? { known: 0, lost: 0 };
}

/**
 * HighLevel's list of calendars may leave some out that still own events. One that it has ever named counts as listed,
 * so that a list which comes back short hides nothing from the guard.
 */
async function loadHiddenCalendars(
  { db }: CloseDeps,
  open: OpenConnection,
): Promise<(calendarId: string | null) => boolean> {
  if (open.provider !== "highlevel" || open.calendars === null) return () => false;
  const known = await db.connectionEventType.findMany({
    where: { connectionId: open.row.id },
    select: { providerId: true },
  });
  const listed = new Set([...known.map((t) => t.providerId), ...open.calendars.map((c) => c.id)]);
  return (calendarId) => listed.size > 0 && calendarId !== null && !listed.has(calendarId);
}

async function reportDrop(
  { db, clock, log }: CloseDeps,
  { row }: OpenConnection,
  drop: { known: number; missing: number; window: Window },
  alongside: CloseOptions["alongside"],
): Promise<void> {
  const { known, missing } = drop;
  log.warn({ connectionId: row.id, known, missing }, "suspicious drop: nothing was marked as lost");
  const now = clock.now();
  await runTransaction(db, "report drop", async (tx) => {
    await noteDrop(tx, row, drop, now);
    await publish(tx, now, [{ workspaceId: row.workspaceId, kind: "connection", ids: [row.id] }]);
    await alongside?.(tx);
  });
}
