import { isDatabaseAway } from "#server/db/database-faults.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { addMs, SECOND_MS } from "#server/lib/duration.ts";
import { AppError } from "#server/lib/errors.ts";
import { callWorker } from "./call-worker.ts";
import { type HeldRun, holdRun, type RunDeps, writeRunState } from "./held-run.ts";
import { writeWaitReason } from "./wait-reason.ts";

/** Why a connection's slices are left alone for now; `until` is null when a person has to act. */
export type Block = { until: Date | null; reason: string };

/**
 * The queue looks for work whose time has come once a second. Called so early, a run begins when its wait ends and not
 * after it: what is left of the wait it sits out.
 */
const CALL_EARLY_MS = SECOND_MS / 2;

const DATABASE_REST_MS = 5 * SECOND_MS;

/**
 * Nothing can be read now: the worker is free for other runs, and called again for the moment at which something can.
 * A dead connection waits for a person. False when the operator wants something else by now.
 */
export async function waitForConnections(
  { db, clock, queue }: RunDeps,
  run: HeldRun,
  blocks: Block[],
): Promise<boolean> {
  const now = clock.now();
  const first = blocks.toSorted((a, b) => timeOf(a) - timeOf(b))[0];
  return runTransaction(db, "backfill waits", async (tx) => {
    if ((await holdRun(tx, run, now)) !== "running") return false;
    const until = first?.until ?? null;
    const wait = { waitUntil: until, waitReason: first?.reason ?? null };
    await writeRunState(tx, run, now, { state: "waiting", ...wait, release: true });
    if (until) await callWorker(queue, run, { tx, at: addMs(until, -CALL_EARLY_MS) });
    return true;
  });
}

function timeOf({ until }: Block): number {
  return until?.getTime() ?? Number.POSITIVE_INFINITY;
}

/** The database is too busy or away: nothing is wrong with what it was asked, and later it may do it. */
export function isDatabaseTrouble(error: unknown): boolean {
  return isDatabaseAway(error) || (error instanceof AppError && error.code === "database_busy");
}

/** Our own database could not do what it was asked; it may be so well again that it can be told to wait. */
export async function waitForDatabase({ db, clock, queue }: RunDeps, run: HeldRun): Promise<void> {
  const now = clock.now();
  const until = addMs(now, DATABASE_REST_MS);
  await runTransaction(db, "backfill waits for the database", async (tx) => {
    await holdRun(tx, run, now);
    const waitReason = writeWaitReason({ kind: "database", provider: null });
    await writeRunState(tx, run, now, { state: "waiting", waitUntil: until, waitReason, release: true });
    await callWorker(queue, run, { tx, at: until });
  });
}

/**
 * Where other runs wait for a worker and this one has had its turn, it goes to the end of the line (R31). False when
 * nobody waits, or the operator wants something else by now.
 */
export async function passTurn({ db, clock, queue }: RunDeps, run: HeldRun): Promise<boolean> {
  const now = clock.now();
  return runTransaction(db, "backfill passes its turn", async (tx) => {
    if ((await holdRun(tx, run, now)) !== "running") return false;
    const others = await tx.backfill.count({
      where: {
        id: { not: run.id },
        heartbeatAt: null,
        OR: [{ state: "queued" }, { state: "waiting", waitUntil: { lte: now } }],
      },
    });
    if (others === 0) return false;
    await writeRunState(tx, run, now, { state: "queued", release: true });
    await callWorker(queue, run, { tx });
    return true;
  });
}
