/** What R29 promises, in minutes. Cold stands weekly: it is never what fills a limit. */
export const PROMISED = { hotEveryMin: 1, warmEveryMin: 15 };

/** Warm waits longer first; from here on hot waits as well. */
const LONGEST_WARM_MIN = 240;
/** Sweeps that have to wait leave this much of the budget to the lookups that stand in for them. */
export const SWEEP_SHARE = 0.75;
/** Somebody reads these figures: warm waits in steps. */
const WARM_STEP_MIN = 5;

export type CadenceFacts = {
  /** Calls that a pass usually takes; null while there was none to learn from. */
  hotCalls: number | null;
  warmCalls: number | null;
  /** Calls a minute that this connection may plan with; see `loadCallBudget`. */
  callsPerMin: number;
};

export type Cadence = { hotEveryMin: number; warmEveryMin: number };

/**
 * How often the tiers are read: as promised while that fits into the budget, else warm less often, and hot less often
 * when even a rare warm leaves too little (R29).
 */
export function decideCadence({ hotCalls, warmCalls, callsPerMin }: CadenceFacts): Cadence {
  const hot = hotCalls ?? 0;
  const warm = warmCalls ?? 0;
  if (computeLoad({ hotCalls, warmCalls, ...PROMISED }) <= callsPerMin) return PROMISED;
  const budget = Math.max(callsPerMin * SWEEP_SHARE, 0.1);
  const besideHot = budget - hot / PROMISED.hotEveryMin;
  if (besideHot > 0 && warm / besideHot <= LONGEST_WARM_MIN) {
    return { hotEveryMin: PROMISED.hotEveryMin, warmEveryMin: stepUp(warm / besideHot) };
  }
  // A warm pass that alone would take more than half waits as long as it must.
  const warmEveryMin = stepUp(Math.max(LONGEST_WARM_MIN, warm / (budget / 2)));
  const hotEveryMin = Math.max(PROMISED.hotEveryMin, Math.ceil(hot / (budget - warm / warmEveryMin)));
  return { hotEveryMin, warmEveryMin: Math.max(warmEveryMin, stepUp(hotEveryMin)) };
}

/** Calls a minute that sweeps take at this cadence. */
export function computeLoad({
  hotCalls,
  warmCalls,
  hotEveryMin,
  warmEveryMin,
}: Omit<CadenceFacts, "callsPerMin"> & Cadence): number {
  return (hotCalls ?? 0) / hotEveryMin + (warmCalls ?? 0) / warmEveryMin;
}

function stepUp(minutes: number): number {
  return Math.max(PROMISED.warmEveryMin, Math.ceil(minutes / WARM_STEP_MIN) * WARM_STEP_MIN);
}

/** One odd pass does not change the plan, a few alike do. */
export function smoothCalls(before: number | null, calls: number): number {
  return before === null ? calls : Math.ceil(before + 0.4 * (calls - before));
}
