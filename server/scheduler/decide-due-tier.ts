import { DAY_MS, MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import type { Tier } from "#server/reconcile/window.ts";

export type ConnectionClock = {
  hotSweptAt: Date | null;
  warmSweptAt: Date | null;
  coldSweptAt: Date | null;
  /** How often these two are read at present (R29). */
  hotEveryMin: number;
  warmEveryMin: number;
  /** R31: no call before then. */
  breakerUntil: Date | null;
};

/** The columns that decide, for whoever loads connections. */
export const CLOCK_COLUMNS = {
  hotSweptAt: true,
  warmSweptAt: true,
  coldSweptAt: true,
  hotEveryMin: true,
  warmEveryMin: true,
  breakerUntil: true,
} satisfies Record<keyof ConnectionClock, true>;

/** A tick that comes a moment early does not skip a turn. */
const EARLY_MS = 5 * SECOND_MS;

/**
 * Which tier a connection is to be swept for now; null when nothing is due. Warm goes first, since it reads everything
 * that hot reads; cold, which no person waits for, only when neither is due.
 */
export function decideDueTier(connection: ConnectionClock, now: Date): Tier | null {
  if (connection.breakerUntil !== null && connection.breakerUntil > now) return null;
  const isDue = (sweptAt: Date | null, everyMs: number) =>
    sweptAt === null || now.getTime() - sweptAt.getTime() >= everyMs - EARLY_MS;
  if (isDue(connection.warmSweptAt, connection.warmEveryMin * MINUTE_MS)) return "warm";
  if (isDue(connection.hotSweptAt, connection.hotEveryMin * MINUTE_MS)) return "hot";
  if (isDue(connection.coldSweptAt, 7 * DAY_MS)) return "cold";
  return null;
}
