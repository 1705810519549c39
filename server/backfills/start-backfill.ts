import type { Actor } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Tx } from "#server/db/client.ts";
import type { BackfillMode } from "#server/db/generated/enums.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { AppError } from "#server/lib/errors.ts";
import { callWorker } from "./call-worker.ts";
import { ENDED_STATES } from "./decide-backfill-state.ts";
import { decideSlices, MAX_SLICES } from "./decide-slices.ts";
import { type BackfillTarget, estimateBackfill, findTargetConnections } from "./estimate-backfill.ts";
import { publishRun } from "./held-run.ts";

export type StartBackfillInput = BackfillTarget & {
  /** Writes nothing: says what a run would do. */
  dryRun: boolean;
  /** Evidence only: no status, task or sequence changes (R19). */
  skipSideEffects: boolean;
  note: string | null;
};

export type StartedBackfill = {
  id: string;
  number: number /** The same run was under way already. */;
  existed: boolean;
};

type StartDeps = Pick<Deps, "db" | "clock" | "providers" | "secrets" | "queue">;

/**
 * Writes the run, its slices and the call for a worker in one transaction. Asked twice for the same run while the
 * first is under way, it answers that one.
 */
export async function startBackfill(
  deps: StartDeps,
  input: StartBackfillInput,
  actor: Actor,
): Promise<StartedBackfill> {
  const mode = input.mode ?? "sweep";
  const target = { ...input, mode, workspaceIds: [...new Set(input.workspaceIds)].sort() };
  const slices = decideSlices(await findTargetConnections(deps, target), target);
  checkSlices(slices.length);
  const { estimate } = await estimateBackfill(deps, target);
  const now = deps.clock.now();
  return runTransaction(deps.db, "start backfill", async (tx) => {
    // Two clicks, two tabs, two servers: the second waits here and then finds the first one's run.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('start backfill', 2))`;
    const same = await findEqualRun(tx, target);
    if (same) return { ...same, existed: true };

    const { workspaceIds, providers, from, to, mode, dryRun, skipSideEffects, note } = target;
    const [only, ...others] = workspaceIds;
    const backfill = await tx.backfill.create({
      data: {
        workspaceId: only && others.length === 0 ? only : null,
        workspaceIds,
        providers: sortProviders(providers),
        from,
        to,
        mode,
        dryRun,
        skipSideEffects,
        note,
        estimate,
        stateSince: now,
        createdAt: now,
        createdById: actor.id,
      },
      select: { id: true, number: true, attempt: true },
    });
    await tx.backfillSlice.createMany({
      data: slices.map((slice) => ({ ...slice, backfillId: backfill.id })),
    });
    await writeAudit(
      tx,
      actor,
      now,
      workspaceIds.map((workspaceId) => ({
        workspaceId,
        verb: "backfill_started",
        subjectType: "backfill",
        subjectId: backfill.id,
        after: { number: backfill.number, from, to, providers, mode, dryRun, skipSideEffects },
        source: "operator",
        reason: note,
      })),
    );
    await publishRun(tx, now, { id: backfill.id, workspaceIds });
    await callWorker(deps.queue, backfill, { tx });
    return { id: backfill.id, number: backfill.number, existed: false };
  });
}

function checkSlices(count: number): void {
  if (count === 0) {
    throw new AppError(
      "no_connection",
      "Nothing is connected there, or the range has no day. Nothing was started.",
      {
        status: 409,
      },
    );
  }
  if (count > MAX_SLICES) {
    const limit = MAX_SLICES.toLocaleString("en-US");
    throw new AppError("range_too_long", `This run has more than ${limit} slices. Choose a shorter range.`);
  }
}

function findEqualRun(
  tx: Tx,
  input: StartBackfillInput & { mode: BackfillMode },
): Promise<{ id: string; number: number } | null> {
  const { workspaceIds, providers, from, to, mode, dryRun, skipSideEffects } = input;
  return tx.backfill.findFirst({
    where: {
      workspaceIds: { equals: workspaceIds },
      providers: { equals: sortProviders(providers) },
      from,
      to,
      mode,
      dryRun,
      skipSideEffects,
      state: { notIn: [...ENDED_STATES] },
    },
    select: { id: true, number: true },
  });
}

/** One order, so that the same choice is the same run. */
function sortProviders(providers: BackfillTarget["providers"]): BackfillTarget["providers"] {
  return [...new Set(providers)].sort();
}
