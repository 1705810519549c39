import { z } from "zod";
import { Prisma } from "#server/db/generated/client.ts";
import type { Deps } from "#server/deps.ts";
import {
  type CandidateFacts,
  companyDomain,
  companyWord,
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

/** Of each way to be found: enough for every booking of a page. */
const MOST_BY_KEY = 2_000;
/** Of one booking's company the newest, among so many: what more have in common is a mailbox. */
const MOST_COLLEAGUES = 20;
const MOST_OF_DOMAIN = 100;

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

/** Leads that share anything with any of them, each way through an index of what leads are found by. */
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
  const phones = unique(facts.map(({ phone }) => phoneEnd(phone))).map((end) => [...end].reverse().join(""));
  const domains = unique(addresses.map(companyDomain));
  const words = domains.map(companyWord);
  const own = Prisma.sql`"workspaceId" = ${workspaceId}::uuid`;
  const rows = await db.$queryRaw<{ id: string }[]>`
    (SELECT id FROM "Lead" WHERE ${own} AND "emailKey" = ANY(${keys}::text[]) LIMIT ${MOST_BY_KEY})
    UNION
    (SELECT "leadId" FROM "LeadAlias" WHERE ${own} AND "emailKey" = ANY(${keys}::text[]) LIMIT ${MOST_BY_KEY})
    UNION
    (SELECT id FROM "Lead" WHERE ${own} AND "externalId" = ANY(${tracking}::text[]))
    UNION
    (SELECT id FROM "Lead" WHERE ${own} AND id = ANY(${tracking.filter(isUuid)}::uuid[]))
    UNION
    (SELECT "leadId" FROM "LeadSearch" WHERE ${own} AND name = ANY(${names}::text[]) LIMIT ${MOST_BY_KEY})
    UNION
    (SELECT s."leadId" FROM unnest(${phones}::text[]) AS p(digits)
     -- Numbers are kept from their end. Every one that begins with these digits: a colon follows the nine.
     JOIN "LeadSearch" s ON ${own} AND s."phoneEnd" ~>=~ p.digits AND s."phoneEnd" ~<~ (p.digits || ':')
     LIMIT ${MOST_BY_KEY})
    UNION
    (SELECT c.id FROM unnest(${domains}::text[], ${words}::text[]) AS d(domain, word) CROSS JOIN LATERAL (
       SELECT l.id FROM (
         (SELECT "leadId" FROM "LeadSearch" WHERE ${own} AND domain = d.domain ORDER BY "leadId" LIMIT ${MOST_OF_DOMAIN})
         UNION
         (SELECT "leadId" FROM "LeadSearch" WHERE ${own} AND "companyWord" = d.word
          ORDER BY "leadId" LIMIT ${MOST_OF_DOMAIN})) s
       -- One by one by their key: a small workspace would be read whole (OFFSET 0 forbids it).
       CROSS JOIN LATERAL (SELECT id, "updatedAt" FROM "Lead" WHERE id = s."leadId" OFFSET 0) l
       ORDER BY l."updatedAt" DESC, l.id LIMIT ${MOST_COLLEAGUES}) c)`;
  return rows.map(({ id }) => id);
}

function isUuid(text: string): boolean {
  return z.uuid().safeParse(text).success;
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
