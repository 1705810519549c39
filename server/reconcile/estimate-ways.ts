import type { Db } from "#server/db/client.ts";
import type { Connection, Provider } from "#server/db/generated/client.ts";
import type { Tier } from "./window.ts";

/**
 * Calls that looking up one lead usually takes. Calendly: its list by e-mail, and the people of what is on it. HighLevel:
 * the search for the contact, and its appointments.
 */
export const LOOKUP_CALLS: Record<Provider, number> = { calendly: 1.2, highlevel: 2 };

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
  const leads =
    tier === "hot"
      ? await countHotLeads(db, row.workspaceId)
      : await db.lead.count({ where: { workspaceId: row.workspaceId } });
  const estimatedLookupCalls = computeLookupCalls(row.provider, leads);
  const sweepCalls = tier === "hot" ? row.hotCalls : tier === "warm" ? row.warmCalls : null;
  return sweepCalls === null
    ? { estimatedLookupCalls }
    : { estimatedSweepCalls: sweepCalls, estimatedLookupCalls };
}

export function computeLookupCalls(provider: Provider, leads: number): number {
  return Math.ceil(leads * LOOKUP_CALLS[provider]);
}

/** Leads in a sequence that a booking would end: those whose evidence must not be late. */
export async function countHotLeads(db: Db, workspaceId: string): Promise<number> {
  const [row] = await db.$queryRaw<{ leads: number }[]>`
    SELECT count(*)::int AS leads FROM (
      SELECT DISTINCT "leadId" FROM "FollowUpInstance"
      WHERE "workspaceId" = ${workspaceId}::uuid AND status IN ('active', 'paused') AND trigger <> 'meeting_booked'
      LIMIT ${MOST_COUNTED}) hot`;
  return row?.leads ?? 0;
}
