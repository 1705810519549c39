import type { Tx } from "#server/db/client.ts";
import { publish } from "#server/db/outbox.ts";
import type { FollowUpChanges } from "./compute-follow-up-changes.ts";
import { decideUndo, type KeptReason } from "./decide-undo.ts";
import { decidedColumns, decidedFields, giveBack } from "./decided-fields.ts";
import { restoreFollowUps } from "./restore-follow-ups.ts";
import { snapshotFollowUps } from "./snapshot-follow-ups.ts";

type Item = {
  leadId: string;
  position: number;
  /** Whether the lead still reads as the decision left it; null when the lead is gone. */
  isSame: boolean | null;
  effects: FollowUpChanges | null;
};

export type UndoingReceipt = { id: string; planId: string; workspaceId: string; userId: string };

/**
 * Takes back the next `limit` items of a receipt inside the caller's transaction, which holds `lockWorkspace`. A lead
 * (or a task or sequence of its) that somebody or some evidence moved since is left as it is, and its item says why.
 * Answers null when no item was left.
 */
export async function undoItems(
  tx: Tx,
  receipt: UndoingReceipt,
  { limit, after, now }: { limit: number; after: number; now: Date },
): Promise<{ restored: number; kept: number; last: number } | null> {
  const items = await loadItems(tx, receipt, limit, after);
  const last = items.at(-1);
  if (!last) return null;
  const current = await snapshotFollowUps(
    tx,
    items.filter(({ effects }) => effects !== null).map(({ leadId }) => leadId),
  );
  const verdicts = items.map((item) => ({ ...item, keep: decideUndo(item, current(item.leadId)) }));
  const restorable = verdicts.filter(({ keep }) => keep === null);
  const kept = verdicts.filter(({ keep }) => keep !== null);
  const leadIds = restorable.map(({ leadId }) => leadId);

  await restoreLeads(tx, receipt.planId, leadIds, now);
  await restoreFollowUps(
    tx,
    receipt.workspaceId,
    restorable.flatMap(({ effects }) => (effects ? [effects] : [])),
    now,
  );
  await markUndone(tx, receipt, leadIds, now);
  await markKept(tx, receipt.planId, kept);
  await publish(tx, now, [
    { workspaceId: receipt.workspaceId, kind: "lead", ids: leadIds },
    { workspaceId: receipt.workspaceId, kind: "mismatch", ids: leadIds },
  ]);
  return { restored: restorable.length, kept: kept.length, last: last.position };
}

async function loadItems(
  tx: Tx,
  { planId, workspaceId }: UndoingReceipt,
  limit: number,
  after: number,
): Promise<Item[]> {
  return tx.$queryRaw<Item[]>`
    SELECT i."leadId", i.position, i.effects, CASE WHEN l.id IS NOT NULL THEN i.after = ${decidedFields} END AS "isSame"
    FROM "PlanItem" i
    LEFT JOIN "Lead" l ON l.id = i."leadId" AND l."workspaceId" = ${workspaceId}::uuid
    WHERE i."planId" = ${planId}::uuid AND i.outcome = 'will_change' AND i.position > ${after}
      AND i."appliedAt" IS NOT NULL AND i."undoneAt" IS NULL AND i.problem IS NULL
    ORDER BY i.position LIMIT ${limit}`;
}

async function restoreLeads(tx: Tx, planId: string, leadIds: string[], now: Date): Promise<void> {
  if (leadIds.length === 0) return;
  await tx.$executeRaw`
    UPDATE "Lead" l SET ${giveBack}, version = l.version + 1, "updatedAt" = ${now}::timestamptz
    FROM "PlanItem" i CROSS JOIN LATERAL jsonb_to_record(i.before) AS b(${decidedColumns})
    WHERE i."planId" = ${planId}::uuid AND i."leadId" = l.id AND l.id = ANY(${leadIds}::uuid[])`;
}

async function markUndone(tx: Tx, receipt: UndoingReceipt, leadIds: string[], now: Date): Promise<void> {
  if (leadIds.length === 0) return;
  await tx.$executeRaw`
    UPDATE "PlanItem" SET "undoneAt" = ${now}::timestamptz
    WHERE "planId" = ${receipt.planId}::uuid AND "leadId" = ANY(${leadIds}::uuid[])`;
  await tx.$executeRaw`
    INSERT INTO "AuditEntry" ("workspaceId", at, "actorKind", "actorId", verb, "subjectType", "subjectId", "leadId",
                              before, after, source, "receiptId")
    SELECT ${receipt.workspaceId}::uuid, ${now}::timestamptz, 'operator', ${receipt.userId}, 'mismatch_decision_undone',
           'lead', i."leadId"::text, i."leadId",
           jsonb_build_object('status', i.after->'status', 'sentiment', i.after->'sentiment'),
           jsonb_build_object('status', i.before->'status', 'sentiment', i.before->'sentiment'),
           'operator', ${receipt.id}::uuid
    FROM "PlanItem" i WHERE i."planId" = ${receipt.planId}::uuid AND i."leadId" = ANY(${leadIds}::uuid[])`;
}

async function markKept(
  tx: Tx,
  planId: string,
  kept: { leadId: string; keep: KeptReason | null }[],
): Promise<void> {
  if (kept.length === 0) return;
  await tx.$executeRaw`
    UPDATE "PlanItem" i SET problem = r.keep
    FROM jsonb_to_recordset(${JSON.stringify(kept.map(({ leadId, keep }) => ({ leadId, keep })))}::jsonb)
      AS r("leadId" uuid, keep text)
    WHERE i."planId" = ${planId}::uuid AND i."leadId" = r."leadId"`;
}
