import { MINUTE_MS } from "#server/lib/duration.ts";

/** Fewer failures than this are bad days, not a provider that is down. */
const LEAST_FAILURES = 3;
const FIRST_REST_MS = MINUTE_MS;
const LONGEST_REST_MS = 30 * MINUTE_MS;

/**
 * How long a connection is left alone when most of its slices in a run have failed; null while they have not. After
 * each rest one more slice is the probe: an outage of hours costs a run a handful of slices and not all of them.
 */
export function decideCircuitRest({ done, failed }: { done: number; failed: number }): number | null {
  if (failed < LEAST_FAILURES || failed <= done) return null;
  return Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** (failed - LEAST_FAILURES));
}
