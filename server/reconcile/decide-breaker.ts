import { addMs, MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import type { ProviderErrorKind } from "#server/providers/provider-error.ts";

const FIRST_REST_MS = 30 * SECOND_MS;
const LONGEST_REST_MS = 15 * MINUTE_MS;

export type BreakerDecision = {
  failures: number;
  /** No scheduled call before then; the first one after it is the probe (R31). */
  until: Date;
  /** A person has to do something: trying again will not help. */
  needsAction: boolean;
};

/** How long a connection rests after a failed pass. A rate limit is no failure: it says itself until when. */
export function decideBreaker(
  failures: number,
  error: { kind: ProviderErrorKind; retryAt: Date | null },
  now: Date,
): BreakerDecision {
  if (error.kind === "rate_limited") {
    return { failures, until: error.retryAt ?? addMs(now, FIRST_REST_MS), needsAction: false };
  }
  const count = failures + 1;
  const needsAction = error.kind === "unauthorized" || error.kind === "scope";
  const restMs = needsAction ? LONGEST_REST_MS : Math.min(FIRST_REST_MS * 2 ** (count - 1), LONGEST_REST_MS);
  return { failures: count, until: addMs(now, restMs), needsAction };
}
