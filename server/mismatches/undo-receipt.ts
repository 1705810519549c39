import { operator } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import { mayDo, type WorkspaceRole } from "#server/auth/permissions.ts";
import type { Tx } from "#server/db/client.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { conflict, forbidden, notFound } from "#server/lib/errors.ts";
import { CHUNK, FIRST_CHUNK, UNDO_AT_ONCE } from "./plan-rules.ts";
import { type UndoingReceipt, undoItems } from "./undo-items.ts";

export type UndoResult = {
  state: "undoing" | "undone";
  restored: number;
  kept: { reason: string; count: number }[];
};

type Asker = { workspaceId: string; userId: string; role: WorkspaceRole };

/**
 * Takes a receipt back: at once for a few leads, as a job for many. Its author may, and so may ops leads, owners and
 * admins, until the receipt's 24 hours are over. Asking again answers what has become of it.
 */
export async function startUndo(
  deps: Pick<Deps, "db" | "clock" | "queue">,
  receiptId: string,
  who: Asker,
): Promise<UndoResult> {
  const now = deps.clock.now();
  const started = await runTransaction(deps.db, "start undo", async (tx) => {
    await lockWorkspace(tx, who.workspaceId);
    const receipt = await tx.receipt.findFirst({
      where: { id: receiptId, workspaceId: who.workspaceId },
      include: { plan: true },
    });
    if (!receipt) throw notFound("Receipt");
    if (receipt.actorId !== who.userId && !mayDo(who.role, "mismatches.bulk")) {
      throw forbidden("Only its author, an ops lead or an owner can undo this.");
    }
    const { plan } = receipt;
    if (plan.state === "undone" || plan.state === "undoing") return { plan, isSmall: false };
    if (plan.state !== "applied") {
      throw conflict("still_applying", "This decision is still being applied. Undo it when it is done.");
    }
    if (receipt.undoUntil <= now) {
      throw conflict("undo_expired", "This receipt could be undone for 24 hours. That time is over.");
    }
    await tx.bulkPlan.update({ where: { id: plan.id }, data: { state: "undoing" } });
    await tx.receipt.update({ where: { id: receiptId }, data: { undoneById: who.userId, restored: 0 } });
    const isSmall = receipt.applied <= UNDO_AT_ONCE;
    if (!isSmall) {
      await deps.queue.send("undo-receipt", { receiptId, userId: who.userId }, { key: receiptId, tx });
      return { plan, isSmall };
    }
    const small = { id: receiptId, planId: plan.id, workspaceId: who.workspaceId, userId: who.userId };
    await undoChunk(tx, small, { limit: UNDO_AT_ONCE + 1, after: 0, now });
    return { plan, isSmall };
  });
  if (started.isSmall) await sendRefresh(deps, who.workspaceId);
  return readUndo(deps, receiptId);
}

/** The job behind the undo of many; resumes like the decision did. */
export async function undoReceipt(
  deps: Pick<Deps, "db" | "clock" | "queue" | "log">,
  { receiptId, userId }: { receiptId: string; userId: string },
  signal: AbortSignal,
): Promise<void> {
  const receipt = await deps.db.receipt.findUnique({ where: { id: receiptId }, include: { plan: true } });
  if (receipt?.plan.state !== "undoing") return;
  const { workspaceId, planId } = receipt;
  const undoing: UndoingReceipt = { id: receiptId, planId, workspaceId, userId };
  let after = 0;
  for (let limit = FIRST_CHUNK; ; limit = CHUNK) {
    signal.throwIfAborted();
    const last = await runTransaction(deps.db, "undo receipt", async (tx) => {
      await lockWorkspace(tx, workspaceId);
      return undoChunk(tx, undoing, { limit, after, now: deps.clock.now() });
    });
    if (last === null) break;
    after = last;
  }
  await sendRefresh(deps, workspaceId);
  deps.log.info({ receiptId }, "receipt undone");
}

/** Answers the position it reached, or null when all is undone. */
async function undoChunk(
  tx: Tx,
  receipt: UndoingReceipt,
  step: { limit: number; after: number; now: Date },
): Promise<number | null> {
  const { limit, now } = step;
  const [row] = await tx.$queryRaw<{ state: string }[]>`
    SELECT state FROM "BulkPlan" WHERE id = ${receipt.planId}::uuid FOR UPDATE`;
  if (row?.state !== "undoing") return null;
  const chunk = await undoItems(tx, receipt, step);
  const restored = chunk?.restored ?? 0;
  await tx.$executeRaw`UPDATE "Receipt" SET restored = coalesce(restored, 0) + ${restored} WHERE id = ${receipt.id}::uuid`;
  const isDone = (chunk ? restored + chunk.kept : 0) < limit;
  if (isDone) await finishUndo(tx, receipt, now);
  await publish(tx, now, [{ workspaceId: receipt.workspaceId, kind: "run", ids: [receipt.planId] }]);
  return isDone || !chunk ? null : chunk.last;
}

async function finishUndo(tx: Tx, receipt: UndoingReceipt, now: Date): Promise<void> {
  const kept = await tx.$queryRaw<{ reason: string; count: number }[]>`
    SELECT problem AS reason, count(*)::int AS count FROM "PlanItem"
    WHERE "planId" = ${receipt.planId}::uuid AND "appliedAt" IS NOT NULL AND problem IS NOT NULL
    GROUP BY 1 ORDER BY 2 DESC, 1`;
  await tx.bulkPlan.update({ where: { id: receipt.planId }, data: { state: "undone" } });
  const { restored } = await tx.receipt.update({
    where: { id: receipt.id },
    data: { undoneAt: now, kept },
    select: { restored: true },
  });
  await writeAudit(tx, operator(receipt.userId), now, [
    {
      workspaceId: receipt.workspaceId,
      verb: "receipt_undone",
      subjectType: "plan",
      subjectId: receipt.planId,
      after: { restored, kept },
      source: "operator",
      receiptId: receipt.id,
    },
  ]);
}

/** Mismatches that came back have causes from before; some may rest on facts that moved meanwhile. */
async function sendRefresh(deps: Pick<Deps, "queue">, workspaceId: string): Promise<void> {
  await deps.queue.send("refresh-causes", { workspaceId }, { key: workspaceId });
}

async function readUndo({ db }: Pick<Deps, "db">, receiptId: string): Promise<UndoResult> {
  const receipt = await db.receipt.findUniqueOrThrow({ where: { id: receiptId } });
  return {
    state: receipt.undoneAt ? "undone" : "undoing",
    restored: receipt.restored ?? 0,
    // Written by `finishUndo` alone.
    kept: (receipt.kept ?? []) as UndoResult["kept"],
  };
}
