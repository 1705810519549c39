import { writeAudit } from "#server/audit/write-audit.ts";
import type { Tx } from "#server/db/client.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { type ApplyingPlan, applyItems } from "./apply-items.ts";
import { authorOf } from "./plan-author.ts";
import { CHUNK, FIRST_CHUNK } from "./plan-rules.ts";

/**
 * The job behind a bulk decision: chunk after chunk, each in one transaction with its progress. Killed at any moment it
 * is run again and goes on with the first item that is not marked; on a stop signal it ends after the present chunk.
 */
export async function applyPlan(
  deps: Pick<Deps, "db" | "clock" | "queue" | "log">,
  { planId }: { planId: string },
  signal: AbortSignal,
): Promise<void> {
  const plan = await loadPlan(deps, planId);
  if (!plan) return;
  let after = 0;
  for (let limit = FIRST_CHUNK; ; limit = CHUNK) {
    // Throwing gives the job back: it is taken up again where the items stand.
    signal.throwIfAborted();
    const last = await runTransaction(deps.db, "apply plan", async (tx) => {
      await lockWorkspace(tx, plan.workspaceId);
      return applyChunk(tx, plan, { limit, after, now: deps.clock.now() });
    });
    if (last === null) break;
    after = last;
  }
  await deps.queue.send("refresh-causes", { workspaceId: plan.workspaceId }, { key: plan.workspaceId });
  deps.log.info({ planId, receiptId: plan.receiptId }, "plan applied");
}

/** Answers the position it reached, or null when the plan is done. */
async function applyChunk(
  tx: Tx,
  plan: ApplyingPlan,
  step: { limit: number; after: number; now: Date },
): Promise<number | null> {
  const { limit, now } = step;
  const [row] = await tx.$queryRaw<{ state: string }[]>`
    SELECT state FROM "BulkPlan" WHERE id = ${plan.id}::uuid FOR UPDATE`;
  // A worker that was thought dead may have finished it.
  if (row?.state !== "applying") return null;
  const chunk = await applyItems(tx, plan, step);
  const applied = chunk?.applied ?? 0;
  const failed = chunk?.failed ?? 0;
  await tx.$executeRaw`UPDATE "BulkPlan" SET applied = applied + ${applied} WHERE id = ${plan.id}::uuid`;
  await tx.$executeRaw`
    UPDATE "Receipt" SET applied = applied + ${applied}, failed = failed + ${failed} WHERE id = ${plan.receiptId}::uuid`;
  const isDone = applied + failed < limit;
  if (isDone) await finishPlan(tx, plan, now);
  await publish(tx, now, [{ workspaceId: plan.workspaceId, kind: "run", ids: [plan.id] }]);
  return isDone || !chunk ? null : chunk.last;
}

/** The last word of a plan, in the transaction of its last chunk. */
export async function finishPlan(tx: Tx, plan: ApplyingPlan, now: Date): Promise<void> {
  const done = await tx.bulkPlan.update({
    where: { id: plan.id },
    data: { state: "applied" },
    select: { applied: true, total: true },
  });
  await writeAudit(tx, authorOf(plan.createdById), now, [
    {
      workspaceId: plan.workspaceId,
      verb: "plan_applied",
      subjectType: "plan",
      subjectId: plan.id,
      after: { applied: done.applied, notApplied: done.total - done.applied },
      source: "operator",
      reason: plan.reason,
      receiptId: plan.receiptId,
    },
  ]);
}

async function loadPlan(deps: Pick<Deps, "db">, planId: string): Promise<ApplyingPlan | null> {
  const plan = await deps.db.bulkPlan.findUnique({ where: { id: planId }, include: { receipt: true } });
  if (plan?.state !== "applying" || !plan.receipt) return null;
  const { id, workspaceId, decision, reason, createdById, receipt } = plan;
  return { id, workspaceId, decision, reason, createdById, until: null, receiptId: receipt.id };
}
