import { randomUUID } from "node:crypto";
import type { Tx } from "#server/db/client.ts";
import type { LeadDraft } from "./decide-upserts.ts";

type Step = { workspaceId: string; now: Date };

/**
 * Writes new and changed leads with their aliases and contact ids: at most four statements, whatever their number. New
 * drafts get their id here. Answers false, and the caller starts again, when a lead moved on since it was loaded.
 */
export async function saveLeadDrafts(tx: Tx, step: Step, drafts: LeadDraft[]): Promise<boolean> {
  const created = drafts.filter((draft) => draft.before === null);
  for (const draft of created) draft.id = randomUUID();
  await insertLeads(tx, step, created);
  const isCurrent = await updateLeads(
    tx,
    step,
    drafts.filter((draft) => draft.before !== null),
  );
  if (!isCurrent) return false;
  await insertAliases(tx, step, drafts);
  await insertContacts(tx, step, drafts);
  return true;
}

async function insertLeads(tx: Tx, { workspaceId, now }: Step, drafts: LeadDraft[]): Promise<void> {
  if (drafts.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO "Lead" (id, "workspaceId", "externalId", email, "firstName", "lastName", company, phone, timezone,
                        "timezoneSource", status, "statusAt", "statusSource", sentiment, "sentimentAt",
                        "lastInboundAt", "lastMessageAt", "lastMessageDirection", "crmOwnerEmail", "highValue",
                        "responseMode", "autoBook", "assignedToId", "createdAt", "updatedAt")
    SELECT r.id, ${workspaceId}::uuid, r."externalId", r.email, r."firstName", r."lastName", r.company, r.phone,
           r.timezone, r."timezoneSource", r.status, r."statusAt", r."statusSource", r.sentiment, r."sentimentAt",
           r."lastInboundAt", r."lastMessageAt", r."lastMessageDirection", r."crmOwnerEmail", r."highValue",
           r."responseMode", r."autoBook", r."assignedToId", r."createdAt", ${now}::timestamptz
    FROM jsonb_to_recordset(${toRows(drafts)}::jsonb) AS r(
      id uuid, "externalId" text, email text, "firstName" text, "lastName" text, company text, phone text,
      timezone text, "timezoneSource" "TimezoneSource", status "LeadStatus", "statusAt" timestamptz,
      "statusSource" "Source", sentiment "Sentiment", "sentimentAt" timestamptz, "lastInboundAt" timestamptz,
      "lastMessageAt" timestamptz, "lastMessageDirection" "MessageDirection", "crmOwnerEmail" text,
      "highValue" boolean, "responseMode" "ResponseMode", "autoBook" boolean, "assignedToId" text,
      "createdAt" timestamptz)`;
}

async function updateLeads(tx: Tx, { now }: Step, drafts: LeadDraft[]): Promise<boolean> {
  if (drafts.length === 0) return true;
  const written = await tx.$executeRaw`
    UPDATE "Lead" l SET
      "externalId" = r."externalId", email = r.email, "firstName" = r."firstName", "lastName" = r."lastName",
      company = r.company, phone = r.phone, timezone = r.timezone, "timezoneSource" = r."timezoneSource",
      status = r.status, "statusAt" = r."statusAt", "statusSource" = r."statusSource", sentiment = r.sentiment,
      "sentimentAt" = r."sentimentAt", "lastInboundAt" = r."lastInboundAt", "lastMessageAt" = r."lastMessageAt",
      "lastMessageDirection" = r."lastMessageDirection", "crmOwnerEmail" = r."crmOwnerEmail",
      "highValue" = r."highValue", "responseMode" = r."responseMode", "autoBook" = r."autoBook",
      "assignedToId" = r."assignedToId", version = l.version + 1, "updatedAt" = ${now}::timestamptz
    FROM jsonb_to_recordset(${toRows(drafts)}::jsonb) AS r(
      id uuid, version int, "externalId" text, email text, "firstName" text, "lastName" text, company text, phone text,
      timezone text, "timezoneSource" "TimezoneSource", status "LeadStatus", "statusAt" timestamptz,
      "statusSource" "Source", sentiment "Sentiment", "sentimentAt" timestamptz, "lastInboundAt" timestamptz,
      "lastMessageAt" timestamptz, "lastMessageDirection" "MessageDirection", "crmOwnerEmail" text,
      "highValue" boolean, "responseMode" "ResponseMode", "autoBook" boolean, "assignedToId" text)
    -- Operators write leads without the workspace lock: what they did meanwhile is not overwritten.
    WHERE l.id = r.id AND l.version = r.version`;
  return written === drafts.length;
}

async function insertAliases(tx: Tx, { workspaceId, now }: Step, drafts: LeadDraft[]): Promise<void> {
  const rows = drafts.flatMap(({ id, addedAliases }) =>
    [...addedAliases].map((emailKey) => ({ leadId: id, emailKey })),
  );
  if (rows.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO "LeadAlias" ("workspaceId", "emailKey", "leadId", source, "createdAt")
    SELECT ${workspaceId}::uuid, r."emailKey", r."leadId", 'import', ${now}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r("leadId" uuid, "emailKey" text)
    ON CONFLICT DO NOTHING`;
}

async function insertContacts(tx: Tx, { workspaceId }: Step, drafts: LeadDraft[]): Promise<void> {
  const rows = drafts.flatMap(({ id, addedContacts }) =>
    [...addedContacts].map((contactId) => ({ leadId: id, contactId })),
  );
  if (rows.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO "LeadContact" ("workspaceId", "contactId", "leadId")
    SELECT ${workspaceId}::uuid, r."contactId", r."leadId"
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r("leadId" uuid, "contactId" text)`;
}

function toRows(drafts: LeadDraft[]): string {
  return JSON.stringify(drafts.map(({ id, version, fields }) => ({ id, version, ...fields })));
}
