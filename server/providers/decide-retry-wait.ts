import { MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";

/** Nobody waits longer on one header, whatever it says; a used-up day is known from the daily headers. */
const LONGEST_WAIT_MS = 15 * MINUTE_MS;
const SHORTEST_WAIT_MS = SECOND_MS;

export type RetryFacts = {
  /** `Retry-After`: seconds or an HTTP date. */
  retryAfter: string | null;
  /** `X-RateLimit-Reset` and its like: unit unknown. */
  reset: string | null;
  /** How long the provider counts; tells seconds from milliseconds. */
  windowMs: number;
  now: Date;
};

/**
 * How long a refused bucket should rest. Survives a reset in seconds, milliseconds or Unix time (either
 * unit) and nonsense (one whole window then); up to a tenth of the wait is added so that callers spread.
 */
export function decideRetryWaitMs(facts: RetryFacts, random: () => number): number {
  const waitMs = readRetryAfter(facts) ?? readReset(facts) ?? facts.windowMs;
  const bounded = Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, waitMs));
  return Math.round(bounded * (1 + random() / 10));
}

function readRetryAfter({ retryAfter, now }: RetryFacts): number | null {
  if (!retryAfter) return null;
  if (/^\s*\d+(\.\d+)?\s*$/.test(retryAfter)) return Number(retryAfter) * SECOND_MS;
  // Only a date with letters: Date.parse would read "-5" as a year.
  const at = /[a-z]/i.test(retryAfter) ? Date.parse(retryAfter) : Number.NaN;
  return Number.isNaN(at) ? null : at - now.getTime();
}

function readReset({ reset, now, windowMs }: RetryFacts): number | null {
  if (!reset || !/^\s*\d+(\.\d+)?\s*$/.test(reset)) return null;
  const value = Number(reset);
  if (value >= 1e11) return value - now.getTime();
  if (value >= 1e9) return value * SECOND_MS - now.getTime();
  // Seconds are believed up to twice the window; a larger number can only be milliseconds.
  return value * SECOND_MS <= 2 * windowMs ? value * SECOND_MS : value;
}
