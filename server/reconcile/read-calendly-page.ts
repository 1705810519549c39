import type { Db } from "#server/db/client.ts";
import type { CalendlyClient } from "#server/providers/calendly/client.ts";
import { mapInvitee } from "#server/providers/calendly/map-appointment.ts";
import { type EventSummary, mapEvent } from "#server/providers/calendly/map-event.ts";
import type { CalendlyEvent } from "#server/providers/calendly/schema.ts";
import { walkPages } from "#server/providers/calendly/walk-pages.ts";
import { isLimit, type ProviderError } from "#server/providers/provider-error.ts";
import { chooseRereads, countShortReads, decideInviteeRead, type Watermark } from "./decide-invitee-read.ts";
import { calendlyOwner, type OpenConnection } from "./open-connection.ts";
import { readSuccessors } from "./read-calendly-chain.ts";
import type { Window } from "./window.ts";
import { emptyPage, type WindowPage } from "./window-page.ts";

type OpenCalendly = Extract<OpenConnection, { provider: "calendly" }>;

/** Invitee lists are read this many at a time: the limiter sets the pace, this only hides the round trips. */
const PARALLEL_READS = 5;

/**
 * One page of the calendar and the people of those events that are new or have moved. Events that stand as they
 * stood cost nothing; canceled ones are listed too (R9). `cursor` is Calendly's own page token. A page
 * that the limit cuts short is answered as far as it was read (`cutShort`). With `alreadyRead` (runs over history, which
 * have time for all) those events are passed over.
 */
export async function readCalendlyPage(
  { db, clock }: { db: Db; clock: { now(): Date } },
  open: OpenCalendly,
  window: Window,
  cursor: string | null,
  alreadyRead?: ReadonlySet<string>,
): Promise<WindowPage> {
  const page = emptyPage();
  const list = await open.client.listEvents({
    ...calendlyOwner(open.row),
    minStart: window.from,
    // Bounds are inclusive at Calendly: the next window's first instant is not ours.
    maxStart: new Date(window.to.getTime() - 1),
    ...(cursor ? { pageToken: cursor } : {}),
  });
  page.calls += 1;
  page.nextCursor = list.nextPageToken;
  page.rejected.push(...list.rejected.map(({ id, faults }) => ({ ref: id, faults })));

  const all = list.events.map((event) => ({ event, summary: mapEvent(event) }));
  page.listedTo = readListedTo(all.map(({ summary }) => summary.startAt));
  const listed = all.filter(({ summary }) => !alreadyRead?.has(summary.eventId));
  const watermarks = await loadWatermarks(
    db,
    open.row.id,
    listed.map(({ summary }) => summary.eventId),
  );
  const events: ListedEvent[] = listed.map((each) => ({
    ...each,
    known: watermarks.get(each.summary.eventId) ?? null,
  }));
  // A run over history has all the time it takes.
  const rereads = alreadyRead ? null : chooseRereads(events, clock.now());
  const due = events.filter(({ summary, known }) => {
    page.seen += summary.totalInvitees ?? 1;
    page.seenEventIds.push(summary.eventId);
    // R10: nobody's evidence, unless it was read while its type counted.
    if (open.strictEventTypes && known === null && !isConfigured(summary, open)) return false;
    const reason = decideInviteeRead(summary, known, clock.now());
    const waits = reason === "recently_ended" && rereads !== null && !rereads.has(summary.eventId);
    const isDue = reason !== null && !waits;
    if (!isDue) page.known += summary.totalInvitees ?? 1;
    return isDue;
  });

  const { readIds, limit } = await readDueEvents(open, due, page);
  if (limit !== null && readIds.length === 0) throw limit;
  await doubtEvents(
    db,
    open,
    page,
    due.filter(({ summary }) => readIds.includes(summary.eventId)),
  );
  const { unresolvedIds, limit: laterLimit } = await readSuccessors(db, open, page);
  const error = limit ?? laterLimit;
  if (error === null) return page;
  const whole = readIds.filter((id) => !unresolvedIds.has(id));
  if (whole.length === 0) throw error;
  const missing = due.filter(({ summary }) => !whole.includes(summary.eventId));
  return {
    ...leaveOut(
      page,
      missing.map(({ summary }) => summary),
    ),
    // Said again when the rest is read.
    rejected: page.rejected.slice(list.rejected.length),
    nextCursor: cursor,
    cutShort: { error, readIds: whole },
  };
}

type ListedEvent = { event: CalendlyEvent; summary: EventSummary; known: Watermark | null };

/** Calendly is asked for its events by start. A page in another order says nothing about what is still to come. */
function readListedTo(starts: Date[]): Date | null {
  const isInOrder = starts.every((start, at) => at === 0 || start >= (starts[at - 1] ?? start));
  return isInOrder ? (starts.at(-1) ?? null) : null;
}

/** A few events at a time; stops where the provider's limit does, with every event that was read to its end. */
async function readDueEvents(
  { client }: OpenCalendly,
  due: ListedEvent[],
  page: WindowPage,
): Promise<{ readIds: string[]; limit: ProviderError | null }> {
  const readIds: string[] = [];
  for (let at = 0; at < due.length; at += PARALLEL_READS) {
    const few = due.slice(at, at + PARALLEL_READS).map((each) => ({ each, people: emptyPage() }));
    const ends = await Promise.allSettled(few.map(({ each, people }) => readPeople(client, each, people)));
    const errors = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as unknown] : []));
    const limit = errors.find(isLimit) ?? null;
    const trouble = errors.find((error) => !isLimit(error));
    if (trouble !== undefined) throw trouble;
    for (const [nth, { each, people }] of few.entries()) {
      page.calls += people.calls;
      if (ends[nth]?.status === "rejected") continue;
      page.readings.push(...people.readings);
      page.rejected.push(...people.rejected);
      page.watermarks.push(...people.watermarks);
      readIds.push(each.summary.eventId);
    }
    if (limit !== null) return { readIds, limit };
  }
  return { readIds, limit: null };
}

/** The page without these events, as if they had not been listed yet. */
function leaveOut(page: WindowPage, events: EventSummary[]): WindowPage {
  const ids = new Set(events.map(({ eventId }) => eventId));
  return {
    ...page,
    readings: page.readings.filter(({ eventId }) => !ids.has(eventId)),
    watermarks: page.watermarks.filter(({ eventId }) => !ids.has(eventId)),
    seenEventIds: page.seenEventIds.filter((id) => !ids.has(id)),
    doubtedEventIds: page.doubtedEventIds.filter((id) => !ids.has(id)),
    seen: page.seen - events.reduce((sum, { totalInvitees }) => sum + (totalInvitees ?? 1), 0),
  };
}

/**
 * An event whose list leaves out a person that we know of is in doubt: that person is asked for by id (R5), and the event
 * is read again as one whose list came short.
 */
async function doubtEvents(
  db: Db,
  { row }: OpenCalendly,
  page: WindowPage,
  events: ListedEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const unlisted = await db.appointment.findMany({
    where: {
      connectionId: row.id,
      eventId: { in: events.map(({ summary }) => summary.eventId) },
      status: { in: ["confirmed", "no_show"] },
      providerId: { notIn: page.readings.map((r) => r.providerId) },
    },
    select: { eventId: true },
  });
  const doubtful = new Set(unlisted.map(({ eventId }) => eventId));
  page.doubtedEventIds.push(...doubtful);
  const listed = new Map(events.map((each) => [each.summary.eventId, each]));
  page.watermarks = page.watermarks.map((row) => {
    const event = listed.get(row.eventId);
    if (!event || !doubtful.has(row.eventId)) return row;
    return { ...row, shortReads: countShortReads(event.summary, event.known, true) };
  });
}

async function readPeople(
  client: CalendlyClient,
  { event, summary, known }: ListedEvent,
  page: WindowPage,
): Promise<void> {
  let readAt: Date | null = null;
  let people = 0;
  const pages = walkPages((pageToken) =>
    client.listInvitees(summary.eventId, pageToken ? { pageToken } : {}),
  );
  for await (const reply of pages) {
    page.calls += 1;
    readAt ??= reply.asOf;
    page.readings.push(...reply.invitees.map((invitee) => mapInvitee(event, invitee, reply.asOf)));
    page.rejected.push(...reply.rejected.map(({ id, faults }) => ({ ref: id, faults })));
    people += reply.invitees.length + reply.rejected.length;
  }
  if (readAt === null) return;
  // A list that is shorter than its own counter is not the end of it: the event is read again.
  const isShort = people < (summary.totalInvitees ?? 0);
  page.watermarks.push({
    eventId: summary.eventId,
    providerUpdatedAt: summary.updatedAt ?? readAt,
    inviteesTotal: summary.totalInvitees ?? 0,
    inviteesActive: summary.activeInvitees ?? 0,
    startAt: summary.startAt,
    endAt: summary.endAt,
    inviteesReadAt: readAt,
    shortReads: countShortReads(summary, known, isShort),
  });
}

function isConfigured(summary: EventSummary, { configuredTypes }: OpenCalendly): boolean {
  return configuredTypes === null || (summary.calendarId !== null && configuredTypes.has(summary.calendarId));
}

async function loadWatermarks(
  db: Db,
  connectionId: string,
  eventIds: string[],
): Promise<Map<string, Watermark>> {
  const rows = await db.eventWatermark.findMany({ where: { connectionId, eventId: { in: eventIds } } });
  return new Map(rows.map((row) => [row.eventId, row]));
}
