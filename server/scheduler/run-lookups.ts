import { type Counters, recordJobRun } from "#server/db/job-run.ts";
import type { Deps } from "#server/deps.ts";
import { AppError } from "#server/lib/errors.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import { lookUpLead } from "#server/reconcile/look-up-lead.ts";
import { type LookupPlan, planLookups } from "./plan-lookups.ts";
import { recordConnectionAnswered, recordConnectionFailed, recordLookup } from "./record-lookup.ts";

type LookupDeps = Pick<Deps, "db" | "clock" | "log" | "providers" | "secrets">;

/** So many leads in a row that cannot be read are no longer the leads' fault. */
const FAILURES_IN_A_ROW = 5;

/** One batch of one workspace (R30): decided now, not when it was put in line. Null when nothing is due any more. */
export async function runLookups(
  deps: LookupDeps,
  { workspaceId, leads, trigger }: { workspaceId: string; leads: number; trigger: string },
  signal?: AbortSignal,
): Promise<Counters | null> {
  const [plan] = await planLookups(deps, { workspaces: 1, leadsPerWorkspace: leads }, workspaceId);
  return plan ? runPlan(deps, plan, trigger, signal) : null;
}

/** A lead that cannot be read stops no other; a connection that does not answer ends the batch and rests (R31). */
async function runPlan(
  deps: LookupDeps,
  plan: LookupPlan,
  trigger: string,
  signal?: AbortSignal,
): Promise<Counters> {
  const [only, ...more] = plan.connections;
  const run = {
    job: "look-up-leads",
    trigger,
    workspaceId: plan.workspaceId,
    ...(only && more.length === 0 ? { connectionId: only.connectionId } : {}),
    way: "lookup" as const,
    why: plan.why,
  };
  return recordJobRun(deps, run, async (counters) => {
    Object.assign(counters, {
      planned: plan.leadIds.length,
      leads: 0,
      failed: 0,
      calls: 0,
      estimatedLookupCalls: plan.estimatedLookupCalls,
      ...(plan.estimatedSweepCalls === null ? {} : { estimatedSweepCalls: plan.estimatedSweepCalls }),
    });
    const connectionIds = plan.connections.map(({ connectionId }) => connectionId);
    let inARow = 0;
    for (const leadId of plan.leadIds) {
      signal?.throwIfAborted();
      const error = await tryLookup(deps, leadId, { connectionIds, signal, counters });
      inARow = error ? inARow + 1 : 0;
      if (!error) continue;
      if (error.kind === "unexpected" && inARow < FAILURES_IN_A_ROW) continue;
      await recordConnectionFailed(deps, findConnection(plan, error), error);
      return counters;
    }
    await recordConnectionAnswered(deps, connectionIds);
    return counters;
  });
}

async function tryLookup(
  deps: LookupDeps,
  leadId: string,
  {
    connectionIds,
    signal,
    counters,
  }: { connectionIds: string[]; signal?: AbortSignal | undefined; counters: Counters },
): Promise<ProviderError | null> {
  const add = (more: Counters) => {
    for (const [key, value] of Object.entries(more)) counters[key] = (counters[key] ?? 0) + value;
  };
  try {
    const { calls, counts } = await lookUpLead(deps, leadId, {
      priority: "reconcile",
      connectionIds,
      signal,
    });
    await recordLookup(deps, leadId, null);
    add({ ...counts, leads: 1, calls });
    return null;
  } catch (error) {
    // Deleted since it was planned.
    if (error instanceof AppError && error.code === "not_found") return null;
    if (!(error instanceof ProviderError)) throw error;
    await recordLookup(deps, leadId, error);
    add({ failed: 1 });
    return error;
  }
}

/** One active connection per provider and workspace, so that the provider names it. */
function findConnection(plan: LookupPlan, error: ProviderError): string | null {
  return plan.connections.find(({ provider }) => provider === error.provider)?.connectionId ?? null;
}
