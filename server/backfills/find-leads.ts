import type { Db } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import type { LeadKeys } from "#server/reconcile/look-up-lead.ts";
import type { DayRange } from "./decide-overlap.ts";

export type LookupLead = { id: string; keys: LeadKeys };

/**
 * Leads by id whose claim was made in the range; one that claims nothing belongs to the day of the meeting that stands
 * for it. So every lead has one day, whether its claim is verified or not.
 */
function leadsOf(workspaceId: string, { from, to }: DayRange, after: string | null): Prisma.Sql {
  const beyond = after === null ? Prisma.empty : Prisma.sql`AND l.id > ${after}::uuid`;
  return Prisma.sql`
    SELECT l.id FROM "Lead" l
    WHERE l."workspaceId" = ${workspaceId}::uuid ${beyond}
      AND l."claimAt" >= ${from}::timestamptz AND l."claimAt" < ${to}::timestamptz
    UNION ALL
    SELECT l.id FROM "Connection" c
    JOIN "Appointment" a ON a."connectionId" = c.id
      AND a."startAt" >= ${from}::timestamptz AND a."startAt" < ${to}::timestamptz
    JOIN "Lead" l ON l.id = a."leadId" AND l."primaryId" = a.id
    WHERE c."workspaceId" = ${workspaceId}::uuid AND l."claimAt" IS NULL ${beyond}`;
}

/** The next leads of a day, in the order of their ids. */
export async function findLeads(
  db: Db,
  workspaceId: string,
  range: DayRange,
  { after, take }: { after: string | null; take: number },
): Promise<LookupLead[]> {
  const ids = await db.$queryRaw<{ id: string }[]>`
    ${leadsOf(workspaceId, range, after)} ORDER BY id LIMIT ${take}`;
  const leads = await db.lead.findMany({
    where: { id: { in: ids.map(({ id }) => id) } },
    orderBy: { id: "asc" },
    select: {
      id: true,
      email: true,
      aliases: { select: { emailKey: true } },
      contacts: { select: { contactId: true } },
    },
  });
  return leads.map(({ id, email, aliases, contacts }) => ({
    id,
    keys: {
      emails: [email.toLowerCase(), ...aliases.map(({ emailKey }) => emailKey)],
      contactIds: contacts.map(({ contactId }) => contactId),
    },
  }));
}

export type LeadSums = { leads: number; emails: number; meetings: number };

/** How many there are, and what the number of calls depends on: addresses and known meetings. */
export async function sumLeads(db: Db, workspaceId: string, range: DayRange): Promise<LeadSums> {
  const [sums] = await db.$queryRaw<LeadSums[]>`
    WITH chosen AS (${leadsOf(workspaceId, range, null)})
    SELECT count(*)::int AS leads,
           (count(*) + (SELECT count(*) FROM "LeadAlias" x JOIN chosen ON chosen.id = x."leadId"))::int AS emails,
           (SELECT count(*) FROM "Appointment" a JOIN chosen ON chosen.id = a."leadId"
             WHERE a.provider = 'calendly')::int AS meetings
    FROM chosen`;
  return sums ?? { leads: 0, emails: 0, meetings: 0 };
}
