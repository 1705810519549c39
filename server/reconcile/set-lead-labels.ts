import { SYSTEM } from "#server/audit/actor.ts";
import { countEffects } from "#server/audit/count-effects.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Tx } from "#server/db/client.ts";
import type { LeadStatus, Sentiment } from "#server/db/generated/enums.ts";
import { publish } from "#server/db/outbox.ts";
import type { Step } from "./converge-leads.ts";

export type LeadLabels = { leadId: string; status?: LeadStatus; sentiment?: Sentiment };

export type LabelRow = {
  id: string;
  oldStatus: LeadStatus;
  oldSentiment: Sentiment;
  status: LeadStatus;
  sentiment: Sentiment;
};

/**
 * The one way in which a person's or a program's words change a lead's status or sentiment. Their times move only when
 * the words do (R22); a row that says so already is not written. Answers the ids that changed. The caller holds
 * `lockWorkspace` and lets the leads converge where evidence has a say.
 */
export async function setLeadLabels(tx: Tx, step: Step, labels: LeadLabels[]): Promise<string[]> {
  const rows = await saveLeadLabels(tx, step, labels);
  await writeAudit(
    tx,
    step.actor ?? SYSTEM,
    step.now,
    rows.map((row) => ({
      workspaceId: step.workspaceId,
      verb: "lead_labeled",
      subjectType: "lead",
      subjectId: row.id,
      leadId: row.id,
      before: { status: row.oldStatus, sentiment: row.oldSentiment },
      after: { status: row.status, sentiment: row.sentiment },
      source: step.source,
      reason: step.reason,
    })),
  );
  return rows.map(({ id }) => id);
}

/** The same for a caller whose own audit entry tells of the labels too. */
export async function saveLeadLabels(tx: Tx, step: Step, labels: LeadLabels[]): Promise<LabelRow[]> {
  if (labels.length === 0) return [];
  const rows = await tx.$queryRaw<LabelRow[]>`
    WITH wanted AS (
      SELECT l.id, l.status AS "oldStatus", l.sentiment AS "oldSentiment",
             coalesce(r.status, l.status) AS status, coalesce(r.sentiment, l.sentiment) AS sentiment
      FROM jsonb_to_recordset(${JSON.stringify(labels)}::jsonb)
        AS r("leadId" uuid, status "LeadStatus", sentiment "Sentiment")
      JOIN "Lead" l ON l.id = r."leadId" AND l."workspaceId" = ${step.workspaceId}::uuid
    )
    UPDATE "Lead" l SET
      status = w.status,
      "statusAt" = CASE WHEN w.status = w."oldStatus" THEN l."statusAt" ELSE ${step.now}::timestamptz END,
      "statusSource" = CASE WHEN w.status = w."oldStatus" THEN l."statusSource" ELSE ${step.source}::"Source" END,
      sentiment = w.sentiment,
      "sentimentAt" = CASE WHEN w.sentiment = w."oldSentiment" THEN l."sentimentAt" ELSE ${step.now}::timestamptz END,
      version = l.version + 1,
      "updatedAt" = ${step.now}::timestamptz
    FROM wanted w
    WHERE l.id = w.id AND (w.status <> w."oldStatus" OR w.sentiment <> w."oldSentiment")
    RETURNING l.id, w."oldStatus", w."oldSentiment", w.status, w.sentiment`;

  const statuses = rows.filter((row) => row.status !== row.oldStatus);
  await countEffects(tx, step, { status_changed: statuses.length });
  const ids = rows.map(({ id }) => id);
  await publish(tx, step.now, [
    { workspaceId: step.workspaceId, kind: "lead", ids },
    { workspaceId: step.workspaceId, kind: "mismatch", ids },
  ]);
  return rows;
}
