import type { Booking } from "./truth.ts";

/** Whom a customer gave us, with every address and contact id that people confirmed to be theirs. */
export type KnownLead = { id: string; emails: string[]; contactIds: string[] };

export type Owners = { leadOf: Map<Booking, string>; sharersOf: Map<Booking, string[]> };

/**
 * R8, R11, R13, R16: each booking finds its leads by contact id, else by address; one that finds several is nobody's. What
 * replaced a lead's booking is the lead's, whatever it would find; what nobody would claim is whose replacement is. A
 * person's word on one booking outranks all of this.
 */
export function decideOwners(
  bookings: Booking[],
  leads: KnownLead[],
  linked: ReadonlyMap<Booking, string>,
): Owners {
  const own = new Map(bookings.map((booking) => [booking, findLeads(booking, leads)]));
  const leadOf = new Map<Booking, string>();
  for (const chain of new Set(bookings.map((booking) => chainOf(booking, bookings)))) {
    let before: string | undefined;
    for (const member of chain) {
      const [found, ...others] = own.get(member) ?? [];
      before = linked.get(member) ?? before ?? (others.length === 0 ? found : undefined);
      if (before) leadOf.set(member, before);
    }
    for (const [at, member] of [...chain.entries()].reverse()) {
      const next = chain[at + 1];
      const after = next && leadOf.get(next);
      if (after && !leadOf.has(member) && own.get(member)?.length === 0) leadOf.set(member, after);
    }
  }
  const nobodys = bookings.filter((booking) => !leadOf.has(booking));
  return { leadOf, sharersOf: new Map(nobodys.map((booking) => [booking, own.get(booking) ?? []])) };
}

function findLeads(booking: Booking, leads: KnownLead[]): string[] {
  const byContact = leads.filter(
    (lead) => booking.contactId !== null && lead.contactIds.includes(booking.contactId),
  );
  const found =
    byContact.length > 0
      ? byContact
      : leads.filter((lead) => lead.emails.some((email) => booking.emails.includes(email)));
  return found.map(({ id }) => id);
}

/** All bookings that follow one another through links, the earliest first. */
function chainOf(booking: Booking, bookings: Booking[]): Booking[] {
  if (booking.provider !== "calendly") return [booking];
  const before = (b: Booking) => bookings.find((x) => x.id === b.fromId || x.toId === b.id);
  const after = (b: Booking) => bookings.find((x) => x.id === b.toId || x.fromId === b.id);
  const chain = [booking];
  for (let at = before(booking); at; at = before(at)) chain.unshift(at);
  for (let at = after(booking); at; at = after(at)) chain.push(at);
  return chain;
}
