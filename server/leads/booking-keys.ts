import type { Db, Tx } from "#server/db/client.ts";
import { displayName } from "./queries.ts";

/** Everything by which later bookings of the same person would be known: addresses, lower-cased, and a contact's id. */
export type BookingKeys = { workspaceId: string; emailKeys: string[]; contactIds: string[] };

type Booking = { workspaceId: string; attendeeKey: string | null; contactId: string | null };

export async function loadBookingKeys(
  db: Db | Tx,
  { workspaceId, attendeeKey, contactId }: Booking,
): Promise<BookingKeys> {
  const contact =
    contactId === null
      ? null
      : await db.rememberedContact.findUnique({
          where: { workspaceId_contactId: { workspaceId, contactId } },
          select: { emails: true },
        });
  return {
    workspaceId,
    emailKeys: [...new Set([...(attendeeKey === null ? [] : [attendeeKey]), ...(contact?.emails ?? [])])],
    contactIds: contactId === null ? [] : [contactId],
  };
}

/** Leads that have one of these addresses, as their own or as an alias, or this contact. */
export async function findHolders(
  db: Db | Tx,
  { workspaceId, emailKeys, contactIds }: BookingKeys,
): Promise<{ leadId: string; name: string }[]> {
  const rows = await db.$queryRaw<
    { id: string; email: string; firstName: string | null; lastName: string | null }[]
  >`
    WITH holder AS (
      SELECT id FROM "Lead" WHERE "workspaceId" = ${workspaceId}::uuid AND "emailKey" = ANY(${emailKeys}::text[])
      UNION
      SELECT "leadId" FROM "LeadAlias"
      WHERE "workspaceId" = ${workspaceId}::uuid AND "emailKey" = ANY(${emailKeys}::text[])
      UNION
      SELECT "leadId" FROM "LeadContact"
      WHERE "workspaceId" = ${workspaceId}::uuid AND "contactId" = ANY(${contactIds}::text[])
    )
    SELECT l.id, l.email, l."firstName", l."lastName" FROM holder JOIN "Lead" l USING (id) ORDER BY l.id`;
  return rows.map((row) => ({ leadId: row.id, name: displayName(row) }));
}
