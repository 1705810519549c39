import { addMs, DAY_MS } from "#server/lib/duration.ts";

/** `live`: people and webhooks. */
export type CallPriority = "live" | "reconcile" | "backfill";

export type RateBucketState = {
  windowMs: number;
  /** Calls in any `windowMs`. */
  limit: number;
  /** When the calls of the last window were granted, epoch ms, oldest first. */
  calls: number[];
  cooldownUntil: Date | null;
  dailyLimit: number | null;
  dailyUsed: number;
  dailyResetAt: Date | null;
};

export type RateSlotDecision =
  | { verdict: "go"; next: RateBucketState }
  | { verdict: "wait"; until: Date; because: "window" | "cool_down" | "daily" };

/** How full the bucket may be when a call of this priority is added: the rest is kept for those above it. */
const WINDOW_SHARE: Record<CallPriority, number> = { live: 1, reconcile: 0.85, backfill: 0.6 };
export const DAILY_SHARE: Record<CallPriority, number> = { live: 1, reconcile: 0.95, backfill: 0.8 };

/**
 * May one call be sent now (R32)? Looks back over exactly one window, so that no window, wherever it
 * starts, ever holds more than the limit; a granted call is already counted in `next`.
 */
export function decideRateSlot(
  state: RateBucketState,
  request: { priority: CallPriority; now: Date },
): RateSlotDecision {
  const { priority, now } = request;
  if (state.cooldownUntil && state.cooldownUntil > now) {
    return { verdict: "wait", until: state.cooldownUntil, because: "cool_down" };
  }

  const daily = openDay(state, now);
  if (daily.limit !== null && daily.used >= allowed(daily.limit, DAILY_SHARE[priority])) {
    return { verdict: "wait", until: daily.resetAt, because: "daily" };
  }

  const calls = callsInWindow(state, now);
  const cap = allowed(state.limit, WINDOW_SHARE[priority]);
  // The slot opens when so many have left the window that one more fits.
  const blocking = calls[calls.length - cap];
  if (calls.length >= cap && blocking !== undefined) {
    return { verdict: "wait", until: addMs(new Date(blocking), state.windowMs), because: "window" };
  }

  return {
    verdict: "go",
    next: {
      ...state,
      calls: [...calls, now.getTime()],
      cooldownUntil: null,
      dailyUsed: daily.used + 1,
      dailyResetAt: daily.limit === null ? null : daily.resetAt,
    },
  };
}

/**
 * Stamps from the future (a clock that was set back) count as now: they neither vanish nor block for as
 * long as the clock was wrong.
 */
function callsInWindow(state: RateBucketState, now: Date): number[] {
  const at = now.getTime();
  return state.calls.filter((stamp) => stamp > at - state.windowMs).map((stamp) => Math.min(stamp, at));
}

/** HighLevel's day is 24 hours from the first call in it, not a calendar day. */
function openDay(state: RateBucketState, now: Date) {
  const isOver = !state.dailyResetAt || state.dailyResetAt <= now;
  return {
    limit: state.dailyLimit,
    used: isOver ? 0 : state.dailyUsed,
    resetAt: isOver || !state.dailyResetAt ? addMs(now, DAY_MS) : state.dailyResetAt,
  };
}

function allowed(limit: number, share: number): number {
  return Math.max(1, Math.floor(limit * share));
}
