import { type Actor, SYSTEM } from "#server/audit/actor.ts";
import { countEffects } from "#server/audit/count-effects.ts";
import type { AuditInput } from "#server/audit/write-audit.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Tx } from "#server/db/client.ts";
import type { Source } from "#server/db/generated/enums.ts";
import { publish } from "#server/db/outbox.ts";
import { type InstanceEffect, saveInstances } from "#server/follow-ups/save-instances.ts";
import { type RedTaskEffect, saveRedTasks } from "#server/follow-ups/save-red-tasks.ts";
import { isWaiting } from "./decide-standing.ts";
import { decideTransition, type TransitionDecision } from "./decide-transition.ts";
import { type LoadedLead, loadTransitionFacts } from "./load-transition-facts.ts";
import { saveRollups } from "./save-rollups.ts";
import { type ChangeInput, writeChanges } from "./write-changes.ts";

/** What a run did to leads, added up over its transactions; the words of every run record. */
export type EffectCounts = {
  leadsChanged: number;
  statusesChanged: number;
  redCreated: number;
  redClosed: number;
  instancesStarted: number;
  instancesStopped: number;
  mismatchesOpened: number;
  mismatchesClosed: number;
};

export type Step = {
  workspaceId: string;
  source: Source;
  now: Date;
  actor?: Actor;
  /** Why this happens, for the audit: `sweep`, `webhook`, `clock`, `mismatch_accepted`, … */
  reason: string;
  skipSideEffects?: boolean;
  /** An operator accepted the evidence: what it means for the lead is done again (R23). */
  accepted?: boolean;
  /** Appointments that this step has written for the first time. */
  createdIds?: Set<string>;
  /** Appointments whose start moved in this step. */
  movedIds?: Set<string>;
};

type Outcome = LoadedLead & { decision: TransitionDecision };

/**
 * The acting half of every transition: loads what these leads' evidence is, decides, and writes rollup, status,
 * tasks, instances, audit and live events in the caller's transaction. The caller holds `lockWorkspace`.
 * Doing it twice changes nothing.
 */
export async function convergeLeads(tx: Tx, leadIds: string[], step: Step): Promise<EffectCounts> {
  const counts = emptyEffects();
  if (leadIds.length === 0) return counts;
  const loaded = await loadTransitionFacts(tx, step.workspaceId, leadIds, {
    createdIds: step.createdIds ?? new Set(),
    movedIds: step.movedIds ?? new Set(),
    skipSideEffects: step.skipSideEffects ?? false,
    accepted: step.accepted ?? false,
    now: step.now,
  });
  const outcomes = loaded.map((each): Outcome => ({ ...each, decision: decideTransition(each.facts) }));

  const saved = await saveRollups(tx, outcomes, step);
  counts.leadsChanged = saved.changedIds.length;
  counts.mismatchesOpened = saved.mismatchesOpened;
  counts.mismatchesClosed = saved.mismatchesClosed;
  counts.statusesChanged = outcomes.filter((o) => statusOf(o) !== null).length;

  const tasks = await saveRedTasks(
    tx,
    step,
    outcomes.flatMap(({ row, decision }) => taskEffects(row.id, decision)),
  );
  counts.redCreated = tasks.created.length;
  counts.redClosed = tasks.closed.length;
  const instances = await saveInstances(
    tx,
    step,
    outcomes.flatMap(({ row, decision }) => instanceEffects(row.id, decision)),
  );
  counts.instancesStarted = instances.started;
  counts.instancesStopped = instances.stopped;
  await clearOffers(tx, step.now, outcomes);
  await countEffects(tx, step, {
    status_changed: counts.statusesChanged,
    red_created: counts.redCreated,
    red_closed: counts.redClosed,
    instance_started: counts.instancesStarted,
    instance_stopped: counts.instancesStopped,
  });

  await writeChanges(tx, step, outcomes.flatMap(expiriesOf));
  await writeAudit(
    tx,
    step.actor ?? SYSTEM,
    step.now,
    outcomes.flatMap((o) => auditOf(o, step)),
  );
  await publish(tx, step.now, [
    { workspaceId: step.workspaceId, kind: "lead", ids: saved.changedIds },
    { workspaceId: step.workspaceId, kind: "mismatch", ids: saved.mismatchIds },
    { workspaceId: step.workspaceId, kind: "task", ids: tasks.touched },
  ]);
  return counts;
}

export function emptyEffects(): EffectCounts {
  return {
    leadsChanged: 0,
    statusesChanged: 0,
    redCreated: 0,
    redClosed: 0,
    instancesStarted: 0,
    instancesStopped: 0,
    mismatchesOpened: 0,
    mismatchesClosed: 0,
  };
}

/** Adds `more` into `sum`; both are counters of the same names. */
export function addCounts<T extends Record<string, number>>(sum: T, more: Partial<T>): T {
  const total: Record<string, number> = { ...sum };
  for (const [key, value] of Object.entries(more)) total[key] = (total[key] ?? 0) + (value ?? 0);
  // Same keys as both summands.
  return total as T;
}

export function statusOf({ decision }: Pick<Outcome, "decision">) {
  return decision.effects.find((e) => e.effect === "set_status") ?? null;
}

/** R16, R20: no provider tells that a successor never came; history would lack the loss that follows from it. */
function expiriesOf({ row, facts, decision }: Outcome): ChangeInput[] {
  return decision.primary.judged
    .filter((a) => a.standing === "canceled" && isWaiting(a, facts.standingBefore.get(a.id)))
    .map((a) => ({
      appointmentId: a.id,
      leadId: row.id,
      kind: "canceled",
      before: { status: a.status },
      after: { status: a.status, asOf: a.asOf },
      reason: "successor_not_found",
    }));
}

function taskEffects(leadId: string, { effects }: TransitionDecision): RedTaskEffect[] {
  return effects.flatMap((e): RedTaskEffect[] =>
    e.effect === "open_task" || e.effect === "add_lines" || e.effect === "close_task"
      ? [{ leadId, ...e }]
      : [],
  );
}

function instanceEffects(leadId: string, { effects }: TransitionDecision): InstanceEffect[] {
  return effects.flatMap((e): InstanceEffect[] =>
    e.effect === "stop_instance" || e.effect === "resume_instance" || e.effect === "start_instance"
      ? [{ leadId, ...e }]
      : [],
  );
}

async function clearOffers(tx: Tx, now: Date, outcomes: Outcome[]): Promise<void> {
  const leadIds = outcomes
    .filter(({ row, decision }) => row.hasOffers && decision.effects.some((e) => e.effect === "clear_offers"))
    .map(({ row }) => row.id);
  if (leadIds.length === 0) return;
  await tx.$executeRaw`
    UPDATE "SlotOffer" SET "clearedAt" = ${now}::timestamptz
    WHERE "leadId" = ANY(${leadIds}::uuid[]) AND "clearedAt" IS NULL`;
}

function auditOf({ row, decision }: Outcome, step: Step): AuditInput[] {
  const status = statusOf({ decision });
  if (decision.verb === null && status === null) return [];
  return [
    {
      workspaceId: step.workspaceId,
      verb: decision.verb ?? "lead_status_changed",
      subjectType: "lead",
      subjectId: row.id,
      leadId: row.id,
      before: { status: row.status, meetingState: row.meetingState },
      after: { status: status?.status ?? row.status, meetingState: decision.primary.state },
      source: step.source,
      reason: status?.reason ?? step.reason,
    },
  ];
}
