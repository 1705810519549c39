import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { mapEvent } from "#server/providers/highlevel/map-appointment.ts";
import { type ContactReading, mapContact } from "#server/providers/highlevel/map-contact.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import { type OpenConnection, openConnection } from "#server/reconcile/open-connection.ts";
import { loadContacts } from "#server/reconcile/read-highlevel-page.ts";
import { rematchLeads } from "#server/reconcile/rematch-leads.ts";
import { emptyPage } from "#server/reconcile/window-page.ts";
import { saveWindowPage } from "#server/reconcile/window-pages.ts";
import type { ProcessDeps } from "./delivery-group.ts";

type OpenHighLevel = Extract<OpenConnection, { provider: "highlevel" }>;

/** Bookings of one contact that are read anew at once, the latest first; the sweeps follow with the rest. */
const MOST_BOOKINGS = 20;

/**
 * Reads a contact again and decides anew whose its bookings are (R8). `unknown`: no booking hangs on it, so nobody needs
 * it; it will be read with its first booking. One that was deleted keeps its addresses: the bookings stay that person's.
 */
export async function refreshContact(
  deps: ProcessDeps,
  connectionId: string,
  contactId: string,
  signal?: AbortSignal,
): Promise<"refreshed" | "unchanged" | "unknown"> {
  const open = await openConnection(deps, connectionId, { priority: "live", ...(signal ? { signal } : {}) });
  if (open.provider !== "highlevel") return "unknown";
  const { workspaceId } = open.row;
  const before = (await loadContacts(deps.db, workspaceId, [contactId])).get(contactId) ?? null;
  const bookings = await deps.db.appointment.findMany({
    where: { workspaceId, provider: "highlevel", contactId },
    orderBy: { startAt: "desc" },
    take: MOST_BOOKINGS,
    select: { providerId: true },
  });
  if (before === null && bookings.length === 0) return "unknown";

  const page = emptyPage();
  const contact = await readContact(deps, open, contactId, before);
  page.contacts.push(contact);
  const isNews = !contact.gone && (before === null || hasChanged(before, contact));
  if (isNews) {
    for (const { providerId } of bookings) {
      const reading = await readBooking(open, providerId, contact);
      if (reading) page.readings.push(reading);
    }
  }
  const step = { source: "webhook" as const, reason: "contact_changed", now: deps.clock.now() };
  await runTransaction(deps.db, "refresh contact", async (tx) => {
    await lockWorkspace(tx, workspaceId);
    await saveWindowPage(tx, open, page, step);
    if (!isNews) return;
    const emailKeys = [...new Set([...addressesOf(before), ...addressesOf(contact)])];
    await rematchLeads(
      tx,
      { workspaceId, leadIds: [], emailKeys, contactIds: [contactId] },
      { ...step, workspaceId },
    );
  });
  return isNews ? "refreshed" : "unchanged";
}

async function readContact(
  { clock }: ProcessDeps,
  open: OpenHighLevel,
  contactId: string,
  before: ContactReading | null,
) {
  const askedAt = clock.now();
  try {
    const { contact, asOf } = await open.client.contact(contactId);
    return { ...mapContact(contact), readAt: asOf, gone: false };
  } catch (error) {
    if (!(error instanceof ProviderError && error.kind === "not_found")) throw error;
    const nobody = {
      email: null,
      additionalEmails: [],
      name: null,
      phone: null,
      timezone: null,
      updatedAt: null,
    };
    return { ...nobody, ...before, contactId, readAt: askedAt, gone: true };
  }
}

/** One that cannot be found is left to the sweeps, which know how to tell a loss from a slip (R5). */
async function readBooking(open: OpenHighLevel, providerId: string, contact: ContactReading) {
  try {
    const { event, asOf } = await open.client.appointment(providerId);
    return mapEvent(event, { timezone: open.timezone, asOf, contact });
  } catch (error) {
    if (error instanceof ProviderError && error.kind === "not_found") return null;
    throw error;
  }
}

function hasChanged(before: ContactReading, after: ContactReading): boolean {
  const factsOf = ({ name, phone, timezone, ...contact }: ContactReading) =>
    JSON.stringify([addressesOf(contact), name, phone, timezone]);
  return factsOf(before) !== factsOf(after);
}

/** The first of them is the contact's own: a change of their order is news too. */
function addressesOf(contact: Pick<ContactReading, "email" | "additionalEmails"> | null): string[] {
  return contact ? [...(contact.email ? [contact.email] : []), ...contact.additionalEmails] : [];
}
