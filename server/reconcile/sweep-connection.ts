import { recordJobRun } from "#server/db/job-run.ts";
import type { Deps } from "#server/deps.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import { estimateWays } from "./estimate-ways.ts";
import { type OpenConnection, openConnection } from "./open-connection.ts";
import { recordSweepDone, recordSweepFailed } from "./record-sweep.ts";
import { refreshContacts } from "./refresh-contacts.ts";
import type { Oddities } from "./settle-incidents.ts";
import { beginPart, countInto, keepPart, readOddities, readPart, type TierPass } from "./sweep-part.ts";
import { loadPosition, type SweepPosition } from "./sweep-position.ts";
import type { Tier } from "./window.ts";

export type SweepDeps = Pick<Deps, "db" | "clock" | "log" | "providers" | "secrets">;

export type SweepRequest = { connectionId: string; tier: Tier; trigger: string };

export type SweepCounts = Record<string, number>;

/**
 * One pass over one tier of one connection (R29, R30), or the rest of one that a limit ended. A provider's failure ends
 * the pass, is recorded on its own connection, and reaches no other (R31); pages that were saved stay saved.
 */
export async function sweepConnection(
  deps: SweepDeps,
  request: SweepRequest,
  signal?: AbortSignal,
): Promise<SweepCounts> {
  const open = await openConnection(deps, request.connectionId, {
    priority: "reconcile",
    ...(signal ? { signal } : {}),
  });
  // A new connection's first pass reads the whole window, whoever asked for less.
  const isFirst = open.row.warmSweptAt === null;
  const tier = isFirst ? "warm" : request.tier;
  const position = await loadPosition(deps.db, { connectionId: open.row.id, tier });
  const run = {
    job: "sweep",
    trigger: request.trigger,
    workspaceId: open.row.workspaceId,
    connectionId: open.row.id,
  };
  const why = explain(tier, isFirst, position);
  try {
    return await recordJobRun(deps, { ...run, way: "sweep", why }, async (counters) => {
      const now = deps.clock.now();
      Object.assign(counters, await estimateWays(deps.db, open.row, tier));
      const oddities = await sweepTier(deps, open, { tier, startedAt: now, position }, counters, signal);
      const startedAt = position?.startedAt ?? now;
      const calls = (position?.calls ?? 0) + (counters.calls ?? 0);
      await recordSweepDone(deps, open.row, { tier, startedAt, calls, oddities });
      return counters;
    });
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    // A limit that is used up is a pause and no trouble.
    const level = error.kind === "rate_limited" ? "info" : "warn";
    deps.log[level]({ connectionId: open.row.id, tier, code: error.code }, "sweep stopped");
    await recordSweepFailed(deps, open.row, error, tier);
    throw error;
  }
}

/** Reads and closes the tier's window; what its limit or its time ends is kept for the next pass over the same tier. */
export async function sweepTier(
  deps: Pick<Deps, "db" | "clock" | "log">,
  open: OpenConnection,
  pass: TierPass,
  counters: SweepCounts,
  signal?: AbortSignal,
): Promise<Oddities> {
  if (open.provider === "highlevel" && pass.tier === "warm") {
    countInto(counters, await refreshContacts(deps, open, { signal }));
  }
  const part = beginPart(open, pass, counters);
  try {
    await readPart(deps, part, signal);
  } catch (error) {
    await keepPart(deps, part, error, signal);
    throw error;
  }
  return readOddities(part);
}

function explain(tier: Tier, isFirst: boolean, position: SweepPosition | null): string {
  if (position !== null) return `the rest of a ${tier} pass`;
  return isFirst ? "first pass over the whole window" : `${tier} tier is due`;
}
