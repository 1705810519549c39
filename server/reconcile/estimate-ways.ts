import type { Db } from "#server/db/client.ts";
import type { Connection, Provider } from "#server/db/generated/client.ts";
import type { Tier } from "./window.ts";

/** Leads, and all addresses under which they are asked for. */
export type LookupSums = { leads: number; addresses: number };

/**
 * Calls that looking up a lead usually takes beside one for each of its addresses. Calendly: now and then the people of
 * what its list by address names. HighLevel: the appointments of the contact that the search by address finds.
 */
const FURTHER_CALLS: Record<Provider, number> = { calendly: 0.2, highlevel: 1 };

/** Further ones change no decision. */
const MOST_COUNTED = 10_000;

export type WaysEstimate = { estimatedSweepCalls: number; estimatedLookupCalls: number };

/**
 * What verifying the same leads takes by either way (R30): a pass over the tier as the last ones were, or one lookup
 * for each lead. A pass without an example is not estimated.
 */
export async function estimateWays(
  db: Db,
  row: Connection,
  tier: Tier,
): Promise<WaysEstimate | Pick<WaysEstimate, "estimatedLookupCalls">> {
  const sums =
    tier === "hot" ? await countHotLeads(db, row.workspaceId) : await countLeads(db, row.workspaceId);
  const estimatedLookupCalls = Math.ceil(computeLookupCalls(row.provider, sums));
  const sweepCalls = tier === "hot" ? row.hotCalls : tier === "warm" ? row.warmCalls : null;
  return sweepCalls === null
    ? { estimatedLookupCalls }
    : { estimatedSweepCalls: sweepCalls, estimatedLookupCalls };
}

/** On average, so of few leads a fraction. */
export function computeLookupCalls(provider: Provider, { leads, addresses }: LookupSums): number {
  return addresses + leads * FURTHER_CALLS[provider];
}

async function countLeads(db: Db, workspaceId: string): Promise<LookupSums> {
  const [leads, aliases] = await Promise.all([
    db.lead.count({ where: { workspaceId } }),
    db.leadAlias.count({ where: { workspaceId } }),
  ]);
  return { leads, addresses: leads + aliases };
}

/** Leads in a sequence that a booking would end: those whose evidence must not be late. */
async function countHotLeads(db: Db, workspaceId: string): Promise<LookupSums> {
  const [row] = await db.$queryRaw<LookupSums[]>`
    WITH hot AS (
      SELECT DISTINCT "leadId" FROM "FollowUpInstance"
      WHERE "workspaceId" = ${workspaceId}::uuid AND status IN ('active', 'paused') AND trigger <> 'meeting_booked'
      LIMIT ${MOST_COUNTED}
    )
    SELECT count(*)::int AS leads,
           (count(*) + (SELECT count(*) FROM "LeadAlias" x JOIN hot ON hot."leadId" = x."leadId"))::int AS addresses
    FROM hot`;
  return row ?? { leads: 0, addresses: 0 };
}
