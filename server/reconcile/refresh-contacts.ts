import type { Tx } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { addMs, MINUTE_MS } from "#server/lib/duration.ts";
import { type ContactReading, mapContact } from "#server/providers/highlevel/map-contact.ts";
import { contactSchema, type SearchCursor } from "#server/providers/highlevel/schema.ts";
import type { OpenConnection } from "./open-connection.ts";
import { loadContacts, rememberContacts } from "./read-highlevel-page.ts";
import { rematchLeads } from "./rematch-leads.ts";
import { emptyPage } from "./window-page.ts";
import { saveContacts } from "./window-pages.ts";

type OpenHighLevel = Extract<OpenConnection, { provider: "highlevel" }>;

/** Searches find a change some seconds late, and the location's clock is not ours. */
const OVERLAP_MS = 5 * MINUTE_MS;
/** After a change to a whole location the walk goes on with the next pass. */
const BOUNDS = { pages: 20, contactsPerPage: 500 };
/** So many are read one by one in a pass. */
const MAX_UNREAD = 20;

type Walk = { startedAt: Date; until: Date; cursor: SearchCursor | null };

/**
 * Reads again those remembered contacts that changed at HighLevel since the last walk (R8): newest first, down to where
 * the last one began. Whose e-mail changed is matched anew. Without a remembered contact it costs nothing, without a
 * change one call (two where no contact is older than that). First come those that nobody could read yet.
 */
export async function refreshContacts(
  deps: Pick<Deps, "db" | "clock">,
  open: OpenHighLevel,
  { signal, bounds = BOUNDS }: { signal?: AbortSignal | undefined; bounds?: typeof BOUNDS } = {},
): Promise<{ calls: number; contactsChanged: number }> {
  const result = await readUnread(deps, open);
  const walk = await beginWalk(deps, open);
  if (walk === null) return result;
  for (let pages = 0; pages < bounds.pages; pages++) {
    signal?.throwIfAborted();
    const reply = await open.client.searchContacts({
      newestBy: "dateUpdated",
      searchAfter: walk.cursor,
      pageLimit: bounds.contactsPerPage,
    });
    result.calls += 1;
    const readings = reply.contacts.map((contact) => ({
      ...mapContact(contact),
      readAt: reply.asOf,
      gone: false,
    }));
    const oldest = readings.at(-1)?.updatedAt ?? null;
    // Only the empty page behind the last one ends a list; here mostly what was read before does.
    const isOver = reply.searchAfter === null || (oldest !== null && oldest < walk.until);
    walk.cursor = reply.searchAfter;
    result.contactsChanged += await runTransaction(deps.db, "refresh contacts", async (tx) => {
      await lockWorkspace(tx, open.row.workspaceId);
      const changed = await saveChanged(tx, open, readings, deps.clock.now());
      await saveWalk(tx, open.row.id, walk, isOver);
      return changed;
    });
    if (isOver) break;
  }
  return result;
}

/**
 * Contacts that evidence names and nobody has read: its signed snapshot counted while HighLevel could not be asked (R36).
 * A page that lists the booking reads them too, but it may be erased before, or lie beyond what pages list.
 */
async function readUnread(
  { db, clock }: Pick<Deps, "db" | "clock">,
  open: OpenHighLevel,
): Promise<{ calls: number; contactsChanged: number }> {
  const { workspaceId } = open.row;
  const unread = await db.$queryRaw<{ contactId: string }[]>`
    SELECT DISTINCT a."contactId" FROM "Appointment" a
    WHERE a."workspaceId" = ${workspaceId}::uuid AND a."connectionId" = ${open.row.id}::uuid AND a."leadId" IS NULL
      AND a."contactId" IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM "RememberedContact" c WHERE c."workspaceId" = a."workspaceId" AND c."contactId" = a."contactId")
    LIMIT ${MAX_UNREAD}`;
  const page = emptyPage();
  if (unread.length === 0) return { calls: 0, contactsChanged: 0 };
  await rememberContacts(db, clock.now(), open, unread, page);
  await runTransaction(db, "read unread contacts", async (tx) => {
    await lockWorkspace(tx, workspaceId);
    await saveContacts(tx, workspaceId, page.contacts);
    const keys = {
      workspaceId,
      leadIds: [],
      emailKeys: [...new Set(page.contacts.flatMap(listAddresses))],
      contactIds: unread.map(({ contactId }) => contactId),
    };
    const step = { workspaceId, source: "reconcile", reason: "contact_read", now: clock.now() } as const;
    await rematchLeads(tx, keys, step);
  });
  return { calls: page.calls, contactsChanged: page.contacts.length };
}

/** Goes on with the walk that stands, else begins one; null while there is nobody to read again. */
async function beginWalk(
  { db, clock }: Pick<Deps, "db" | "clock">,
  { row }: OpenHighLevel,
): Promise<Walk | null> {
  const { _min: first } = await db.rememberedContact.aggregate({
    where: { workspaceId: row.workspaceId },
    _min: { readAt: true },
  });
  if (first.readAt === null) return null;
  const until = addMs(row.contactsReadTo ?? first.readAt, -OVERLAP_MS);
  const kept = contactSchema.pick({ searchAfter: true }).safeParse({ searchAfter: row.contactsCursor });
  const cursor = kept.data?.searchAfter ?? null;
  if (row.contactsWalkAt === null || cursor === null) return { startedAt: clock.now(), until, cursor: null };
  return { startedAt: row.contactsWalkAt, until, cursor };
}

/** Kept with what its page changed. Whoever moves during the walk is found by the next one: it ends where this began. */
async function saveWalk(tx: Tx, connectionId: string, walk: Walk, isOver: boolean): Promise<void> {
  await tx.connection.updateMany({
    where: { id: connectionId },
    data: isOver
      ? { contactsReadTo: walk.startedAt, contactsWalkAt: null, contactsCursor: Prisma.DbNull }
      : { contactsWalkAt: walk.startedAt, contactsCursor: walk.cursor ?? Prisma.DbNull },
  });
}

type FreshContact = ContactReading & { readAt: Date; gone: boolean };

/** Contacts that nothing hangs on are not kept; answers how many of the kept ones say something new. */
async function saveChanged(
  tx: Tx,
  { row: { workspaceId } }: OpenHighLevel,
  readings: FreshContact[],
  now: Date,
): Promise<number> {
  const known = await loadContacts(
    tx,
    workspaceId,
    readings.map((r) => r.contactId),
  );
  const moved = readings.filter((reading) => {
    const before = known.get(reading.contactId);
    return before !== undefined && before.updatedAt?.getTime() !== reading.updatedAt?.getTime();
  });
  await saveContacts(tx, workspaceId, moved);
  const renamed = moved.filter((r) => addressesOf(r) !== addressesOf(known.get(r.contactId)));
  if (renamed.length > 0) {
    const emailKeys = renamed.flatMap((r) => [r, known.get(r.contactId)]).flatMap(listAddresses);
    const contactIds = renamed.map((r) => r.contactId);
    const keys = { workspaceId, leadIds: [], emailKeys: [...new Set(emailKeys)], contactIds };
    await rematchLeads(tx, keys, { workspaceId, source: "reconcile", reason: "contact_changed", now });
  }
  return moved.length;
}

function listAddresses(contact: ContactReading | undefined): string[] {
  return contact ? [...(contact.email ? [contact.email] : []), ...contact.additionalEmails] : [];
}

/** In one word: their order counts, the first is the contact's own. */
function addressesOf(contact: ContactReading | undefined): string {
  return listAddresses(contact).join(" ");
}
