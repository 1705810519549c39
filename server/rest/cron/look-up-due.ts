import type { Deps } from "#server/deps.ts";
import { AppError } from "#server/lib/errors.ts";
import { type LookupPlan, lookupBounds, planLookups } from "#server/scheduler/plan-lookups.ts";
import { runLookups } from "#server/scheduler/run-lookups.ts";
import { sendDueLookups, takeTurns } from "#server/scheduler/send-due-lookups.ts";
import type { CronQuery } from "./cron-query.ts";

export type LookupResult = Omit<LookupPlan, "leadIds"> & {
  way: "lookup";
  planned: number;
  outcome: "planned" | "queued" | "done" | "failed";
  errorCode: string | null;
  counters: Record<string, number>;
};

type LookupRequest = Pick<CronQuery, "workspaceLimit" | "leadsPerWorkspace"> & { workspaceId: string | null };

/** Puts a batch in line for each workspace whose turn it is (R30). */
export async function queueLookups(deps: Deps, request: LookupRequest): Promise<LookupResult[]> {
  const { workspaceId } = request;
  const plans = await sendDueLookups(deps, boundsOf(deps, request), { trigger: "http", workspaceId });
  return plans.map((plan) => toResult(plan, "queued"));
}

/** What would be looked up, why, and at what cost; asks no provider. */
export async function rehearseLookups(deps: Deps, request: LookupRequest): Promise<LookupResult[]> {
  const plans = await planLookups(deps, boundsOf(deps, request), request.workspaceId);
  return plans.map((plan) => toResult(plan, "planned"));
}

/** Looks up here and waits. A workspace that fails says so in its own row and stops no other (R31). */
export async function lookUpDue(deps: Deps, request: LookupRequest): Promise<LookupResult[]> {
  const bounds = boundsOf(deps, request);
  const plans = await planLookups(deps, bounds, request.workspaceId);
  await takeTurns(deps, plans);
  const results: LookupResult[] = [];
  for (const plan of plans) {
    const { workspaceId } = plan;
    try {
      const batch = { workspaceId, leads: bounds.leadsPerWorkspace, trigger: "http" };
      results.push(toResult(plan, "done", { counters: (await runLookups(deps, batch)) ?? {} }));
    } catch (err) {
      const errorCode = err instanceof AppError ? err.code : "internal";
      if (errorCode === "internal") deps.log.error({ err, workspaceId }, "lookups failed");
      results.push(toResult(plan, "failed", { errorCode }));
    }
  }
  return results;
}

function boundsOf({ config }: Pick<Deps, "config">, request: LookupRequest) {
  const usual = lookupBounds(config);
  return {
    workspaces: request.workspaceLimit ?? usual.workspaces,
    leadsPerWorkspace: request.leadsPerWorkspace ?? usual.leadsPerWorkspace,
  };
}

function toResult(
  { leadIds, ...plan }: LookupPlan,
  outcome: LookupResult["outcome"],
  more: Partial<Pick<LookupResult, "errorCode" | "counters">> = {},
): LookupResult {
  return { ...plan, way: "lookup", planned: leadIds.length, outcome, errorCode: null, counters: {}, ...more };
}
