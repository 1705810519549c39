import { operator } from "#server/audit/actor.ts";
import { countEffects } from "#server/audit/count-effects.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Tx } from "#server/db/client.ts";
import type { FollowUpInstance } from "#server/db/generated/client.ts";
import type { LeadStatus, Source, TaskStatus } from "#server/db/generated/enums.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { addMs } from "#server/lib/duration.ts";
import { AppError, conflict, notFound } from "#server/lib/errors.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import { convergeLeads } from "#server/reconcile/converge-leads.ts";
import { lookUpLead } from "#server/reconcile/look-up-lead.ts";
import { setLeadLabels } from "#server/reconcile/set-lead-labels.ts";
import type { Worker } from "./claim-task.ts";
import { decideClaim } from "./decide-claim.ts";
import {
  decideOutcome,
  type Outcome,
  type OutcomeDecision,
  type OutcomeInput,
  type OutcomeRefusal,
} from "./decide-outcome.ts";
import { UNDO_MS } from "./decide-undo.ts";
import { buildTaskConflict } from "./describe-task-conflict.ts";
import { loadOutcomeFacts } from "./load-outcome-facts.ts";
import { type LockedTask, lockRedTask } from "./lock-red-task.ts";

export type LoggedOutcome = {
  id: string;
  outcome: Outcome;
  version: number;
  status: TaskStatus;
  /** When it comes back; meaningless once closed. */
  dueAt: Date;
  closedReason: string | null;
  awaitsEvidence: boolean;
  /** Until when its author may take it back; null when evidence closed the task, which nobody takes back. */
  undoUntil: Date | null;
  /** Already booked: whether the providers could be asked. Null for other outcomes. */
  providersAsked: boolean | null;
};

type LogInput = OutcomeInput & { taskId: string; version: number };

/** What an undo needs to know of the lead. */
export type LeadSnapshot = {
  status: LeadStatus;
  statusAt: Date;
  statusSource: Source;
  badContactAt: Date | null;
};

/** An instance that the outcome may stop, as an undo puts it back. */
export type InstanceSnapshot = Pick<FollowUpInstance, "id" | "status" | "reason" | "nextStepAt">;

const REFUSALS: Record<OutcomeRefusal, string> = {
  outcome_not_possible: "This outcome does not fit this task.",
  time_needed: "A call back needs a time.",
  time_passed: "That time has passed. Choose a later one.",
  time_too_far: "Choose a time within 90 days.",
  reason_needed: "Not interested needs a reason.",
  meeting_not_live: "That meeting is not live, so it cannot answer the lost one.",
};

/**
 * Writes what a person found out (the outcome bar). One transaction changes the task, the lead, the audit and the live
 * screens, or nothing. "Already booked" asks the providers first; where that very check closes the task, the outcome is
 * recorded on the closed task.
 */
export async function logOutcome(deps: Deps, worker: Worker, input: LogInput): Promise<LoggedOutcome> {
  const providersAsked =
    input.outcome === "already_booked" ? await askProviders(deps, worker, input.taskId) : null;
  const logged = await runTransaction(deps.db, "log outcome", async (tx) => {
    await lockWorkspace(tx, worker.workspaceId);
    // Not before: whoever had the turn first happened first.
    const now = deps.clock.now();
    const task = await lockRedTask(tx, worker.workspaceId, input.taskId);
    if (providersAsked !== null && task.closedReason === "rebooked_by_evidence") {
      return recordEvidenceFirst(tx, task, worker, now);
    }
    const claim = decideClaim(task, { userId: worker.userId, version: input.version, now });
    const isSeen = providersAsked !== null || task.version === input.version;
    if ((claim.verdict !== "claim" && claim.verdict !== "renew") || !isSeen) {
      throw await buildTaskConflict(tx, task, now);
    }
    const facts = await loadOutcomeFacts(tx, task, { ...worker, now });
    const decision = decideOutcome(facts, input);
    if (decision.verdict === "refuse") {
      throw new AppError(decision.code, REFUSALS[decision.code], { status: 400 });
    }
    return save(tx, task, input, decision, worker, now);
  });
  return { ...logged, outcome: input.outcome, providersAsked };
}

/** False when a provider could not answer; the outcome then waits for evidence like "re-booked". */
async function askProviders(deps: Deps, worker: Worker, taskId: string): Promise<boolean> {
  const task = await deps.db.task.findFirst({
    where: { id: taskId, workspaceId: worker.workspaceId },
    select: { leadId: true },
  });
  if (!task) throw notFound("Task");
  try {
    await lookUpLead(deps, task.leadId, { priority: "live" });
    return true;
  } catch (error) {
    if (error instanceof ProviderError) return false;
    throw error;
  }
}

type Saved = Omit<LoggedOutcome, "outcome" | "providersAsked">;

async function save(
  tx: Tx,
  task: LockedTask,
  input: LogInput,
  decision: Exclude<OutcomeDecision, { verdict: "refuse" }>,
  worker: Worker,
  now: Date,
): Promise<Saved> {
  const { userId } = worker;
  const isClosed = decision.verdict === "close";
  const after = {
    status: isClosed ? ("completed" as const) : ("snoozed" as const),
    dueAt: isClosed ? task.dueAt : decision.dueAt,
    closedAt: isClosed ? now : null,
    closedReason: isClosed ? decision.closedReason : null,
    closedById: isClosed ? userId : null,
    ownerId: null,
    leaseUntil: null,
    attempts: decision.attempts,
    // "Looked at" is told by the closed reason; it is no outcome of a call.
    lastOutcome: input.outcome === "looked_at" ? task.lastOutcome : input.outcome,
    lastOutcomeAt: now,
    lastOutcomeById: userId,
    awaitsEvidence: isClosed ? false : decision.awaitsEvidence,
    version: task.version + 1,
    updatedAt: now,
  };
  await tx.task.update({ where: { id: task.id }, data: after });
  const change = isClosed ? decision.lead : null;
  const instances = change ? await loadInstances(tx, task.leadId) : [];
  const lead = change ? await loadLead(tx, task.leadId) : null;
  const who = { workspaceId: task.workspaceId, source: "operator" as const };
  await countEffects(tx, who, { red_closed: isClosed ? 1 : 0 });
  await writeAudit(tx, operator(userId), now, [
    {
      workspaceId: task.workspaceId,
      verb: "task_outcome_logged",
      subjectType: "task",
      subjectId: task.id,
      leadId: task.leadId,
      before: { task: snapshotTask(task), lead, instances },
      after: {
        outcome: input.outcome,
        status: after.status,
        dueAt: after.dueAt,
        closedReason: after.closedReason,
        appointmentId: isClosed ? decision.appointmentId : null,
        version: after.version,
      },
      source: "operator",
      reason: input.reason ?? null,
    },
  ]);
  // The trail reads the act first, then what follows from it.
  if (change && lead) await changeLead(tx, task, lead, change, worker, now);
  await publish(tx, now, [
    { workspaceId: task.workspaceId, kind: "task", ids: [task.id] },
    { workspaceId: task.workspaceId, kind: "lead", ids: lead ? [task.leadId] : [] },
  ]);
  return { id: task.id, ...after, undoUntil: addMs(now, UNDO_MS) };
}

/** The fields that an undo puts back; everything but version and `updatedAt`, which only go forward. */
export function snapshotTask({
  id,
  workspaceId,
  leadId,
  type,
  red,
  version,
  updatedAt,
  ...fields
}: LockedTask) {
  return fields;
}

function loadLead(tx: Tx, leadId: string): Promise<LeadSnapshot> {
  return tx.lead.findUniqueOrThrow({
    where: { id: leadId },
    select: { status: true, statusAt: true, statusSource: true, badContactAt: true },
  });
}

/** A lead that is blacklisted or unqualified stays so: "not interested" says less. */
async function changeLead(
  tx: Tx,
  task: LockedTask,
  lead: LeadSnapshot,
  change: "not_interested" | "bad_contact",
  { userId }: Worker,
  now: Date,
): Promise<void> {
  if (change === "bad_contact") {
    await tx.lead.update({
      where: { id: task.leadId },
      data: { badContactAt: now, version: { increment: 1 }, updatedAt: now },
    });
  } else if (lead.status !== "blacklisted" && lead.status !== "unqualified") {
    const step = {
      workspaceId: task.workspaceId,
      source: "operator" as const,
      now,
      actor: operator(userId),
      reason: "task_outcome",
    };
    await setLeadLabels(tx, step, [{ leadId: task.leadId, status: "not_interested" }]);
    // R28: who is not interested gets nothing, from this moment on.
    await convergeLeads(tx, [task.leadId], step);
  }
}

function loadInstances(tx: Tx, leadId: string): Promise<InstanceSnapshot[]> {
  return tx.followUpInstance.findMany({
    where: { leadId, status: { in: ["active", "paused"] } },
    select: { id: true, status: true, reason: true, nextStepAt: true },
    orderBy: { id: "asc" },
  });
}

/** The check that "already booked" asked for found the meeting and closed the task before the outcome was written. */
async function recordEvidenceFirst(tx: Tx, task: LockedTask, { userId }: Worker, now: Date): Promise<Saved> {
  if (task.lastOutcome === "already_booked" && task.lastOutcomeById === userId) {
    throw conflict("task_closed", "This task is closed.");
  }
  const version = task.version + 1;
  await tx.task.update({
    where: { id: task.id },
    data: {
      lastOutcome: "already_booked",
      lastOutcomeAt: now,
      lastOutcomeById: userId,
      ownerId: null,
      leaseUntil: null,
      version,
      updatedAt: now,
    },
  });
  await writeAudit(tx, operator(userId), now, [
    {
      workspaceId: task.workspaceId,
      verb: "task_confirmed_by_evidence",
      subjectType: "task",
      subjectId: task.id,
      leadId: task.leadId,
      after: { outcome: "already_booked", closedReason: task.closedReason, version },
      source: "operator",
    },
  ]);
  await publish(tx, now, [{ workspaceId: task.workspaceId, kind: "task", ids: [task.id] }]);
  const { id, status, dueAt, closedReason } = task;
  return { id, version, status, dueAt, closedReason, awaitsEvidence: false, undoUntil: null };
}
