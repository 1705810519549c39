import type { Tx } from "#server/db/client.ts";
import { convergeLeads, type EffectCounts, type Step } from "./converge-leads.ts";
import { linkAppointments, markSharedBookings } from "./link-appointments.ts";
import { pairMirrors } from "./pair-mirrors.ts";
import { writeLinkChanges } from "./write-link-changes.ts";

export type RematchKeys = {
  workspaceId: string;
  /** Leads that are new or whose addresses or contact ids changed. */
  leadIds: string[];
  /** Lower-cased addresses that came or went. */
  emailKeys: string[];
  /** HighLevel contact ids that came. */
  contactIds: string[];
};

/**
 * Decides again whose the bookings under these addresses and contact ids are, after leads came or changed theirs: one
 * that was nobody's may find its lead, one that was somebody's may turn out to be shared (R8, R11, R13). Everything
 * that follows for the leads happens in the caller's transaction, which holds `lockWorkspace`.
 */
export async function rematchLeads(tx: Tx, keys: RematchKeys, step: Step): Promise<EffectCounts> {
  const links = await linkAppointments(tx, keys.workspaceId, await findConcerned(tx, keys));
  const sharers = await findSharers(tx, keys);
  const shared = [...new Set([...links.sharedLeadIds, ...sharers])];
  await markSharedBookings(tx, keys.workspaceId, shared, step.now);
  await writeLinkChanges(tx, step, links.relinked);
  if (links.leadIds.length > 0) await pairMirrors(tx, links.leadIds);
  return convergeLeads(tx, [...new Set([...links.leadIds, ...shared])], step);
}

/**
 * What a person or a chain linked stays theirs, so that only the rest is looked at. Keys go in as values, one step at a
 * time: joined in one statement their number is a guess, and PostgreSQL guesses whole tables.
 */
export async function findConcerned(
  tx: Tx,
  { workspaceId, emailKeys, contactIds }: Omit<RematchKeys, "leadIds">,
): Promise<string[]> {
  const contacts = await tx.$queryRaw<{ contactId: string }[]>`
    SELECT DISTINCT c."contactId" FROM unnest(${emailKeys}::text[]) AS k(key)
    JOIN "RememberedContact" c ON c."workspaceId" = ${workspaceId}::uuid AND c.emails @> ARRAY[k.key]`;
  const contactKeys = [...new Set([...contactIds, ...contacts.map((c) => c.contactId)])];
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM "Appointment"
    WHERE "workspaceId" = ${workspaceId}::uuid AND "attendeeKey" = ANY(${emailKeys}::text[])
      AND ("leadId" IS NULL OR "linkedBy" IN ('email', 'alias', 'successor'))
    UNION
    SELECT id FROM "Appointment"
    WHERE "workspaceId" = ${workspaceId}::uuid AND "contactId" = ANY(${contactKeys}::text[])
      AND ("leadId" IS NULL OR "linkedBy" IN ('email', 'alias', 'successor'))`;
  return rows.map(({ id }) => id);
}

/** Leads under these addresses where a booking is shared or the mark may be out of date. */
async function findSharers(tx: Tx, { workspaceId, leadIds, emailKeys }: RematchKeys): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT l.id FROM "Lead" l
    WHERE l.id = ANY(${leadIds}::uuid[]) AND l."sharedBooking"
    UNION
    SELECT l.id FROM unnest(${emailKeys}::text[]) AS k(key)
    JOIN "Lead" l ON l."workspaceId" = ${workspaceId}::uuid AND l."emailKey" = k.key
    WHERE l."sharedBooking" OR EXISTS (
      SELECT 1 FROM "Appointment" a
      WHERE a."workspaceId" = ${workspaceId}::uuid AND a."attendeeKey" = k.key AND a.ambiguous)`;
  return rows.map(({ id }) => id);
}
