import { DAY_MS, MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import type { Tier } from "#server/reconcile/window.ts";

export type ConnectionClock = {
  hotSweptAt: Date | null;
  warmSweptAt: Date | null;
  coldSweptAt: Date | null;
  /** R31: no call before then. */
  breakerUntil: Date | null;
};

/** R29. A little under the promise, so that a tick that comes a moment early does not skip a turn. */
const EVERY_MS: Record<Tier, number> = {
  hot: MINUTE_MS - 5 * SECOND_MS,
  warm: 15 * MINUTE_MS - 5 * SECOND_MS,
  cold: 7 * DAY_MS,
};

/**
 * Which tier a connection is to be swept for now; null when nothing is due. Warm goes first, since it reads everything
 * that hot reads; cold, which no person waits for, only when neither is due.
 */
export function decideDueTier(connection: ConnectionClock, now: Date): Tier | null {
  if (connection.breakerUntil !== null && connection.breakerUntil > now) return null;
  const isDue = (sweptAt: Date | null, tier: Tier) =>
    sweptAt === null || now.getTime() - sweptAt.getTime() >= EVERY_MS[tier];
  if (isDue(connection.warmSweptAt, "warm")) return "warm";
  if (isDue(connection.hotSweptAt, "hot")) return "hot";
  if (isDue(connection.coldSweptAt, "cold")) return "cold";
  return null;
}
