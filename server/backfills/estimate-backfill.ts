import { z } from "zod";
import type { Db } from "#server/db/client.ts";
import type { Connection } from "#server/db/generated/client.ts";
import type { BackfillMode, Provider } from "#server/db/generated/enums.ts";
import { createPostgresRateLimiter } from "#server/providers/postgres-rate-limiter.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import { systemSleep } from "#server/providers/sleep.ts";
import { estimateWindow } from "#server/reconcile/estimate-window.ts";
import { type OpenDeps, openConnection } from "#server/reconcile/open-connection.ts";
import { type ConnectionLoad, computeEstimate, countLookupCalls, type Estimate } from "./compute-estimate.ts";
import { computeProgress } from "./compute-progress.ts";
import { bucketOf } from "./connection-bucket.ts";
import { ENDED_STATES } from "./decide-backfill-state.ts";
import { type DayRange, decideOverlap, type Overlap } from "./decide-overlap.ts";
import { countDays, decideSlices } from "./decide-slices.ts";
import { type LeadSums, sumLeads } from "./find-leads.ts";
import { sumSlices } from "./sum-slices.ts";

export type BackfillTarget = DayRange & {
  workspaceIds: string[];
  providers: Provider[];
  /** By sweep where it is not said. */
  mode?: BackfillMode | undefined;
};

export type BackfillEstimate = {
  estimate: Estimate;
  /** What both ways to know would cost (R30). */
  calls: Record<BackfillMode, number>;
  /** Connections that would be read, and those that cannot be asked now. */
  connections: { id: string; workspaceId: string; provider: Provider; isReachable: boolean }[];
  slices: number;
  overlap: Overlap;
};

/**
 * What a run would find and cost, by the way that was chosen and by the other, and who is reading the same days
 * already. A connection that cannot be asked makes the number of meetings unknown; it does not stop the estimate.
 */
export async function estimateBackfill(deps: OpenDeps, target: BackfillTarget): Promise<BackfillEstimate> {
  const mode = target.mode ?? "sweep";
  const connections = await findTargetConnections(deps, target);
  const sweeps = await Promise.all(connections.map((connection) => estimateSweep(deps, connection, target)));
  const { leads, loads: lookups } = await estimateLookups(deps.db, sweeps, target);
  return {
    estimate: mode === "lookup" ? computeEstimate(lookups, leads) : computeEstimate(sweeps),
    calls: { sweep: sumCalls(sweeps), lookup: sumCalls(lookups) },
    connections: sweeps.map(({ id, workspaceId, provider, isReachable }) => ({
      id,
      workspaceId,
      provider,
      isReachable,
    })),
    slices: decideSlices(connections, { ...target, mode }).length,
    overlap: await findOverlap(deps, target),
  };
}

function sumCalls(loads: ConnectionLoad[]): number {
  return loads.reduce((sum, { calls }) => sum + calls, 0);
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

type SweepLoad = ConnectionLoad & { id: string; workspaceId: string; isReachable: boolean };

async function estimateSweep(deps: OpenDeps, connection: Connection, window: DayRange): Promise<SweepLoad> {
  const { id, workspaceId, provider } = connection;
  const bucket = bucketOf(connection);
  const limiter = createPostgresRateLimiter(deps.db, { clock: deps.clock, sleep: systemSleep });
  const { limit, windowMs } = bucket ? await limiter.state(bucket) : { limit: 90, windowMs: 10_000 };
  const load = { id, workspaceId, provider, limit, windowMs };
  try {
    const open = await openConnection(deps, connection.id, { priority: "live" });
    const { meetings, calls } = await estimateWindow(deps, open, window);
    return { ...load, meetings, calls, isReachable: true };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { ...load, meetings: null, calls: countDays(window), isReachable: false };
  }
}

/** Nobody is asked: how many leads there are, and what is known of them, says it well enough. */
async function estimateLookups(
  db: Db,
  connections: SweepLoad[],
  range: DayRange,
): Promise<{ leads: number; loads: ConnectionLoad[] }> {
  const workspaceIds = [...new Set(connections.map(({ workspaceId }) => workspaceId))];
  const sums = new Map<string, LeadSums>();
  for (const id of workspaceIds) sums.set(id, await sumLeads(db, id, range));
  return {
    leads: [...sums.values()].reduce((sum, { leads }) => sum + leads, 0),
    loads: connections.map(({ workspaceId, provider, limit, windowMs }) => ({
      provider,
      limit,
      windowMs,
      meetings: null,
      calls: countLookupCalls(provider, sums.get(workspaceId)),
    })),
  };
}

async function findOverlap({ db, clock }: OpenDeps, target: BackfillTarget): Promise<Overlap> {
  const rows = await db.backfill.findMany({
    where: {
      state: { notIn: [...ENDED_STATES] },
      // A dry run verifies nothing, so it covers nothing; a lookup verifies leads and no days.
      dryRun: false,
      mode: target.mode ?? "sweep",
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

/** Meetings, or leads, by the estimate that was made before the start; null when nobody could say. */
export function readExpected(estimate: unknown): number | null {
  const parsed = estimateFigures.safeParse(estimate);
  return parsed.success ? (parsed.data.leads ?? parsed.data.meetings ?? null) : null;
}

/** Older estimates know no leads. */
const estimateFigures = z.object({ leads: z.number().nullish(), meetings: z.number().nullish() });
