import type { Tx } from "#server/db/client.ts";
import { decideMatch, type MatchCandidates } from "./decide-match.ts";
import { type ChainRow, findChainLinks, findNeighbours } from "./find-chain.ts";
import { emptyCandidates, findMatchCandidates, type MatchKeys } from "./find-match-candidates.ts";

/** Whose a booking is, and by what key that was found. */
export type Link = { leadId: string | null; linkedBy: string | null; ambiguous: boolean };

type LinkRow = MatchKeys & { leadId: string | null; linkedBy: string | null; ambiguous: boolean };

export type Relinked = { id: string; before: string | null; after: string | null };

export type LinkResult = {
  /** Leads whose evidence changed: those that gained an appointment and those that lost one. */
  leadIds: string[];
  /** Appointments that belong to another lead (or to none) than before. */
  relinked: Relinked[];
  /** Leads that share the address of one of these bookings, whose gate is to be looked at again (R13). */
  sharedLeadIds: string[];
};

/**
 * Decides again whose these appointments are. What a person or a contact id linked stays; what an address linked is
 * looked at again, since a second lead with that address makes it nobody's (R13), and so is what a chain gave. Links
 * spread along reschedule chains until nothing changes (R16), so that the order in which its halves came does not matter.
 */
export async function linkAppointments(
  tx: Tx,
  workspaceId: string,
  appointmentIds: string[],
): Promise<LinkResult> {
  const result = {
    leadIds: new Set<string>(),
    relinked: new Map<string, Relinked>(),
    sharedLeadIds: new Set<string>(),
  };
  if (appointmentIds.length === 0) return { leadIds: [], relinked: [], sharedLeadIds: [] };
  let pending = [...new Set([...appointmentIds, ...(await findHeirs(tx, workspaceId, appointmentIds))])];
  let isAnyClear = false;
  // A chain is as long as a person's patience; the bound only ends what a lying provider made circular.
  for (let round = 0; pending.length > 0 && round < 20; round++) {
    const rows = await loadLinkRows(tx, workspaceId, pending);
    const neighbours = await findNeighbours(tx, workspaceId, rows);
    const candidates = await findMatchCandidates(tx, workspaceId, rows, neighbours);
    const updates = rows.map((row) => {
      const { link, sharers } = decideLink(candidates.get(row.ref) ?? emptyCandidates());
      for (const id of sharers) result.sharedLeadIds.add(id);
      isAnyClear ||= row.ambiguous && !link.ambiguous;
      return { id: row.ref, ...link, before: row.leadId };
    });
    const moved = await saveLinks(tx, updates);
    for (const update of updates.filter(({ id }) => moved.includes(id))) {
      const { id, leadId: after } = update;
      const before = result.relinked.get(id)?.before ?? update.before;
      if (before !== after) result.relinked.set(id, { id, before, after });
      if (update.before) result.leadIds.add(update.before);
      if (update.leadId) result.leadIds.add(update.leadId);
    }
    pending = await findHeirs(tx, workspaceId, moved);
  }
  // Who shared it may have nothing to do with it any more: a contact changes its address.
  if (isAnyClear) for (const id of await findGated(tx, workspaceId)) result.sharedLeadIds.add(id);
  const relinked = [...result.relinked.values()];
  await partMirrors(
    tx,
    relinked.map(({ id }) => id),
  );
  return {
    leadIds: [...result.leadIds],
    relinked,
    sharedLeadIds: [...result.sharedLeadIds],
  };
}

/**
 * Whose these bookings are that nobody has seen before, by provider id: all that their own keys and their `neighbours`
 * say. A chain that they are part of is looked at by `linkAppointments` once they are written.
 */
export async function matchNewBookings(
  tx: Tx,
  workspaceId: string,
  bookings: Omit<MatchKeys, "ref">[],
  neighbours: ChainRow[],
): Promise<{ links: Map<string, Link>; sharedLeadIds: string[] }> {
  const keys = bookings.map(({ providerId, rescheduledFromId, rescheduledToId, email, contactId }) => ({
    ref: providerId,
    providerId,
    rescheduledFromId,
    rescheduledToId,
    email,
    contactId,
  }));
  const links = new Map<string, Link>();
  const sharedLeadIds = new Set<string>();
  for (const [providerId, found] of await findMatchCandidates(tx, workspaceId, keys, neighbours)) {
    const { link, sharers } = decideLink(found);
    links.set(providerId, link);
    for (const id of sharers) sharedLeadIds.add(id);
  }
  return { links, sharedLeadIds: [...sharedLeadIds] };
}

function decideLink(found: MatchCandidates): { link: Link; sharers: string[] } {
  const match = decideMatch(found);
  // Also where a chain has decided by now: leads that were gated for this booking are so no longer.
  const byAddress = [...new Set([...found.byEmail, ...found.byAlias])];
  const { leadId, linkedBy } = match.outcome === "matched" ? match : { leadId: null, linkedBy: null };
  return {
    link: { leadId, linkedBy, ambiguous: match.outcome === "ambiguous" },
    sharers: byAddress.length > 1 ? byAddress : [],
  };
}

async function findGated(tx: Tx, workspaceId: string): Promise<string[]> {
  const leads = await tx.lead.findMany({ where: { workspaceId, sharedBooking: true }, select: { id: true } });
  return leads.map(({ id }) => id);
}

async function loadLinkRows(tx: Tx, workspaceId: string, ids: string[]): Promise<LinkRow[]> {
  return tx.$queryRaw<LinkRow[]>`
    SELECT id AS ref, "providerId", "rescheduledFromId", "rescheduledToId", "attendeeKey" AS email, "contactId",
           "leadId", "linkedBy", ambiguous
    FROM "Appointment"
    WHERE "workspaceId" = ${workspaceId}::uuid AND id = ANY(${ids}::uuid[])
      AND ("leadId" IS NULL OR "linkedBy" IN ('email', 'alias', 'chain', 'successor'))`;
}

type LinkUpdate = Link & { id: string };

async function saveLinks(tx: Tx, updates: LinkUpdate[]): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    UPDATE "Appointment" a SET
      "leadId" = r."leadId", "linkedBy" = r."linkedBy", ambiguous = r.ambiguous,
      -- What it counted as was decided for another lead.
      standing = CASE WHEN a."leadId" IS DISTINCT FROM r."leadId" THEN NULL ELSE a.standing END
    FROM jsonb_to_recordset(${JSON.stringify(updates)}::jsonb)
      AS r(id uuid, "leadId" uuid, "linkedBy" text, ambiguous boolean)
    WHERE a.id = r.id
      AND (a."leadId" IS DISTINCT FROM r."leadId" OR a."linkedBy" IS DISTINCT FROM r."linkedBy"
        OR a.ambiguous <> r.ambiguous)
    RETURNING a.id`;
  return rows.map(({ id }) => id);
}

/** R7: a copy and its record are the same lead's; a pair that links tear apart is two meetings. */
async function partMirrors(tx: Tx, appointmentIds: string[]): Promise<void> {
  if (appointmentIds.length === 0) return;
  await tx.$executeRaw`
    UPDATE "Appointment" c SET "mirrorOfId" = NULL
    FROM "Appointment" r
    WHERE r.id = c."mirrorOfId" AND c."leadId" IS DISTINCT FROM r."leadId"
      AND c.id IN (SELECT unnest(${appointmentIds}::uuid[])
                   UNION
                   SELECT m.id FROM "Appointment" m WHERE m."mirrorOfId" = ANY(${appointmentIds}::uuid[]))`;
}

/** Neighbours that may inherit another lead than they have, now that these have theirs. */
async function findHeirs(tx: Tx, workspaceId: string, ids: string[]): Promise<string[]> {
  const links = await findChainLinks(tx, workspaceId, ids);
  const heirs = links.filter(({ from, neighbour: { leadId, linkedBy }, neighbourIsSuccessor }) => {
    const mayInherit =
      leadId === null || linkedBy === "successor" || (neighbourIsSuccessor && linkedBy === "chain");
    const isOutranked = linkedBy === "email" || linkedBy === "alias";
    return (
      (leadId !== from.leadId && mayInherit) || (neighbourIsSuccessor && from.leadId !== null && isOutranked)
    );
  });
  return [...new Set(heirs.map(({ neighbour }) => neighbour.id))];
}

/**
 * R13: leads that share an address with somebody's booking are gated, after its end for as long as a held meeting gates
 * (R26); the flag falls when nothing is shared any more.
 */
export async function markSharedBookings(
  tx: Tx,
  workspaceId: string,
  leadIds: string[],
  now: Date,
): Promise<number> {
  if (leadIds.length === 0) return 0;
  return tx.$executeRaw`
    WITH keys AS (
      SELECT id AS "leadId", "emailKey" AS key FROM "Lead" WHERE id = ANY(${leadIds}::uuid[])
      UNION
      SELECT "leadId", "emailKey" FROM "LeadAlias" WHERE "leadId" = ANY(${leadIds}::uuid[])
    ), gate AS (
      SELECT ${now}::timestamptz - make_interval(days => "heldGateDays") AS since
      FROM "Workspace" WHERE id = ${workspaceId}::uuid
    ), shared AS (
      SELECT k."leadId" FROM keys k CROSS JOIN gate
      JOIN "Appointment" a ON a."workspaceId" = ${workspaceId}::uuid AND a."attendeeKey" = k.key
      WHERE a.ambiguous AND a.status IN ('confirmed', 'showed') AND a."endAt" >= gate.since
      UNION
      SELECT k."leadId" FROM keys k CROSS JOIN gate
      JOIN "RememberedContact" c ON c."workspaceId" = ${workspaceId}::uuid AND c.emails @> ARRAY[k.key]
      JOIN "Appointment" a ON a."workspaceId" = ${workspaceId}::uuid AND a."contactId" = c."contactId"
      WHERE a.ambiguous AND a.status IN ('confirmed', 'showed') AND a."endAt" >= gate.since
    )
    UPDATE "Lead" l SET "sharedBooking" = NOT l."sharedBooking"
    WHERE l.id = ANY(${leadIds}::uuid[])
      AND l."sharedBooking" <> (l.id IN (SELECT "leadId" FROM shared))`;
}
