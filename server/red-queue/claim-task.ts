import { operator } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Tx } from "#server/db/client.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { AppError, conflict } from "#server/lib/errors.ts";
import { type ClaimDecision, decideClaim, decideRenewal } from "./decide-claim.ts";
import { buildTaskConflict } from "./describe-task-conflict.ts";
import { type LockedTask, lockRedTask } from "./lock-red-task.ts";
import { listNextTasks } from "./queries.ts";

export type ClaimDeps = Pick<Deps, "db" | "clock">;
/** The operator and the workspace they act in. */
export type Worker = { workspaceId: string; workspaceZone: string; userId: string };

export type Claim = { id: string; version: number; leaseUntil: Date };

/** Makes a task one person's for ten minutes. Of two who ask at once one gets it and the other learns who. */
export async function claimTask(
  deps: ClaimDeps,
  worker: Worker,
  { taskId, version }: { taskId: string; version: number },
): Promise<Claim> {
  const now = deps.clock.now();
  return runTransaction(deps.db, "claim task", async (tx) => {
    const task = await lockRedTask(tx, worker.workspaceId, taskId);
    const decision = decideClaim(task, { userId: worker.userId, version, now });
    const claim = await saveClaim(tx, task, decision, worker, now);
    if (!claim) throw await buildTaskConflict(tx, task, now);
    return claim;
  });
}

async function saveClaim(
  tx: Tx,
  task: LockedTask,
  decision: ClaimDecision,
  { userId }: Worker,
  now: Date,
): Promise<Claim | null> {
  if (decision.verdict !== "claim" && decision.verdict !== "renew") return null;
  const { leaseUntil } = decision;
  if (decision.verdict === "renew") {
    await saveLease(tx, task, leaseUntil, now);
    return { id: task.id, version: task.version, leaseUntil };
  }
  const version = task.version + 1;
  await tx.task.update({
    where: { id: task.id },
    data: { ownerId: userId, leaseUntil, version, updatedAt: now },
  });
  await writeAudit(tx, operator(userId), now, [auditOf(task, "task_claimed")]);
  await publish(tx, now, [{ workspaceId: task.workspaceId, kind: "task", ids: [task.id] }]);
  return { id: task.id, version, leaseUntil };
}

/** Activity begins the lease again; the version stays, since nothing changed that others decide by. */
async function saveLease(tx: Tx, task: LockedTask, leaseUntil: Date, now: Date): Promise<void> {
  await tx.task.update({ where: { id: task.id }, data: { leaseUntil } });
  await publish(tx, now, [{ workspaceId: task.workspaceId, kind: "task", ids: [task.id] }]);
}

/** Keeps one's own claim alive. One that ran out answers `claim_lapsed`: only a new claim brings it back. */
export async function renewClaim(deps: ClaimDeps, worker: Worker, taskId: string): Promise<Claim> {
  const now = deps.clock.now();
  return runTransaction(deps.db, "renew claim", async (tx) => {
    const task = await lockRedTask(tx, worker.workspaceId, taskId);
    const decision = decideRenewal(task, { userId: worker.userId, now });
    if (decision.verdict === "lapsed") {
      throw conflict("claim_lapsed", "Released after 10 minutes without activity.", {
        version: task.version,
      });
    }
    if (decision.verdict !== "renew") throw await buildTaskConflict(tx, task, now);
    await saveLease(tx, task, decision.leaseUntil, now);
    return { id: task.id, version: task.version, leaseUntil: decision.leaseUntil };
  });
}

/** Gives a task back. Releasing what one does not hold changes nothing: the wish is fulfilled already. */
export async function releaseTask(
  deps: ClaimDeps,
  worker: Worker,
  taskId: string,
): Promise<{ id: string; version: number }> {
  const now = deps.clock.now();
  return runTransaction(deps.db, "release task", async (tx) => {
    const task = await lockRedTask(tx, worker.workspaceId, taskId);
    const decision = decideRenewal(task, { userId: worker.userId, now });
    if (decision.verdict !== "renew") return { id: task.id, version: task.version };
    const version = task.version + 1;
    await tx.task.update({
      where: { id: task.id },
      data: { ownerId: null, leaseUntil: null, version, updatedAt: now },
    });
    await writeAudit(tx, operator(worker.userId), now, [auditOf(task, "task_released")]);
    await publish(tx, now, [{ workspaceId: task.workspaceId, kind: "task", ids: [task.id] }]);
    return { id: task.id, version };
  });
}

/** Claims the first unclaimed task of the queue's own order; null when the queue is clear. */
export async function claimNext(deps: ClaimDeps, worker: Worker): Promise<Claim | null> {
  for (const { id, version } of await listNextTasks(deps, worker)) {
    try {
      return await claimTask(deps, worker, { taskId: id, version });
    } catch (error) {
      // Somebody was quicker: the next one in line.
      if (error instanceof AppError && error.status === 409) continue;
      throw error;
    }
  }
  return null;
}

function auditOf(task: LockedTask, verb: string) {
  return {
    workspaceId: task.workspaceId,
    verb,
    subjectType: "task",
    subjectId: task.id,
    leadId: task.leadId,
    before: { ownerId: task.ownerId },
    source: "operator" as const,
  };
}
