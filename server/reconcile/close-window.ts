import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { walkPages } from "#server/providers/calendly/walk-pages.ts";
import { type ApplyCounts, emptyApplyCounts } from "./apply-readings.ts";
import { addCounts } from "./converge-leads.ts";
import { markCoverage, stampClaims } from "./coverage.ts";
import { decideMissing, type Elsewhere } from "./decide-missing.ts";
import { markUnlisted } from "./mark-unlisted.ts";
import { calendlyOwner, type OpenConnection } from "./open-connection.ts";
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

type KnownEvent = { eventId: string; calendarId: string | null; isRead: boolean; isUnlisted: boolean };

/**
 * Ends a pass whose every page succeeded: meetings that we know of and the provider did not list are asked for by id
 * (R5), the days count as verified since the pass began, and claims that a complete check has overtaken are stamped
 * (R22). Without `seenIds` (a run that was resumed and forgot them) the listing is read again, without its people.
 * `asksUnlisted: false` leaves what lists never name to lookups and to the next pass that asks. With `run` the guard on
 * mass changes counts what the run has lost on all of its days.
 */
export async function closeWindow(
  deps: CloseDeps,
  open: OpenConnection,
  window: Window,
  passStartedAt: Date,
  seenIds?: ReadonlySet<string>,
  { asksUnlisted = true, run }: { asksUnlisted?: boolean; run?: RunWindow } = {},
): Promise<CloseResult> {
  const result: CloseResult = {
    asked: 0,
    vanished: 0,
    calls: 0,
    claimsChecked: 0,
    counts: emptyApplyCounts(),
    isComplete: true,
  };
  const known = await loadKnownEvents(deps, open, window, passStartedAt);
  const askedIds: string[] = [];
  const listedIds: string[] = [];
  // One that was unlisted and is named again may have been read by this very pass.
  if (known.some((k) => !k.isRead || k.isUnlisted)) {
    const listed = seenIds ?? (await listEventIds(open, window, result));
    const isHidden = await loadHiddenCalendars(deps, open);
    const isRead = new Set([...listed, ...known.filter((k) => k.isRead).map((k) => k.eventId)]);
    // A calendar that the location's list leaves out is missing from every pass: that says nothing about this one.
    const hidden = known.filter((k) => !isRead.has(k.eventId) && isHidden(k));
    const decision = decideMissing(
      known.filter((k) => !hidden.includes(k)).map((k) => k.eventId),
      isRead,
      open.row.dropConfirmed,
      run && (await countElsewhere(deps, open, window, run)),
    );
    if (decision.verdict === "suspicious_drop") {
      result.isComplete = false;
      await reportDrop(deps, open, { ...decision, window });
      return result;
    }
    const missing = new Set(decision.verdict === "ask" ? decision.ids : []);
    for (const { eventId } of hidden) missing.add(eventId);
    const unlisted = new Set(known.filter((k) => k.isUnlisted).map((k) => k.eventId));
    askedIds.push(...[...missing].filter((id) => asksUnlisted || !unlisted.has(id)));
    listedIds.push(...[...unlisted].filter((id) => listed.has(id)));
    for (const eventId of askedIds) {
      const answer = await reconcileKnown(deps, open, eventId);
      result.asked += 1;
      result.calls += answer.calls;
      result.vanished += answer.vanished;
      result.counts = addCounts(result.counts, answer.counts);
    }
  }
  const now = deps.clock.now();
  await runTransaction(deps.db, "close window", async (tx) => {
    await lockWorkspace(tx, open.row.workspaceId);
    await markUnlisted(tx, open.row.id, window, { listedIds, askedIds });
    await markCoverage(tx, open.row, window, passStartedAt);
    const checked = await stampClaims(tx, open.row.workspaceId, now);
    result.claimsChecked = checked.length;
    await closeDrop(tx, open.row, window, now);
    await publish(tx, now, [{ workspaceId: open.row.workspaceId, kind: "mismatch", ids: checked }]);
  });
  return result;
}

/** Events in the window that the pass began with and that count for something, and whether it read all their people. */
async function loadKnownEvents(
  { db }: CloseDeps,
  { row }: OpenConnection,
  window: Window,
  passStartedAt: Date,
): Promise<KnownEvent[]> {
  return db.$queryRaw`
    SELECT "eventId", min("calendarId") AS "calendarId", bool_and("asOf" >= ${passStartedAt}::timestamptz) AS "isRead",
           bool_or(unlisted) AS "isUnlisted"
    FROM "Appointment"
    WHERE "connectionId" = ${row.id}::uuid AND status IN ('confirmed', 'showed', 'no_show')
      AND "startAt" >= ${window.from}::timestamptz AND "startAt" < ${window.to}::timestamptz
      AND "firstSeenAt" < ${passStartedAt}::timestamptz
    GROUP BY "eventId"`;
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
): Promise<(event: KnownEvent) => boolean> {
  if (open.provider !== "highlevel" || open.directory === null) return () => false;
  const known = await db.connectionEventType.findMany({
    where: { connectionId: open.row.id },
    select: { providerId: true },
  });
  const listed = new Set([...known.map((t) => t.providerId), ...open.directory.calendars.map((c) => c.id)]);
  return ({ calendarId }) => listed.size > 0 && calendarId !== null && !listed.has(calendarId);
}

async function listEventIds(open: OpenConnection, window: Window, result: CloseResult): Promise<Set<string>> {
  const ids = new Set<string>();
  if (open.provider === "calendly") {
    const pages = walkPages((pageToken) =>
      open.client.listEvents({
        ...calendlyOwner(open.row),
        minStart: window.from,
        maxStart: new Date(window.to.getTime() - 1),
        ...(pageToken ? { pageToken } : {}),
      }),
    );
    for await (const list of pages) {
      result.calls += 1;
      for (const event of list.events) ids.add(event.uri.slice(event.uri.lastIndexOf("/") + 1));
    }
    return ids;
  }
  const { calendars } = await open.client.calendars();
  const { users } = await open.client.users();
  result.calls += 2;
  const bounds = { startMs: window.from.getTime(), endMs: window.to.getTime() };
  for (const query of [
    ...calendars.map(({ id }) => ({ calendarId: id })),
    ...users.map(({ id }) => ({ userId: id })),
  ]) {
    const list = await open.client.listEvents({ ...query, ...bounds });
    result.calls += 1;
    for (const event of list.events) ids.add(event.id);
  }
  return ids;
}

async function reportDrop(
  { db, clock, log }: CloseDeps,
  { row }: OpenConnection,
  drop: { known: number; missing: number; window: Window },
): Promise<void> {
  const { known, missing } = drop;
  log.warn({ connectionId: row.id, known, missing }, "suspicious drop: nothing was marked as lost");
  const now = clock.now();
  await runTransaction(db, "report drop", async (tx) => {
    await noteDrop(tx, row, drop, now);
    await publish(tx, now, [{ workspaceId: row.workspaceId, kind: "connection", ids: [row.id] }]);
  });
}
