import type { Actor } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Tx } from "#server/db/client.ts";
import type { Prisma } from "#server/db/generated/client.ts";
import type { BackfillState, SliceState } from "#server/db/generated/enums.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { conflict, notFound } from "#server/lib/errors.ts";
import { type BackfillScope, whereVisible } from "./backfill-scope.ts";
import { callWorker } from "./call-worker.ts";
import { type BackfillCommand, type CommandDecision, decideCommand } from "./decide-backfill-state.ts";
import { publishRun } from "./held-run.ts";
import { cancelOpenSlices } from "./settle-backfill.ts";

type CommandDeps = Pick<Deps, "db" | "clock" | "queue">;

export type CommandRequest = {
  backfillId: string;
  scope: BackfillScope;
  command: BackfillCommand;
  actor: Actor;
  /** With `retry`: only slices with an open error of this code. */
  errorCode?: string;
};

const VERBS: Record<BackfillCommand, string> = {
  pause: "backfill_paused",
  resume: "backfill_resumed",
  cancel: "backfill_canceled",
  retry: "backfill_retried",
};

const REFUSALS: Record<Extract<CommandDecision, { outcome: "refused" }>["reason"], string> = {
  ended: "This run has ended. Start a new one for the same days.",
  canceled: "This run was canceled, which is final. Start a new one for the same days.",
  nothing_failed: "Nothing failed in this run.",
  not_ended: "This run is still under way. What failed can be retried when it has ended.",
};

/**
 * What a person wants of a run, written at once and followed by the worker after its current page. The row is locked
 * while it is decided, so of a cancel and a resume at the same moment the cancel stays.
 */
export async function commandBackfill(
  { db, clock, queue }: CommandDeps,
  request: CommandRequest,
): Promise<{ id: string; state: BackfillState }> {
  const now = clock.now();
  const { backfillId, command, actor } = request;
  return runTransaction(db, `${command} backfill`, async (tx) => {
    const row = await lockVisible(tx, backfillId, request.scope);
    const decision = decideCommand(command, { ...row, now });
    if (decision.outcome === "refused") {
      throw conflict(`backfill_${decision.reason}`, REFUSALS[decision.reason], { state: row.state });
    }
    if (decision.outcome === "already") return { id: backfillId, state: row.state };

    if (command === "retry") await reopenFailed(tx, backfillId, now, request.errorCode);
    if (decision.state === "canceled") await cancelOpenSlices(tx, backfillId, now);
    const { attempt } = await tx.backfill.update({
      where: { id: backfillId },
      data: {
        state: decision.state,
        desired: decision.desired,
        stateSince: now,
        stateById: actor.id,
        waitUntil: null,
        waitReason: null,
        ...(decision.fence ? { attempt: { increment: 1 }, heartbeatAt: null } : {}),
        ...(decision.state === "canceled" ? { endedAt: now } : {}),
        ...(command === "retry" ? { endedAt: null } : {}),
        // A pause is no slow pace: the rate begins anew.
        ...(decision.callWorker ? { rateSamples: [] } : {}),
        version: { increment: 1 },
      },
      select: { attempt: true },
    });
    await auditCommand(tx, now, row, request);
    await publishRun(tx, now, row);
    if (decision.callWorker) await callWorker(queue, { id: backfillId, attempt }, { tx });
    return { id: backfillId, state: decision.state };
  });
}

async function lockVisible(tx: Tx, id: string, scope: BackfillScope) {
  await tx.$queryRaw`SELECT 1 FROM "Backfill" WHERE id = ${id}::uuid FOR UPDATE`;
  const row = await tx.backfill.findFirst({
    where: { id, ...whereVisible(scope) },
    select: { id: true, state: true, stateSince: true, heartbeatAt: true, workspaceIds: true },
  });
  if (!row) throw notFound("Backfill");
  return row;
}

/**
 * Failed slices, and read ones with records that could not be read, begin again; all others stay as they are. Their
 * open errors count as dealt with: what still fails is written anew.
 */
async function reopenFailed(tx: Tx, backfillId: string, now: Date, errorCode?: string): Promise<void> {
  const open: Prisma.BackfillErrorWhereInput = {
    backfillId,
    resolvedAt: null,
    ...(errorCode === undefined ? {} : { code: errorCode }),
  };
  const errors = await tx.backfillError.findMany({
    where: open,
    select: { sliceId: true },
    distinct: ["sliceId"],
  });
  const sliceIds = errors.map(({ sliceId }) => sliceId);
  if (sliceIds.length === 0) throw conflict("backfill_nothing_failed", REFUSALS.nothing_failed);
  await tx.backfillError.updateMany({
    where: { backfillId, resolvedAt: null, sliceId: { in: sliceIds } },
    data: { resolvedAt: now },
  });
  await tx.backfillSlice.updateMany({
    where: { id: { in: sliceIds } },
    data: {
      state: "pending" satisfies SliceState,
      cursor: null,
      page: 0,
      done: 0,
      known: 0,
      failed: 0,
      attempts: 0,
      errorCode: null,
      startedAt: null,
      endedAt: null,
    },
  });
}

async function auditCommand(
  tx: Tx,
  now: Date,
  row: { id: string; state: BackfillState; workspaceIds: string[] },
  { command, actor }: CommandRequest,
): Promise<void> {
  await writeAudit(
    tx,
    actor,
    now,
    row.workspaceIds.map((workspaceId) => ({
      workspaceId,
      verb: VERBS[command],
      subjectType: "backfill",
      subjectId: row.id,
      before: { state: row.state },
      source: "operator",
    })),
  );
}
