import type { Tx } from "#server/db/client.ts";
import type { Source } from "#server/db/generated/enums.ts";
import type { Actor } from "./actor.ts";

export type AuditInput = {
  workspaceId: string | null;
  verb: string;
  subjectType: string;
  subjectId: string;
  leadId?: string | null;
  before?: unknown;
  after?: unknown;
  source: Source;
  reason?: string | null;
  receiptId?: string | null;
};

/** Who did what, written in the transaction that did it (R20). One statement, whatever the number of entries. */
export async function writeAudit(tx: Tx, actor: Actor, at: Date, entries: AuditInput[]): Promise<void> {
  if (entries.length === 0) return;
  const rows = JSON.stringify(
    entries.map((entry) => ({
      workspaceId: entry.workspaceId,
      verb: entry.verb,
      subjectType: entry.subjectType,
      subjectId: entry.subjectId,
      leadId: entry.leadId ?? null,
      before: entry.before ?? null,
      after: entry.after ?? null,
      source: entry.source,
      reason: entry.reason ?? null,
      receiptId: entry.receiptId ?? null,
    })),
  );
  await tx.$executeRaw`
    INSERT INTO "AuditEntry" ("workspaceId", at, "actorKind", "actorId", verb, "subjectType", "subjectId", "leadId",
                              before, after, source, reason, "receiptId")
    SELECT r."workspaceId", ${at}::timestamptz, ${actor.kind}::"ActorKind", ${actor.id}, r.verb, r."subjectType",
           r."subjectId", r."leadId", r.before, r.after, r.source, r.reason, r."receiptId"
    FROM jsonb_to_recordset(${rows}::jsonb) AS r(
      "workspaceId" uuid, verb text, "subjectType" text, "subjectId" text, "leadId" uuid, before jsonb, after jsonb,
      source "Source", reason text, "receiptId" uuid)`;
}
