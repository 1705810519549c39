import type { Tx } from "#server/db/client.ts";
import type { Decision, LeadStatus, MeetingState, Sentiment } from "#server/db/generated/enums.ts";
import { publish } from "#server/db/outbox.ts";
import { convergeLeads, type Step } from "#server/reconcile/converge-leads.ts";
import { type LeadLabels, saveLeadLabels } from "#server/reconcile/set-lead-labels.ts";
import { computeFollowUpChanges, type FollowUpChanges } from "./compute-follow-up-changes.ts";
import { decidedFields } from "./decided-fields.ts";
import { DECISION_VERBS } from "./load-last-decision.ts";
import { authorOf } from "./plan-author.ts";
import { snapshotFollowUps } from "./snapshot-follow-ups.ts";

export type ApplyingPlan = {
  id: string;
  workspaceId: string;
  decision: Decision;
  reason: string | null;
  until: Date | null;
  createdById: string;
  receiptId: string;
};

type Item = {
  leadId: string;
  position: number;
  leadVersion: number;
  version: number | null;
  meetingState: MeetingState;
  status: LeadStatus | null;
  sentiment: Sentiment | null;
};

/**
 * Applies the next `limit` items of a plan inside the caller's transaction, which holds `lockWorkspace`. A lead that
 * moved since the plan was frozen is left alone and its item says so. Each item is marked with what was done, so a run
 * that died in between goes on where it stood and repeats nothing. `after` only spares the search for the first item
 * that is not marked. Answers null when no item was left.
 */
export async function applyItems(
  tx: Tx,
  plan: ApplyingPlan,
  { limit, after, now }: { limit: number; after: number; now: Date },
): Promise<{ applied: number; failed: number; last: number } | null> {
  const items = await loadItems(tx, plan, limit, after);
  const last = items.at(-1);
  if (!last) return null;
  const ready = items.filter((item) => item.version === item.leadVersion);
  const failed = items.filter((item) => item.version !== item.leadVersion);
  await markFailed(tx, plan.id, failed);

  const leadIds = ready.map(({ leadId }) => leadId);
  const withMeetings = ready.filter((item) => item.meetingState !== "none").map(({ leadId }) => leadId);
  const touched = plan.decision === "accept" ? withMeetings : [];
  const followUpsBefore = await snapshotFollowUps(tx, touched);
  await saveDecision(tx, plan, leadIds, now);
  if (plan.decision === "accept") await saveLeadLabels(tx, stepOf(plan, now), ready.map(labelsOf));
  // The act before what follows from it, as people read it.
  await auditDecisions(tx, plan, leadIds, now);
  // R23: then the transition that the evidence asked for, with the operator as its author.
  if (plan.decision === "accept") {
    await convergeLeads(tx, withMeetings, { ...stepOf(plan, now), accepted: true });
  }
  const followUpsAfter = await snapshotFollowUps(tx, touched);
  const done = leadIds.map((leadId) => ({
    leadId,
    effects: computeFollowUpChanges(followUpsBefore(leadId), followUpsAfter(leadId)),
  }));
  await markApplied(tx, plan, done, now);
  await publish(tx, now, [{ workspaceId: plan.workspaceId, kind: "mismatch", ids: leadIds }]);
  return { applied: ready.length, failed: failed.length, last: last.position };
}

async function loadItems(tx: Tx, plan: ApplyingPlan, limit: number, after: number): Promise<Item[]> {
  return tx.$queryRaw<Item[]>`
    SELECT i."leadId", i.position, i."leadVersion", l.version, l."meetingState",
           i.after->>'status' AS status, i.after->>'sentiment' AS sentiment
    FROM "PlanItem" i
    LEFT JOIN "Lead" l ON l.id = i."leadId" AND l."workspaceId" = ${plan.workspaceId}::uuid
    WHERE i."planId" = ${plan.id}::uuid AND i.outcome = 'will_change' AND i."appliedAt" IS NULL AND i.problem IS NULL
      AND i.position > ${after}
    ORDER BY i.position LIMIT ${limit}`;
}

function stepOf(plan: ApplyingPlan, now: Date): Step {
  return {
    workspaceId: plan.workspaceId,
    source: "operator",
    actor: authorOf(plan.createdById),
    reason: "mismatch_accepted",
    now,
  };
}

function labelsOf({ leadId, status, sentiment }: Item): LeadLabels {
  return { leadId, ...(status ? { status } : {}), ...(sentiment ? { sentiment } : {}) };
}

async function saveDecision(tx: Tx, plan: ApplyingPlan, leadIds: string[], now: Date): Promise<void> {
  if (plan.decision === "accept") {
    await clearDecisions(tx, leadIds, now);
    return;
  }
  await tx.$executeRaw`
    UPDATE "Lead" SET
      decision = ${plan.decision}::"Decision", "decisionReason" = ${plan.reason}, "decisionAt" = ${now}::timestamptz,
      "decisionById" = ${plan.createdById}, "decisionUntil" = ${plan.until}::timestamptz,
      version = version + 1, "updatedAt" = ${now}::timestamptz
    WHERE id = ANY(${leadIds}::uuid[])`;
}

/** An acceptance leaves nothing to set aside: what stood on the lead (needs info) falls, and few have any. */
async function clearDecisions(tx: Tx, leadIds: string[], now: Date): Promise<void> {
  await tx.$executeRaw`
    UPDATE "Lead" SET
      decision = NULL, "decisionReason" = NULL, "decisionAt" = NULL, "decisionById" = NULL, "decisionUntil" = NULL,
      version = version + 1, "updatedAt" = ${now}::timestamptz
    WHERE id = ANY(${leadIds}::uuid[]) AND decision IS NOT NULL`;
}

/**
 * The item keeps the lead as it is now: the undo gives back only what still reads so. Every item has its row in what is
 * joined, so that PostgreSQL goes from there to each item by its key; where it had to join the effects of some of them,
 * it compared each with each.
 */
async function markApplied(
  tx: Tx,
  plan: ApplyingPlan,
  done: { leadId: string; effects: FollowUpChanges | null }[],
  now: Date,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE "PlanItem" i SET
      after = ${decidedFields}, effects = c.effects, "appliedVersion" = l.version, "appliedAt" = ${now}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(done)}::jsonb) AS c("leadId" uuid, effects jsonb)
    JOIN "Lead" l ON l.id = c."leadId"
    WHERE i."planId" = ${plan.id}::uuid AND i."leadId" = c."leadId"`;
}

async function auditDecisions(tx: Tx, plan: ApplyingPlan, leadIds: string[], now: Date): Promise<void> {
  const author = authorOf(plan.createdById);
  await tx.$executeRaw`
    INSERT INTO "AuditEntry" ("workspaceId", at, "actorKind", "actorId", verb, "subjectType", "subjectId", "leadId",
                              before, after, source, reason, "receiptId")
    SELECT ${plan.workspaceId}::uuid, ${now}::timestamptz, ${author.kind}::"ActorKind", ${author.id},
           ${DECISION_VERBS[plan.decision]}, 'lead', l.id::text, l.id,
           jsonb_build_object('kind', i.kind, 'status', i.before->'status', 'sentiment', i.before->'sentiment'),
           jsonb_build_object('status', l.status, 'sentiment', l.sentiment),
           'operator', ${plan.reason}, ${plan.receiptId}::uuid
    FROM unnest(${leadIds}::uuid[]) AS c("leadId")
    JOIN "Lead" l ON l.id = c."leadId"
    JOIN "PlanItem" i ON i."planId" = ${plan.id}::uuid AND i."leadId" = c."leadId"`;
}

async function markFailed(tx: Tx, planId: string, failed: Item[]): Promise<void> {
  if (failed.length === 0) return;
  const gone = failed.filter(({ version }) => version === null).map(({ leadId }) => leadId);
  const moved = failed.filter(({ version }) => version !== null).map(({ leadId }) => leadId);
  await tx.$executeRaw`
    UPDATE "PlanItem" SET problem = CASE WHEN "leadId" = ANY(${gone}::uuid[]) THEN 'lead_gone' ELSE 'changed_since' END
    WHERE "planId" = ${planId}::uuid AND "leadId" = ANY(${[...gone, ...moved]}::uuid[])`;
}
