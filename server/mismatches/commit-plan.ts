import type { Tx } from "#server/db/client.ts";
import { lockDecisions } from "#server/db/lock-workspace.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { addMs } from "#server/lib/duration.ts";
import { AppError, conflict, notFound } from "#server/lib/errors.ts";
import { PREVIEW_LASTS_MS, TYPED_COUNT_ABOVE, UNDO_LASTS_MS } from "./plan-rules.ts";
import { readToken } from "./plan-token.ts";
import { hashItems, type PlanCounts } from "./preview-plan.ts";

export type CommitInput = { token: string; idempotencyKey: string; confirmCount?: number | undefined };

type FrozenPlan = { id: string; state: string; frozenAt: Date; counts: PlanCounts & { hash: string } };

/**
 * Starts what a preview promised, as a job. Only its author may, and only what was shown: the token carries the hash
 * of the frozen items. Committing the same preview again answers the same receipt.
 */
export async function commitPlan(
  deps: Pick<Deps, "db" | "clock" | "queue">,
  { token, idempotencyKey, confirmCount }: CommitInput,
  who: { workspaceId: string; userId: string },
): Promise<{ receiptId: string; willChange: number }> {
  const { planId, hash } = readToken(token);
  const now = deps.clock.now();
  return runTransaction(deps.db, "commit plan", async (tx) => {
    // Two decisions with one key wait for each other here: the second then finds the first.
    await lockDecisions(tx, who.workspaceId);
    const plan = await lockPlan(tx, planId, who);
    const { willChange } = plan.counts;
    const receipt = await tx.receipt.findUnique({ where: { planId }, select: { id: true } });
    if (receipt) return { receiptId: receipt.id, willChange };

    if (plan.counts.hash !== hash || (await hashItems(tx, planId)) !== hash) {
      throw conflict("plan_changed", "This preview is not the one that was frozen. Preview it again.");
    }
    if (plan.frozenAt < addMs(now, -PREVIEW_LASTS_MS)) {
      throw conflict("plan_expired", "This preview is more than 30 minutes old. Preview it again.");
    }
    if (willChange === 0) {
      throw new AppError("nothing_to_do", "No lead would change. Nothing to accept.");
    }
    if (willChange > TYPED_COUNT_ABOVE && confirmCount !== willChange) {
      throw new AppError("count_required", "Type the number of leads that will change.", {
        details: { willChange },
      });
    }
    const used = await tx.bulkPlan.findFirst({
      where: { workspaceId: who.workspaceId, idempotencyKey },
      select: { id: true },
    });
    if (used) throw conflict("idempotency_key_reused", "This key belongs to another decision.");

    await tx.bulkPlan.update({
      where: { id: planId },
      data: { state: "applying", idempotencyKey, total: willChange },
    });
    const { id } = await tx.receipt.create({
      data: {
        workspaceId: who.workspaceId,
        planId,
        actorId: who.userId,
        at: now,
        undoUntil: addMs(now, UNDO_LASTS_MS),
      },
    });
    await deps.queue.send("apply-plan", { planId }, { key: planId, tx });
    return { receiptId: id, willChange };
  });
}

/** Two clicks at once follow one another here: the second finds the receipt of the first. */
async function lockPlan(
  tx: Tx,
  planId: string,
  who: { workspaceId: string; userId: string },
): Promise<FrozenPlan> {
  const [plan] = await tx.$queryRaw<FrozenPlan[]>`
    SELECT id, state, "frozenAt", counts FROM "BulkPlan"
    WHERE id = ${planId}::uuid AND "workspaceId" = ${who.workspaceId}::uuid AND "createdById" = ${who.userId}
    FOR UPDATE`;
  if (!plan) throw notFound("Preview");
  return plan;
}
