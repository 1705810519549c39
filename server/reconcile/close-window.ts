import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { walkPages } from "#server/providers/calendly/walk-pages.ts";
import { type ApplyCounts, emptyApplyCounts } from "./apply-readings.ts";
import { addCounts } from "./converge-leads.ts";
import { markCoverage, stampClaims } from "./coverage.ts";
import { decideMissing } from "./decide-missing.ts";
import { closeIncident, openIncident } from "./incidents.ts";
import { calendlyOwner, type OpenConnection } from "./open-connection.ts";
import { reconcileKnown } from "./reconcile-appointment.ts";
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

type CloseDeps = Pick<Deps, "db" | "clock" | "log">;

/**
 * Ends a pass whose every page succeeded: meetings that we know of and the provider did not list are asked for by id
 * (R5), the days count as verified since the pass began, and claims that a complete check has overtaken are stamped
 * (R22). Without `seenIds` (a run that was resumed and forgot them) the listing is read again, without its people.
 */
export async function closeWindow(
  deps: CloseDeps,
  open: OpenConnection,
  window: Window,
  passStartedAt: Date,
  seenIds?: ReadonlySet<string>,
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
  if (known.some((k) => !k.isRead)) {
    const listed = seenIds ?? (await listEventIds(open, window, result));
    const readIds = known.filter((k) => k.isRead).map((k) => k.eventId);
    const decision = decideMissing(
      known.map((k) => k.eventId),
      new Set([...listed, ...readIds]),
    );
    if (decision.verdict === "suspicious_drop") {
      result.isComplete = false;
      await reportDrop(deps, open, decision);
      return result;
    }
    if (decision.verdict === "ask") {
      for (const eventId of decision.ids) {
        const answer = await reconcileKnown(deps, open, eventId);
        result.asked += 1;
        result.calls += answer.calls;
        result.vanished += answer.vanished;
        result.counts = addCounts(result.counts, answer.counts);
      }
    }
  }
  const now = deps.clock.now();
  await runTransaction(deps.db, "close window", async (tx) => {
    await lockWorkspace(tx, open.row.workspaceId);
    await markCoverage(tx, open.row, window, passStartedAt);
    const checked = await stampClaims(tx, open.row.workspaceId, now);
    result.claimsChecked = checked.length;
    await closeIncident(tx, now, {
      workspaceId: open.row.workspaceId,
      kind: "suspicious_drop",
      subject: open.row.id,
    });
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
): Promise<{ eventId: string; isRead: boolean }[]> {
  return db.$queryRaw`
    SELECT "eventId", bool_and("asOf" >= ${passStartedAt}::timestamptz) AS "isRead"
    FROM "Appointment"
    WHERE "connectionId" = ${row.id}::uuid AND status IN ('confirmed', 'showed', 'no_show')
      AND "startAt" >= ${window.from}::timestamptz AND "startAt" < ${window.to}::timestamptz
      AND "firstSeenAt" < ${passStartedAt}::timestamptz
    GROUP BY "eventId"`;
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
  drop: { known: number; missing: number },
): Promise<void> {
  log.warn({ connectionId: row.id, ...drop }, "suspicious drop: nothing was marked as lost");
  const now = clock.now();
  await runTransaction(db, "report drop", async (tx) => {
    await openIncident(tx, now, {
      workspaceId: row.workspaceId,
      connectionId: row.id,
      kind: "suspicious_drop",
      subject: row.id,
      cause: `${drop.missing} of ${drop.known} known meetings were missing from one complete pass.`,
      action: "Look at the calendar at the provider. Nothing was marked as lost.",
      details: drop,
    });
    await publish(tx, now, [{ workspaceId: row.workspaceId, kind: "connection", ids: [row.id] }]);
  });
}
