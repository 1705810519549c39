import type { Db, Tx } from "#server/db/client.ts";
import type { Clock } from "#server/lib/clock.ts";
import type { AppointmentReading } from "#server/providers/appointment-reading.ts";
import type { HighLevelClient } from "#server/providers/highlevel/client.ts";
import { mapEvent } from "#server/providers/highlevel/map-appointment.ts";
import { type ContactReading, mapContact } from "#server/providers/highlevel/map-contact.ts";
import type { HostReading } from "#server/providers/highlevel/map-user.ts";
import type { HighLevelEvent } from "#server/providers/highlevel/schema.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import type { OpenConnection } from "./open-connection.ts";
import { readHosts } from "./read-hosts.ts";
import { contains, type Window } from "./window.ts";
import { emptyPage, type WindowPage } from "./window-page.ts";

type OpenHighLevel = Extract<OpenConnection, { provider: "highlevel" }>;
type Stop = { key: string; query: { calendarId: string } | { userId: string } };

/** Up to this many unknown contacts are read one by one; more are cheaper by pages of 500 (R8). */
const FEW_CONTACTS = 20;

/**
 * One calendar of the location: HighLevel gives a whole window in one reply, without pages. After the calendars
 * come the users, for events on calendars that the list leaves out. `cursor` names the calendar or user to read.
 */
export async function readHighLevelPage(
  { db, clock }: { db: Db; clock: Clock },
  open: OpenHighLevel,
  window: Window,
  cursor: string | null,
): Promise<WindowPage> {
  const page = emptyPage();
  const directory = await readDirectory(open, page);
  const stops = planStops(directory, open);
  const at =
    cursor === null
      ? 0
      : Math.max(
          0,
          stops.findIndex((stop) => stop.key === cursor),
        );
  const stop = stops[at];
  if (!stop) return page;
  page.nextCursor = stops[at + 1]?.key ?? null;

  const reply = await open.client.listEvents({
    ...stop.query,
    startMs: window.from.getTime(),
    endMs: window.to.getTime(),
  });
  page.calls += 1;
  page.rejected.push(...reply.rejected.map(({ id, faults }) => ({ ref: id, faults })));
  const contacts = await rememberContacts(db, clock.now(), open, reply.events, page);
  for (const event of reply.events) {
    const reading = mapOrReject(event, page, {
      timezone: open.timezone,
      asOf: reply.asOf,
      contact: contacts.get(event.contactId ?? "") ?? null,
      users: directory.hosts,
    });
    if (reading === null) continue;
    // Windows match by overlap: an event that began earlier belongs to an earlier day.
    if (!contains(window, reading.startAt)) continue;
    page.seen += 1;
    page.seenEventIds.push(reading.eventId);
    page.readings.push(reading);
  }
  return page;
}

/** How many lists a pass over any window takes: a page each. Reads the calendars and users where nobody has yet. */
export async function countStops(open: OpenHighLevel, page: WindowPage): Promise<number> {
  return planStops(await readDirectory(open, page), open).length;
}

/** A record whose time cannot be read costs itself and not the page. */
function mapOrReject(
  event: HighLevelEvent,
  page: WindowPage,
  context: Parameters<typeof mapEvent>[1],
): AppointmentReading | null {
  try {
    return mapEvent(event, context);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    page.rejected.push({ ref: event.id, faults: ["startTime: unreadable"] });
    return null;
  }
}

type Directory = { calendars: { id: string }[]; hosts: ReadonlyMap<string, HostReading> };

async function readDirectory(open: OpenHighLevel, page: WindowPage): Promise<Directory> {
  const [calendars, hosts] = await Promise.all([readCalendars(open, page), readHosts(open, page)]);
  return { calendars, hosts };
}

/** Calendars of the location, read once for as long as the connection stays open. */
async function readCalendars(open: OpenHighLevel, page: WindowPage): Promise<{ id: string }[]> {
  if (open.calendars === null) {
    const { calendars } = await open.client.calendars();
    page.calls += 1;
    open.calendars = calendars.map(({ id }) => ({ id }));
  }
  return open.calendars;
}

function planStops({ calendars, hosts }: Directory, open: OpenHighLevel): Stop[] {
  const chosen = open.strictEventTypes ? open.configuredTypes : null;
  const byCalendar = calendars
    .filter(({ id }) => chosen === null || chosen.has(id) || open.followedTypes.has(id))
    .map(({ id }): Stop => ({ key: `calendar:${id}`, query: { calendarId: id } }));
  const byUser = [...hosts.keys()].map((id): Stop => ({ key: `user:${id}`, query: { userId: id } }));
  return [...byCalendar, ...(open.strictEventTypes ? [] : byUser)].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** The people behind these events: those on the page and remembered ones cost nothing, the rest is read once. */
export async function rememberContacts(
  db: Db,
  now: Date,
  open: OpenHighLevel,
  events: Pick<HighLevelEvent, "contactId">[],
  page: WindowPage,
): Promise<Map<string, ContactReading>> {
  const wanted = [...new Set(events.flatMap((e) => e.contactId || []))];
  const known = await loadContacts(db, open.row.workspaceId, wanted);
  for (const contact of page.contacts) known.set(contact.contactId, contact);
  const missing = new Set(wanted.filter((id) => !known.has(id)));
  if (missing.size > FEW_CONTACTS) await readContactPages(open.client, missing, known, page);
  for (const id of missing) await readContact(open.client, id, now, known, page);
  return known;
}

export async function loadContacts(
  db: Db | Tx,
  workspaceId: string,
  contactIds: string[],
): Promise<Map<string, ContactReading>> {
  const rows = await db.rememberedContact.findMany({ where: { workspaceId, contactId: { in: contactIds } } });
  return new Map(
    rows.map((row): [string, ContactReading] => [
      row.contactId,
      {
        contactId: row.contactId,
        email: row.emails[0] ?? null,
        additionalEmails: row.emails.slice(1),
        name: row.name,
        phone: row.phone,
        timezone: row.timezone,
        updatedAt: row.providerUpdatedAt,
      },
    ]),
  );
}

async function readContactPages(
  client: HighLevelClient,
  missing: Set<string>,
  known: Map<string, ContactReading>,
  page: WindowPage,
): Promise<void> {
  let searchAfter: Awaited<ReturnType<HighLevelClient["searchContacts"]>>["searchAfter"] = null;
  const cursors = new Set<string>();
  do {
    const reply: Awaited<ReturnType<HighLevelClient["searchContacts"]>> = await client.searchContacts({
      searchAfter,
    });
    page.calls += 1;
    for (const contact of reply.contacts) {
      const reading = mapContact(contact);
      page.contacts.push({ ...reading, readAt: reply.asOf, gone: false });
      known.set(reading.contactId, reading);
      missing.delete(reading.contactId);
    }
    searchAfter = reply.searchAfter;
    // The same people again: what is still missing is read one by one.
    if (cursors.has(JSON.stringify(searchAfter))) return;
    cursors.add(JSON.stringify(searchAfter));
  } while (searchAfter !== null && missing.size > 0);
}

async function readContact(
  client: HighLevelClient,
  id: string,
  now: Date,
  known: Map<string, ContactReading>,
  page: WindowPage,
): Promise<void> {
  page.calls += 1;
  try {
    const { contact, asOf } = await client.contact(id);
    const reading = mapContact(contact);
    page.contacts.push({ ...reading, readAt: asOf, gone: false });
    known.set(id, reading);
  } catch (error) {
    if (!(error instanceof ProviderError && error.kind === "not_found")) throw error;
    // Merged or deleted: remembered as gone, so that it is not asked for at every sweep.
    const gone = {
      contactId: id,
      email: null,
      additionalEmails: [],
      name: null,
      phone: null,
      timezone: null,
      updatedAt: null,
    };
    page.contacts.push({ ...gone, readAt: now, gone: true });
    known.set(id, gone);
  }
}
