import { SECOND_MS } from "#server/lib/duration.ts";

/** Signatures are believed for minutes, and which of two readings is newer is told by our clock. */
const LARGEST_SKEW_MS = 30 * SECOND_MS;

export type ClockSkewDecision =
  | { verdict: "unknown" }
  | { verdict: "right" }
  | { verdict: "off"; cause: "clock_ahead" | "clock_behind"; skewSeconds: number };

/** How far our clock is from a provider's; null when no answer of it said its time: then nothing is opened or closed. */
export function decideClockSkew(skewMs: number | null): ClockSkewDecision {
  if (skewMs === null) return { verdict: "unknown" };
  if (Math.abs(skewMs) <= LARGEST_SKEW_MS) return { verdict: "right" };
  return {
    verdict: "off",
    cause: skewMs > 0 ? "clock_ahead" : "clock_behind",
    skewSeconds: Math.round(skewMs / SECOND_MS),
  };
}
