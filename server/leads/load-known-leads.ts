import type { Tx } from "#server/db/client.ts";
import { isStorableText } from "#server/lib/storable.ts";
import type { LeadFields } from "./decide-upsert.ts";
import type { KnownLeads, LeadDraft } from "./decide-upserts.ts";

type LeadRow = LeadFields & { id: string; version: number };

type Mentions = { externalIds: string[]; emailKeys: string[]; contactIds: string[]; memberKeys: string[] };

/** Everything that deciding about these items asks, in four statements, whatever their number. */
export async function loadKnownLeads(tx: Tx, workspaceId: string, items: unknown[]): Promise<KnownLeads> {
  const mentions = findMentions(items);
  const rows = await tx.$queryRaw<LeadRow[]>`
    SELECT id, version, "externalId", email, "firstName", "lastName", company, phone, timezone, "timezoneSource",
           status, "statusAt", "statusSource", sentiment, "sentimentAt", "lastInboundAt", "lastMessageAt",
           "lastMessageDirection", "crmOwnerEmail", "highValue", "responseMode", "autoBook", "assignedToId", "createdAt"
    FROM "Lead"
    WHERE id IN (
      SELECT id FROM "Lead" WHERE "workspaceId" = ${workspaceId}::uuid AND "externalId" = ANY(${mentions.externalIds})
      UNION
      SELECT id FROM "Lead" WHERE "workspaceId" = ${workspaceId}::uuid AND "emailKey" = ANY(${mentions.emailKeys}))
    ORDER BY id`;
  const leads = rows.map(toDraft);
  await loadAliases(tx, leads);
  return {
    leads,
    contactOwners: await loadContactOwners(tx, workspaceId, mentions.contactIds),
    members: await loadMembers(tx, workspaceId, mentions.memberKeys),
  };
}

/** What the items name, read before they are checked: a text that is none of ours simply finds nothing. */
function findMentions(items: unknown[]): Mentions {
  const mentions: Mentions = { externalIds: [], emailKeys: [], contactIds: [], memberKeys: [] };
  for (const item of items) {
    if (typeof item !== "object" || item === null) continue;
    const { externalId, email, ghlContactId, assignedToEmail } = item as Record<string, unknown>;
    if (isText(externalId)) mentions.externalIds.push(externalId.trim());
    if (isText(email)) mentions.emailKeys.push(email.trim().toLowerCase());
    if (isText(ghlContactId)) mentions.contactIds.push(ghlContactId.trim());
    if (isText(assignedToEmail)) mentions.memberKeys.push(assignedToEmail.trim().toLowerCase());
  }
  return mentions;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && isStorableText(value);
}

function toDraft({ id, version, ...fields }: LeadRow): LeadDraft {
  return {
    id,
    version,
    before: fields,
    fields,
    aliases: new Set(),
    addedAliases: new Set(),
    addedContacts: new Set(),
  };
}

async function loadAliases(tx: Tx, leads: LeadDraft[]): Promise<void> {
  if (leads.length === 0) return;
  const byId = new Map(leads.map((lead) => [lead.id, lead]));
  const rows = await tx.$queryRaw<{ leadId: string; emailKey: string }[]>`
    SELECT "leadId", "emailKey" FROM "LeadAlias" WHERE "leadId" = ANY(${[...byId.keys()]}::uuid[])`;
  for (const { leadId, emailKey } of rows) byId.get(leadId)?.aliases.add(emailKey);
}

async function loadContactOwners(
  tx: Tx,
  workspaceId: string,
  contactIds: string[],
): Promise<Map<string, string>> {
  if (contactIds.length === 0) return new Map();
  const rows = await tx.$queryRaw<{ contactId: string; leadId: string }[]>`
    SELECT "contactId", "leadId" FROM "LeadContact"
    WHERE "workspaceId" = ${workspaceId}::uuid AND "contactId" = ANY(${contactIds})`;
  return new Map(rows.map(({ contactId, leadId }) => [contactId, leadId]));
}

async function loadMembers(tx: Tx, workspaceId: string, emailKeys: string[]): Promise<Map<string, string>> {
  if (emailKeys.length === 0) return new Map();
  const rows = await tx.$queryRaw<{ emailKey: string; userId: string }[]>`
    SELECT lower(u.email) AS "emailKey", u.id AS "userId"
    FROM "Membership" m JOIN "User" u ON u.id = m."userId"
    WHERE m."workspaceId" = ${workspaceId}::uuid AND lower(u.email) = ANY(${emailKeys})`;
  return new Map(rows.map(({ emailKey, userId }) => [emailKey, userId]));
}
