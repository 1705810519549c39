import type { Tx } from "#server/db/client.ts";
import type { BackfillMode, BackfillState, Provider } from "#server/db/generated/enums.ts";
import { publish } from "#server/db/outbox.ts";
import type { Deps } from "#server/deps.ts";
import type { Sleep } from "#server/providers/sleep.ts";
import type { RunWindow } from "#server/reconcile/close-window.ts";
import { addRateSample, type RateSample } from "./compute-progress.ts";
import type { Desired } from "./decide-backfill-state.ts";

export type RunDeps = Pick<Deps, "db" | "clock" | "log" | "queue" | "providers" | "secrets"> & {
  /** How a moment is waited; the machine's own time where nothing else is said. */
  sleep?: Sleep;
};

/** A run that this worker holds. `attempt` is its fencing token: every write of a worker carries it. */
export type HeldRun = {
  readonly id: string;
  readonly number: number;
  readonly attempt: number;
  readonly workspaceIds: string[];
  readonly providers: Provider[];
  readonly mode: BackfillMode;
  readonly dryRun: boolean;
  readonly skipSideEffects: boolean;
  /** All of its days, and when it was first taken up. */
  readonly window: RunWindow;
  /** Meetings (or leads, where they are looked up) dealt with so far, over all slices. */
  processed: number;
  samples: RateSample[];
  publishedAtMs: number;
};

/** Somebody else holds the run by now: this worker must write nothing more, and ends without a word. */
export class RunLostError extends Error {
  constructor() {
    super("The run is held by another worker.");
    this.name = "RunLostError";
  }
}

/** Live screens hear of progress at most twice a second. */
const PUBLISH_GAP_MS = 500;

export type PageProgress = { processed: number; samples: RateSample[]; publishedAtMs: number };

/**
 * Locks the run's row for the rest of the transaction, as the worker that holds it, and says what the operator wants
 * by now. Locked before the slices: commands take the two in the same order.
 */
export async function holdRun(tx: Tx, run: HeldRun, now: Date): Promise<Desired> {
  const [row] = await tx.$queryRaw<{ desired: Desired }[]>`
    UPDATE "Backfill" SET "heartbeatAt" = ${now}::timestamptz
    WHERE id = ${run.id}::uuid AND attempt = ${run.attempt}
    RETURNING desired`;
  if (!row) throw new RunLostError();
  return row.desired;
}

/**
 * Adds what a page brought to the run's own figures, in the page's transaction, last of all. The caller takes the
 * answer over into `run` once the transaction has committed.
 */
export async function advanceRun(
  tx: Tx,
  run: HeldRun,
  step: { now: Date; workspaceId: string; processedMore: number },
): Promise<PageProgress> {
  const atMs = step.now.getTime();
  const processed = run.processed + step.processedMore;
  const samples = addRateSample(run.samples, { at: atMs, done: processed });
  await tx.backfill.updateMany({
    where: { id: run.id, attempt: run.attempt },
    data: { rateSamples: samples },
  });
  const isDue = atMs - run.publishedAtMs >= PUBLISH_GAP_MS;
  if (isDue) await publish(tx, step.now, [{ workspaceId: step.workspaceId, kind: "run", ids: [run.id] }]);
  return { processed, samples, publishedAtMs: isDue ? atMs : run.publishedAtMs };
}

/** Figures move on in memory only once they are committed. */
export function takeOver(run: HeldRun, progress: PageProgress): void {
  run.processed = progress.processed;
  run.samples = progress.samples;
  run.publishedAtMs = progress.publishedAtMs;
}

/** A change of state is told in every workspace that the run concerns. */
export async function publishRun(
  tx: Tx,
  now: Date,
  run: { id: string; workspaceIds: string[] },
): Promise<void> {
  await publish(
    tx,
    now,
    run.workspaceIds.map((workspaceId) => ({ workspaceId, kind: "run" as const, ids: [run.id] })),
  );
}

/** Writes a new state as the worker that holds the run; `release` gives the run back in the same write. */
export async function writeRunState(
  tx: Tx,
  run: HeldRun,
  now: Date,
  next: {
    state: BackfillState;
    waitUntil?: Date | null;
    waitReason?: string | null;
    release: boolean;
    ended?: boolean;
  },
): Promise<void> {
  const { count } = await tx.backfill.updateMany({
    where: { id: run.id, attempt: run.attempt },
    data: {
      state: next.state,
      stateSince: now,
      waitUntil: next.waitUntil ?? null,
      waitReason: next.waitReason ?? null,
      heartbeatAt: next.release ? null : now,
      ...(next.ended ? { endedAt: now } : {}),
      version: { increment: 1 },
    },
  });
  if (count === 0) throw new RunLostError();
  await publishRun(tx, now, run);
}
