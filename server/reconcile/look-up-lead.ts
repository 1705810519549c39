import type { Tx } from "#server/db/client.ts";
import { lockForReadings, lockWorkspace } from "#server/db/lock-workspace.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { notFound } from "#server/lib/errors.ts";
import type { CalendlyClient } from "#server/providers/calendly/client.ts";
import { mapInvitee } from "#server/providers/calendly/map-appointment.ts";
import { lastSegment } from "#server/providers/calendly/uri.ts";
import { walkPages } from "#server/providers/calendly/walk-pages.ts";
import type { CallPriority } from "#server/providers/decide-rate-slot.ts";
import { hasUncertainTime } from "#server/providers/highlevel/map-appointment.ts";
import { mapContact } from "#server/providers/highlevel/map-contact.ts";
import type { HighLevelEvent } from "#server/providers/highlevel/schema.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import { type ApplyCounts, emptyApplyCounts } from "./apply-readings.ts";
import { addCounts } from "./converge-leads.ts";
import { findVerifiedSince } from "./coverage.ts";
import { calendlyOwner, type OpenConnection, openConnection } from "./open-connection.ts";
import { readChain } from "./read-calendly-chain.ts";
import { rememberContacts } from "./read-highlevel-page.ts";
import { mapFoundEvents } from "./read-hosts.ts";
import { tierWindow } from "./window.ts";
import { emptyPage, type WindowPage } from "./window-page.ts";
import { saveWindowPage } from "./window-pages.ts";

type LookupDeps = Pick<Deps, "db" | "clock" | "providers" | "secrets">;

type Reply = Awaited<ReturnType<CalendlyClient["listInvitees"]>>;

/** What a provider may know a lead by; addresses in lower case. */
export type LeadKeys = { emails: string[]; contactIds: string[] };

export type LookupOptions = {
  priority: CallPriority;
  signal?: AbortSignal | undefined;
  /** Only these connections, where the sweeps of the others answer already (R30). */
  connectionIds?: string[];
};

/**
 * Asks every active connection of the lead's workspace about this one lead (R30) and sends what they say down the
 * road. When all answered with full scope, or have been verified by sweep, the lead's claim counts as checked (R22).
 * Throws the first provider's error.
 */
export async function lookUpLead(
  deps: LookupDeps,
  leadId: string,
  { priority, signal, connectionIds }: LookupOptions,
): Promise<{ calls: number; counts: ApplyCounts }> {
  const lead = await deps.db.lead.findUnique({
    where: { id: leadId },
    include: {
      aliases: { select: { emailKey: true } },
      contacts: { select: { contactId: true } },
      workspace: { select: { connections: { where: { state: { not: "off" } } } } },
    },
  });
  if (!lead) throw notFound("Lead");
  const keys: LeadKeys = {
    emails: [lead.email.toLowerCase(), ...lead.aliases.map((a) => a.emailKey)],
    contactIds: lead.contacts.map((c) => c.contactId),
  };
  const { connections } = lead.workspace;
  const asked = connections.filter(({ id }) => connectionIds?.includes(id) ?? true);
  const startedAt = deps.clock.now();
  const result = { calls: 0, counts: emptyApplyCounts() };
  for (const { id } of asked) {
    const open = await openConnection(deps, id, { priority, ...(signal ? { signal } : {}) });
    const page = await readLead(deps, open, keys, startedAt);
    result.calls += page.calls;
    const counts = await runTransaction(deps.db, "save lookup", async (tx) => {
      await lockForReadings(tx, lead.workspaceId);
      // Not before: whoever had the turn first happened first.
      const now = deps.clock.now();
      return saveWindowPage(tx, open, page, { source: "reconcile", reason: "lookup", now });
    });
    result.counts = addCounts(result.counts, counts);
  }
  if (asked.length === 0) return result;
  const others = connections.filter((c) => !asked.includes(c)).map(({ id }) => id);
  const isWhole = asked.every((c) => c.fullScope);
  const now = deps.clock.now();
  await runTransaction(deps.db, "finish lookup", async (tx) => {
    const checkedAt = await findCheckedAt(tx, lead.workspaceId, { startedAt, now, others });
    if (checkedAt === null) return;
    await stampLookup(tx, lead.workspaceId, leadId, { startedAt: checkedAt, now, isWhole });
  });
  return result;
}

/** A lead is known as of its least recent witness: now at those that were asked, their sweeps at the others. */
export async function findCheckedAt(
  tx: Tx,
  workspaceId: string,
  { startedAt, now, others }: { startedAt: Date; now: Date; others: string[] },
): Promise<Date | null> {
  if (others.length === 0) return startedAt;
  const since = await findVerifiedSince(tx, workspaceId, now, others);
  return since && (since < startedAt ? since : startedAt);
}

/** What one connection says about one lead, read outside any transaction. */
export function readLead(
  deps: Pick<Deps, "db">,
  open: OpenConnection,
  keys: LeadKeys,
  now: Date,
): Promise<WindowPage> {
  return open.provider === "calendly" ? readCalendly(open, keys, now) : readHighLevel(deps, open, keys, now);
}

async function readCalendly(
  open: Extract<OpenConnection, { provider: "calendly" }>,
  { emails }: LeadKeys,
  now: Date,
): Promise<WindowPage> {
  const page = emptyPage();
  // As far as a sweep looks: both ways must find the same.
  const { from, to } = tierWindow("warm", now, open.windowDays);
  for (const email of emails) {
    const pages = walkPages((pageToken) =>
      open.client.listEvents({
        ...calendlyOwner(open.row),
        minStart: from,
        maxStart: new Date(to.getTime() - 1),
        inviteeEmail: email,
        ...(pageToken ? { pageToken } : {}),
      }),
    );
    for await (const list of pages) {
      page.calls += 1;
      for (const event of list.events) {
        for (const { invitee, asOf } of await listInvitees(open.client, lastSegment(event.uri), page)) {
          // The list does not say who matched, and its letter case is not ours to trust (R8).
          const reading = mapInvitee(event, invitee, asOf);
          if (!emails.includes(reading.attendeeEmail?.toLowerCase() ?? "")) continue;
          page.readings.push(reading);
          const chain = await readChain(open.client, reading);
          page.calls += chain.calls;
          page.readings.push(...chain.readings);
        }
      }
    }
  }
  return page;
}

/** Everybody on an event: a group may fill several pages. */
async function listInvitees(client: CalendlyClient, eventId: string, page: WindowPage) {
  const people: { invitee: Reply["invitees"][number]; asOf: Date }[] = [];
  for await (const reply of walkPages((pageToken) =>
    client.listInvitees(eventId, pageToken ? { pageToken } : {}),
  )) {
    page.calls += 1;
    people.push(...reply.invitees.map((invitee) => ({ invitee, asOf: reply.asOf })));
  }
  return people;
}

async function readHighLevel(
  { db }: Pick<Deps, "db">,
  open: Extract<OpenConnection, { provider: "highlevel" }>,
  { emails, contactIds }: LeadKeys,
  now: Date,
): Promise<WindowPage> {
  const page = emptyPage();
  const ids = new Set([...contactIds, ...(await findRememberedContacts(db, open.row.workspaceId, emails))]);
  // Also beside a known contact: another one may have the lead's address, and its bookings are the lead's too (R8).
  for (const email of emails) {
    const found = await open.client.findContactsByEmail(email);
    page.calls += 1;
    for (const contact of found.contacts) {
      const reading = mapContact(contact);
      page.contacts.push({ ...reading, readAt: found.asOf, gone: false });
      ids.add(reading.contactId);
    }
  }
  const listed: Listed[] = [];
  for (const id of ids) {
    page.calls += 1;
    try {
      const { events, asOf } = await open.client.contactAppointments(id);
      for (const event of events) listed.push(await settleTimes(open, page, { event, asOf }));
    } catch (error) {
      if (!(error instanceof ProviderError && error.kind === "not_found")) throw error;
    }
  }
  if (listed.length === 0) return page;
  const events = listed.map(({ event }) => event);
  const contacts = await rememberContacts(db, now, open, events, page);
  const found = listed.map(({ event, asOf }) => {
    return { event, asOf, contact: contacts.get(event.contactId ?? "") ?? null };
  });
  page.readings.push(...(await mapFoundEvents(db, open, page, found)));
  return dropUnknownDeleted(db, open.row.workspaceId, page);
}

/** Additional addresses of contacts cannot be searched for at HighLevel; those that we remember can. */
async function findRememberedContacts(
  db: Deps["db"],
  workspaceId: string,
  emails: string[],
): Promise<string[]> {
  const rows = await db.rememberedContact.findMany({
    where: { workspaceId, emails: { hasSome: emails } },
    select: { contactId: true },
  });
  return rows.map(({ contactId }) => contactId);
}

type Listed = { event: HighLevelEvent; asOf: Date };

/** This list tells wall times: in the hour that comes twice, only the appointment itself tells which one is meant. */
async function settleTimes(
  { client, timezone }: Extract<OpenConnection, { provider: "highlevel" }>,
  page: WindowPage,
  listed: Listed,
): Promise<Listed> {
  if (!hasUncertainTime(listed.event, timezone)) return listed;
  page.calls += 1;
  return client.appointment(listed.event.id);
}

/** Lists of the calendar hide deleted events, this one shows them: one that was never known is no loss. */
async function dropUnknownDeleted(
  db: Deps["db"],
  workspaceId: string,
  page: WindowPage,
): Promise<WindowPage> {
  const deleted = page.readings.filter((r) => r.cancelReason === "deleted").map((r) => r.providerId);
  if (deleted.length === 0) return page;
  const known = await db.appointment.findMany({
    where: { workspaceId, provider: "highlevel", providerId: { in: deleted } },
    select: { providerId: true },
  });
  const have = new Set(known.map((a) => a.providerId));
  return {
    ...page,
    readings: page.readings.filter((r) => r.cancelReason !== "deleted" || have.has(r.providerId)),
  };
}

/** Every connection of the lead's workspace has answered: `isWhole` says that each of them sees everything (R22). */
export async function stampLookup(
  tx: Tx,
  workspaceId: string,
  leadId: string,
  { startedAt, now, isWhole }: { startedAt: Date; now: Date; isWhole: boolean },
): Promise<void> {
  await lockWorkspace(tx, workspaceId);
  await tx.$executeRaw`
    UPDATE "Lead" SET
      "lookedUpAt" = greatest("lookedUpAt", ${startedAt}::timestamptz),
      "claimCheckedAt" = CASE WHEN ${isWhole} AND "claimAt" < ${startedAt}::timestamptz
                              THEN greatest("claimCheckedAt", ${startedAt}::timestamptz)
                              ELSE "claimCheckedAt" END
    WHERE id = ${leadId}::uuid`;
  await publish(tx, now, [
    { workspaceId, kind: "lead", ids: [leadId] },
    { workspaceId, kind: "mismatch", ids: [leadId] },
  ]);
}
