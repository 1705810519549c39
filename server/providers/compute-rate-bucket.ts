import { addMs, MINUTE_MS } from "#server/lib/duration.ts";
import type { RateBucketState } from "./decide-rate-slot.ts";
import type { RateFacts } from "./rate-bucket.ts";

/** A cool-down never outlasts this: a wrong clock or header must not silence a bucket for a day. */
const LONGEST_COOL_DOWN_MS = 20 * MINUTE_MS;
const LEAST_LIMIT = 5;
const RECOVERY_STEP = 0.05;

/**
 * Takes over what a reply said. A lower limit holds at once; a higher one (or the way back after a
 * refusal halved it) is approached in steps.
 */
export function applyRateFacts(state: RateBucketState, facts: RateFacts, now: Date): RateBucketState {
  const next = { ...state };
  if (facts.windowMs !== undefined) next.windowMs = facts.windowMs;
  if (facts.limit !== undefined) {
    const step = Math.max(1, Math.floor(facts.limit * RECOVERY_STEP));
    next.limit = Math.max(1, Math.min(facts.limit, state.limit + step));
  }
  if (facts.remaining === 0 && facts.resetInMs !== undefined) {
    next.cooldownUntil = laterCoolDown(state, facts.resetInMs, now);
  }
  if (facts.dailyLimit !== undefined) {
    next.dailyLimit = facts.dailyLimit;
    if (facts.dailyRemaining !== undefined)
      next.dailyUsed = Math.max(0, facts.dailyLimit - facts.dailyRemaining);
    if (facts.dailyResetInMs !== undefined) next.dailyResetAt = addMs(now, facts.dailyResetInMs);
  }
  return next;
}

/**
 * After a refusal: rest for `forMs` and come back at half the rate, or at the refusal's own lower limit.
 * Refusals that arrive while the bucket already rests are the same event and halve nothing further.
 */
export function applyCoolDown(
  state: RateBucketState,
  forMs: number,
  facts: RateFacts,
  now: Date,
): RateBucketState {
  const isResting = state.cooldownUntil !== null && state.cooldownUntil > now;
  const half = Math.max(Math.min(LEAST_LIMIT, state.limit), Math.floor(state.limit / 2));
  // A used-up day outlasts any cool-down, so what the refusal says about it counts; its limit may only lower.
  const told = applyRateFacts(state, { ...facts, limit: undefined, remaining: undefined }, now);
  return {
    ...told,
    limit: Math.min(isResting ? state.limit : half, facts.limit ?? Number.POSITIVE_INFINITY),
    cooldownUntil: laterCoolDown(state, forMs, now),
  };
}

function laterCoolDown(state: RateBucketState, forMs: number, now: Date): Date {
  const until = addMs(now, Math.min(forMs, LONGEST_COOL_DOWN_MS));
  return state.cooldownUntil && state.cooldownUntil > until ? state.cooldownUntil : until;
}
