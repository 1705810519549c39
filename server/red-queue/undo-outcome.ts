import { operator } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Tx } from "#server/db/client.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { conflict } from "#server/lib/errors.ts";
import { convergeLeads } from "#server/reconcile/converge-leads.ts";
import type { Worker } from "./claim-task.ts";
import { decideUndo } from "./decide-undo.ts";
import { type LockedTask, lockRedTask } from "./lock-red-task.ts";
import type { InstanceSnapshot, LeadSnapshot, snapshotTask } from "./log-outcome.ts";
import { redKindOf } from "./red-task.ts";

type TaskSnapshot = ReturnType<typeof snapshotTask>;
/** As the audit keeps it: JSON, so times are text. */
type Stored<T> = {
  [K in keyof T]: T[K] extends Date ? string : T[K] extends Date | null ? string | null : T[K];
};
type LoggedEntry = {
  actorId: string | null;
  at: Date;
  before: {
    task: Stored<TaskSnapshot>;
    lead: Stored<LeadSnapshot> | null;
    /** Absent in entries from before sequences were stopped by outcomes. */
    instances?: Stored<InstanceSnapshot>[];
  };
  after: { version: number };
};

const REFUSALS: Record<string, string> = {
  nothing_to_undo: "There is no outcome to take back.",
  undo_not_yours: "Only the person who logged an outcome can take it back.",
  undo_expired: "An outcome can be taken back for 10 minutes.",
  undo_overtaken: "The task changed since. Nothing was taken back.",
};

/**
 * Puts the task and the lead back exactly as they were before the outcome, claim included. Evidence that came in
 * between still counts: a lead that is booked by now has the task closed again, in the same transaction (R18).
 */
export async function undoOutcome(
  deps: Pick<Deps, "db" | "clock">,
  worker: Worker,
  taskId: string,
): Promise<{ id: string; version: number; leaseUntil: Date | null }> {
  const now = deps.clock.now();
  return runTransaction(deps.db, "undo outcome", async (tx) => {
    await lockWorkspace(tx, worker.workspaceId);
    const task = await lockRedTask(tx, worker.workspaceId, taskId);
    const logged = await findLogged(tx, task);
    const decision = decideUndo(
      {
        logged: logged && { actorId: logged.actorId, at: logged.at, version: logged.after.version },
        task,
        hasNewerTask: await hasNewerTask(tx, task),
      },
      { userId: worker.userId, now },
    );
    if (decision.verdict === "refuse" || !logged) {
      const code = decision.verdict === "refuse" ? decision.code : "nothing_to_undo";
      throw conflict(code, REFUSALS[code] ?? "Nothing was taken back.");
    }

    const before = reviveTask(logged.before.task);
    const version = task.version + 1;
    await tx.task.update({ where: { id: task.id }, data: { ...before, version, updatedAt: now } });
    if (logged.before.lead) await restoreLead(tx, task.leadId, logged.before.lead, logged.at, now);
    await restoreInstances(tx, logged);
    const actor = operator(worker.userId);
    await writeAudit(tx, actor, now, [
      {
        workspaceId: task.workspaceId,
        verb: "task_outcome_undone",
        subjectType: "task",
        subjectId: task.id,
        leadId: task.leadId,
        before: { status: task.status, closedReason: task.closedReason },
        after: { status: before.status, version },
        source: "operator",
      },
    ]);
    const step = { workspaceId: task.workspaceId, source: "operator" as const, now, actor };
    await convergeLeads(tx, [task.leadId], { ...step, reason: "outcome_undone" });
    await publish(tx, now, [
      { workspaceId: task.workspaceId, kind: "task", ids: [task.id] },
      { workspaceId: task.workspaceId, kind: "lead", ids: logged.before.lead ? [task.leadId] : [] },
    ]);
    return { id: task.id, version, leaseUntil: before.leaseUntil };
  });
}

/** The newest outcome, unless it was taken back already. */
async function findLogged(tx: Tx, task: LockedTask): Promise<LoggedEntry | null> {
  const [entry] = await tx.$queryRaw<(LoggedEntry & { verb: string })[]>`
    SELECT verb, "actorId", at, before, after FROM "AuditEntry"
    WHERE "subjectType" = 'task' AND "subjectId" = ${task.id} AND "workspaceId" = ${task.workspaceId}::uuid
      AND verb IN ('task_outcome_logged', 'task_outcome_undone', 'task_confirmed_by_evidence')
    ORDER BY id DESC LIMIT 1`;
  return entry?.verb === "task_outcome_logged" ? entry : null;
}

async function hasNewerTask(tx: Tx, task: LockedTask): Promise<boolean> {
  const others = await tx.task.findMany({
    where: { leadId: task.leadId, id: { not: task.id }, status: { in: ["pending", "snoozed"] } },
    select: { type: true },
  });
  return others.some(({ type }) => redKindOf(type) === task.red);
}

function reviveTask(stored: Stored<TaskSnapshot>): TaskSnapshot {
  return {
    ...stored,
    dueAt: new Date(stored.dueAt),
    closedAt: reviveDate(stored.closedAt),
    leaseUntil: reviveDate(stored.leaseUntil),
    lastOutcomeAt: reviveDate(stored.lastOutcomeAt),
  };
}

function reviveDate(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}

/** Only what the outcome itself wrote goes back: a status that changed since, or was never touched, is left alone. */
async function restoreLead(
  tx: Tx,
  leadId: string,
  before: Stored<LeadSnapshot>,
  loggedAt: Date,
  now: Date,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE "Lead" SET
      status = CASE WHEN "statusAt" = ${loggedAt}::timestamptz THEN ${before.status}::"LeadStatus" ELSE status END,
      "statusSource" = CASE WHEN "statusAt" = ${loggedAt}::timestamptz THEN ${before.statusSource}::"Source" ELSE "statusSource" END,
      "statusAt" = CASE WHEN "statusAt" = ${loggedAt}::timestamptz THEN ${before.statusAt}::timestamptz ELSE "statusAt" END,
      "badContactAt" = CASE WHEN "badContactAt" = ${loggedAt}::timestamptz THEN ${before.badContactAt}::timestamptz ELSE "badContactAt" END,
      version = version + 1,
      "updatedAt" = ${now}::timestamptz
    WHERE id = ${leadId}::uuid`;
}

/** Sequences that the outcome stopped go on where they stood; one that was started anew meanwhile is left alone. */
async function restoreInstances(tx: Tx, { before, at }: LoggedEntry): Promise<void> {
  if (!before.instances?.length) return;
  await tx.$executeRaw`
    UPDATE "FollowUpInstance" i SET
      status = b.status, reason = b.reason, "nextStepAt" = b."nextStepAt", "endedAt" = NULL
    FROM jsonb_to_recordset(${JSON.stringify(before.instances)}::jsonb)
      AS b(id uuid, status "InstanceStatus", reason text, "nextStepAt" timestamptz)
    WHERE i.id = b.id AND i."endedAt" = ${at}::timestamptz AND NOT EXISTS (
      SELECT 1 FROM "FollowUpInstance" o
      WHERE o."leadId" = i."leadId" AND o."sequenceId" = i."sequenceId" AND o.status IN ('active', 'paused'))`;
}
