import type { Provider } from "#server/db/generated/enums.ts";
import type { Deps } from "#server/deps.ts";
import { decideLookups, type LookupDecision } from "./decide-lookups.ts";
import { findDueLeads } from "./find-due-leads.ts";
import { type ConnectionLookups, loadLookupFacts } from "./load-lookup-facts.ts";

export type LookupPlan = {
  workspaceId: string;
  /** Where these leads are looked up; the others' sweeps tell the same. */
  connections: { connectionId: string; provider: Provider; because: string }[];
  leadIds: string[];
  why: string;
  estimatedLookupCalls: number;
  /** What one hot pass over the same connections takes; null without an example. */
  estimatedSweepCalls: number | null;
};

export type LookupBounds = { workspaces: number; leadsPerWorkspace: number };

export function lookupBounds(config: Deps["config"]): LookupBounds {
  return {
    workspaces: config.reconcileWorkspaceLimit,
    leadsPerWorkspace: config.reconcileLeadsPerWorkspace,
  };
}

type Chosen = { connection: ConnectionLookups; decision: Extract<LookupDecision, { way: "lookup" }> };

/**
 * Which leads of which workspaces are looked up now, and why (R30): bounded, workspaces whose turn is longest ago
 * first, so that each is reached however many there are and however large one is.
 */
export async function planLookups(
  deps: Pick<Deps, "db" | "clock">,
  bounds: LookupBounds,
  workspaceId: string | null = null,
): Promise<LookupPlan[]> {
  const byWorkspace = Map.groupBy(
    (await loadLookupFacts(deps, workspaceId)).flatMap((connection): Chosen[] => {
      const decision = decideLookups(connection.facts);
      return decision.way === "lookup" ? [{ connection, decision }] : [];
    }),
    ({ connection }) => connection.workspaceId,
  );
  const inTurn = [...byWorkspace].sort(([, a], [, b]) => turnOf(a) - turnOf(b));
  const plans: LookupPlan[] = [];
  for (const [id, chosen] of inTurn) {
    if (plans.length >= bounds.workspaces) break;
    const plan = await planWorkspace(deps, id, chosen, bounds.leadsPerWorkspace);
    if (plan.leadIds.length > 0) plans.push(plan);
  }
  return plans;
}

function turnOf([first]: Chosen[]): number {
  return first?.connection.sentAt?.getTime() ?? 0;
}

async function planWorkspace(
  { db, clock }: Pick<Deps, "db" | "clock">,
  workspaceId: string,
  chosen: Chosen[],
  leadsPerWorkspace: number,
): Promise<LookupPlan> {
  // One connection that needs it by the minute decides the pace; a second look has all day.
  const minAgeMs = Math.min(...chosen.map(({ decision }) => decision.minAgeMs));
  const pressing = chosen.filter(({ decision }) => decision.minAgeMs === minAgeMs);
  const leadIds = await findDueLeads(
    { db, clock },
    {
      workspaceId,
      connectionIds: pressing.map(({ connection }) => connection.connectionId),
      minAgeMs,
      limit: Math.min(leadsPerWorkspace, ...pressing.map(({ decision }) => decision.leads)),
    },
  );
  const sweeps = pressing.map(({ connection }) => connection.facts.sweepCalls);
  return {
    workspaceId,
    connections: pressing.map(({ connection, decision }) => ({
      connectionId: connection.connectionId,
      provider: connection.facts.provider,
      because: decision.because,
    })),
    leadIds,
    why: pressing.map(({ connection, decision }) => explain(connection.facts.provider, decision)).join("; "),
    estimatedLookupCalls: pressing.reduce(
      (sum, { connection }) => sum + Math.ceil(connection.facts.lookupCallsPerLead * leadIds.length),
      0,
    ),
    estimatedSweepCalls: sweeps.reduce<number | null>(
      (sum, calls) => (sum === null || calls === null ? null : sum + calls),
      0,
    ),
  };
}

const REASONS: Record<Chosen["decision"]["because"], string> = {
  unlisted_meetings: "has meetings that no list names",
  sweep_refused: "refuses the sweep but not the lookup",
  sweep_held_back: "lists too few meetings to be believed",
  sweep_late: "is three turns behind with its sweep",
  sweep_stretched: "is swept less often than promised, and these leads cost fewer calls",
  second_look: "may leave calendars out of its list; once a day for each lead",
};

function explain(provider: Provider, { because }: Chosen["decision"]): string {
  return `${provider} ${REASONS[because]}`;
}
