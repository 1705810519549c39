import type { Connection } from "#server/db/generated/client.ts";
import type { Provider } from "#server/db/generated/enums.ts";
import { createPostgresRateLimiter } from "#server/providers/postgres-rate-limiter.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import { systemSleep } from "#server/providers/sleep.ts";
import { estimateWindow } from "#server/reconcile/estimate-window.ts";
import { type OpenDeps, openConnection } from "#server/reconcile/open-connection.ts";
import { type ConnectionLoad, computeEstimate, type Estimate } from "./compute-estimate.ts";
import { computeProgress } from "./compute-progress.ts";
import { bucketOf } from "./connection-bucket.ts";
import { ENDED_STATES } from "./decide-backfill-state.ts";
import { type DayRange, decideOverlap, type Overlap } from "./decide-overlap.ts";
import { countDays } from "./decide-slices.ts";
import { sumSlices } from "./sum-slices.ts";

export type BackfillTarget = DayRange & { workspaceIds: string[]; providers: Provider[] };

export type BackfillEstimate = {
  estimate: Estimate;
  /** Connections that would be read, and those that cannot be asked now. */
  connections: { id: string; workspaceId: string; provider: Provider; isReachable: boolean }[];
  slices: number;
  overlap: Overlap;
};

/**
 * What a run would find and cost, and who is reading the same days already. A connection that cannot be asked makes
 * the number of meetings unknown; it does not stop the estimate.
 */
export async function estimateBackfill(deps: OpenDeps, target: BackfillTarget): Promise<BackfillEstimate> {
  const connections = await findTargetConnections(deps, target);
  const loads = await Promise.all(connections.map((connection) => estimateLoad(deps, connection, target)));
  return {
    estimate: computeEstimate(loads),
    connections: connections.map(({ id, workspaceId, provider }, index) => ({
      id,
      workspaceId,
      provider,
      isReachable: loads[index]?.meetings !== null,
    })),
    slices: countDays(target) * connections.length,
    overlap: await findOverlap(deps, target),
  };
}

export function findTargetConnections(
  { db }: Pick<OpenDeps, "db">,
  { workspaceIds, providers }: Pick<BackfillTarget, "workspaceIds" | "providers">,
): Promise<Connection[]> {
  return db.connection.findMany({
    where: { workspaceId: { in: workspaceIds }, provider: { in: providers }, state: { not: "off" } },
    orderBy: [{ workspaceId: "asc" }, { provider: "asc" }, { createdAt: "asc" }],
  });
}

async function estimateLoad(
  deps: OpenDeps,
  connection: Connection,
  window: DayRange,
): Promise<ConnectionLoad> {
  const bucket = bucketOf(connection);
  const limiter = createPostgresRateLimiter(deps.db, { clock: deps.clock, sleep: systemSleep });
  const { limit, windowMs } = bucket ? await limiter.state(bucket) : { limit: 90, windowMs: 10_000 };
  const load = { provider: connection.provider, limit, windowMs };
  try {
    const open = await openConnection(deps, connection.id, { priority: "live" });
    const { meetings, calls } = await estimateWindow(deps, open, window);
    return { ...load, meetings, calls };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { ...load, meetings: null, calls: countDays(window) };
  }
}

async function findOverlap({ db, clock }: OpenDeps, target: BackfillTarget): Promise<Overlap> {
  const rows = await db.backfill.findMany({
    where: {
      state: { notIn: [...ENDED_STATES] },
      // A dry run verifies nothing, so it covers nothing.
      dryRun: false,
      from: { lt: target.to },
      to: { gt: target.from },
      workspaceIds: { hasSome: target.workspaceIds },
    },
    orderBy: { number: "asc" },
  });
  const sums = await sumSlices(
    db,
    rows.map(({ id }) => id),
  );
  const running = rows.map((row) => {
    const { id, number, from, to, workspaceIds, providers } = row;
    const { done, known, failed, slices, slicesDone, slicesFailed } = sums.of(id);
    const { percent } = computeProgress({
      state: row.state,
      done,
      known,
      failed,
      slices: { over: slicesDone + slicesFailed, total: slices },
      expected: readExpected(row.estimate),
      startedAt: row.startedAt,
      waitingSince: null,
      samples: [],
      now: clock.now(),
    });
    return { id, number, from, to, workspaceIds, providers, percent };
  });
  return decideOverlap(target, running);
}

/** Meetings by the estimate that was made before the start; null when nobody could say. */
export function readExpected(estimate: unknown): number | null {
  if (typeof estimate !== "object" || estimate === null || !("meetings" in estimate)) return null;
  return typeof estimate.meetings === "number" ? estimate.meetings : null;
}
