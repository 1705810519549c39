import { Prisma } from "#server/db/generated/client.ts";
import type { Deps } from "#server/deps.ts";
import {
  type CandidateFacts,
  companyDomain,
  decideSuggestions,
  phoneEnd,
  plainName,
  type SuggestionReason,
  type UnmatchedFacts,
} from "./decide-suggestions.ts";
import { displayName } from "./queries.ts";

export type SuggestedLead = {
  leadId: string;
  name: string;
  email: string;
  company: string | null;
  reasons: SuggestionReason[];
};

/** Of each: enough for every booking of a page, and never a whole company. */
const MOST_BY_KEY = 2_000;
const MOST_OF_DOMAIN = 20;

/**
 * R11: for each of these bookings without a lead, who it may be of and why, the likeliest first. Others than the
 * workspace's own, and those that have a lead by now, have no entry.
 */
export async function suggestLeads(
  { db }: Pick<Deps, "db">,
  workspaceId: string,
  appointmentIds: string[],
): Promise<Record<string, SuggestedLead[]>> {
  const bookings = await db.appointment.findMany({
    where: { workspaceId, id: { in: appointmentIds }, leadId: null },
    select: { id: true, attendeeKey: true, attendeeName: true, attendeePhone: true, tracking: true },
  });
  const facts = bookings.map((booking) => ({
    id: booking.id,
    address: booking.attendeeKey,
    name: booking.attendeeName,
    phone: booking.attendeePhone,
    tracking: booking.tracking?.split("\n") ?? [],
  }));
  const candidates = await loadCandidates(db, workspaceId, await findCandidates(db, workspaceId, facts));
  const people = new Map(candidates.map((each) => [each.leadId, each]));
  return Object.fromEntries(
    facts.map(({ id, ...booking }) => [
      id,
      decideSuggestions(booking, candidates).flatMap(({ leadId, reasons }) => {
        const lead = people.get(leadId);
        if (!lead) return [];
        return [{ leadId, name: lead.shownName, email: lead.email, company: lead.company, reasons }];
      }),
    ]),
  );
}

/**
 * Leads that share anything with any of them. One walk over the workspace's leads, and no index of its own: people look
 * here now and then, and every index costs each piece of evidence that is applied.
 */
async function findCandidates(
  db: Deps["db"],
  workspaceId: string,
  facts: UnmatchedFacts[],
): Promise<string[]> {
  const unique = (values: (string | null)[]) => [...new Set(values.flatMap((value) => value ?? []))];
  const addresses = unique(facts.map(({ address }) => address));
  const tracking = unique(facts.flatMap((each) => each.tracking));
  const keys = [...addresses, ...tracking.map((value) => value.toLowerCase())];
  const names = unique(facts.map(({ name }) => plainName(name)));
  const phones = unique(facts.map(({ phone }) => phoneEnd(phone)));
  const domains = unique(addresses.map(companyDomain));
  const words = unique(domains.map((domain) => domain.split(".")[0]?.replace(/[^\p{L}\p{N}]/gu, "") ?? null));
  const own = Prisma.sql`l."workspaceId" = ${workspaceId}::uuid`;
  const rows = await db.$queryRaw<{ id: string }[]>`
    (SELECT l.id FROM "Lead" l
     WHERE ${own} AND (l."emailKey" = ANY(${keys}::text[]) OR l."externalId" = ANY(${tracking}::text[])
       OR l.id::text = ANY(${tracking}::text[])
       OR lower(regexp_replace(trim(coalesce(l."firstName", '') || ' ' || coalesce(l."lastName", '')), '\\s+', ' ', 'g'))
          = ANY(${names}::text[])
       -- The last two digits first: to strip a million numbers takes a second.
       OR (right(l.phone, 2) = ANY(${phones.map((phone) => phone.slice(-2))}::text[])
           AND right(regexp_replace(l.phone, '\\D', '', 'g'), 10) = ANY(${phones}::text[])))
     LIMIT ${MOST_BY_KEY})
    UNION
    (SELECT x."leadId" FROM "LeadAlias" x
     WHERE x."workspaceId" = ${workspaceId}::uuid AND x."emailKey" = ANY(${keys}::text[]) LIMIT ${MOST_BY_KEY})
    UNION
    (SELECT id FROM (
       SELECT l.id, row_number() OVER (PARTITION BY split_part(l."emailKey", '@', 2) ORDER BY l."updatedAt" DESC, l.id) AS place
       FROM "Lead" l
       WHERE ${own} AND (split_part(l."emailKey", '@', 2) = ANY(${domains}::text[])
         OR lower(regexp_replace(l.company, '[^[:alnum:]]', '', 'g')) = ANY(${words}::text[]))) colleagues
     WHERE place <= ${MOST_OF_DOMAIN})`;
  return rows.map(({ id }) => id);
}

type Candidate = CandidateFacts & { shownName: string; email: string };

async function loadCandidates(db: Deps["db"], workspaceId: string, ids: string[]): Promise<Candidate[]> {
  const rows = await db.lead.findMany({
    where: { workspaceId, id: { in: ids } },
    select: {
      id: true,
      externalId: true,
      email: true,
      firstName: true,
      lastName: true,
      phone: true,
      company: true,
      updatedAt: true,
      aliases: { select: { emailKey: true } },
    },
  });
  return rows.map(({ id, email, firstName, lastName, aliases, ...row }) => ({
    ...row,
    leadId: id,
    email,
    name: [firstName, lastName].filter(Boolean).join(" ") || null,
    shownName: displayName({ email, firstName, lastName }),
    addresses: [email.toLowerCase(), ...aliases.map(({ emailKey }) => emailKey)],
  }));
}
