import type { Actor } from "#server/audit/actor.ts";
import { countEffects } from "#server/audit/count-effects.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Tx } from "#server/db/client.ts";
import type { FollowUpInstance } from "#server/db/generated/client.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { conflict, notFound } from "#server/lib/errors.ts";
import { decideEnrolment, type EnrolmentFacts, type EnrolmentRefusal } from "./decide-enrolment.ts";

const REFUSALS: Record<EnrolmentRefusal, string> = {
  workspace_paused: "This workspace is paused. Nothing starts until it goes on.",
  sequence_inactive: "This sequence is switched off.",
  sequence_empty: "This sequence has no steps.",
  lead_blacklisted: "This lead is blacklisted and gets nothing.",
  lead_unqualified: "This lead is unqualified and gets nothing.",
  lead_not_interested: "This lead is not interested and gets nothing.",
  lead_snoozed: "This lead is snoozed and gets nothing for now.",
  lead_booked: "This lead has a meeting ahead. Only a post-booking sequence may run.",
  meeting_held_recently: "This lead had a meeting a short while ago. Only a post-booking sequence may run.",
  booking_shared: "A booking under an address of this lead may be theirs. Link it first.",
  no_meeting: "This sequence follows a booking, and this lead has none.",
  already_enrolled: "This lead is in this sequence already.",
};

/** R26: enters one lead in one sequence, or throws 409 with the reason. Decided on evidence that cannot move meanwhile. */
export async function enrolLead(
  { db, clock }: Pick<Deps, "db" | "clock">,
  { workspaceId, actor }: { workspaceId: string; actor: Actor },
  { leadId, sequenceId }: { leadId: string; sequenceId: string },
): Promise<FollowUpInstance> {
  const now = clock.now();
  return runTransaction(db, "enrol lead", async (tx) => {
    // Evidence is written under the same lock: no booking can slip in between this decision and its effect.
    await lockWorkspace(tx, workspaceId);
    const facts = await loadEnrolmentFacts(tx, { workspaceId, leadId, sequenceId, now });
    const decision = decideEnrolment(facts);
    if (decision.verdict === "refuse") throw conflict(decision.reason, REFUSALS[decision.reason]);
    const instance = await tx.followUpInstance.create({
      data: {
        workspaceId,
        leadId,
        sequenceId,
        trigger: facts.sequence.trigger,
        startedAt: now,
        nextStepAt: now,
        reason: "enrolled",
        startedById: actor.kind === "operator" ? actor.id : null,
      },
    });
    await countEffects(tx, { workspaceId, source: "operator" }, { instance_started: 1 });
    await writeAudit(tx, actor, now, [
      {
        workspaceId,
        verb: "lead_enrolled",
        subjectType: "lead",
        subjectId: leadId,
        leadId,
        after: { sequenceId, instanceId: instance.id },
        source: "operator",
      },
    ]);
    await publish(tx, now, [{ workspaceId, kind: "lead", ids: [leadId] }]);
    return instance;
  });
}

type Ids = { workspaceId: string; leadId: string; sequenceId: string; now: Date };

async function loadEnrolmentFacts(
  tx: Tx,
  { workspaceId, leadId, sequenceId, now }: Ids,
): Promise<EnrolmentFacts> {
  const lead = await tx.lead.findFirst({
    where: { id: leadId, workspaceId },
    select: {
      status: true,
      sentiment: true,
      sharedBooking: true,
      appointments: { select: { standing: true, endAt: true } },
      instances: { where: { sequenceId, status: { in: ["active", "paused"] } }, select: { status: true } },
      workspace: { select: { paused: true, heldGateDays: true } },
    },
  });
  if (!lead) throw notFound("Lead");
  const sequence = await tx.followUpSequence.findFirst({
    where: { id: sequenceId, workspaceId },
    select: { trigger: true, active: true, _count: { select: { steps: true } } },
  });
  if (!sequence) throw notFound("Sequence");
  const { appointments, instances, workspace, ...labels } = lead;
  return {
    sequence: { trigger: sequence.trigger, active: sequence.active, steps: sequence._count.steps },
    lead: labels,
    meetings: appointments.flatMap(({ standing, endAt }) => (standing === null ? [] : [{ standing, endAt }])),
    enrolledAs: instances[0]?.status ?? null,
    workspace,
    now,
  };
}
