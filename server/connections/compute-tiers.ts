import { addDays, startOfUtcDay } from "#server/lib/duration.ts";
import { PROMISED } from "#server/reconcile/decide-cadence.ts";
import type { Tier } from "#server/reconcile/window.ts";

export type TierStanding = {
  tier: Tier;
  /** How often it is read at present, and how often it is promised to be (R29); more only where half the limit demands it. */
  everyMin: number;
  promisedMin: number;
  /** When its least recently verified day was; null while one of them never was. */
  completeAt: Date | null;
};

type Facts = {
  hotEveryMin: number;
  warmEveryMin: number;
  window: { lookbackDays: number; lookaheadDays: number };
  coverage: readonly { day: Date; verifiedAt: Date }[];
};

const WEEK_MIN = 7 * 24 * 60;
/** Cold reaches back so far. */
const YEAR_DAYS = 365;

/** How each tier stands: what is promised of it, and when it was last complete. */
export function computeTiers(
  { hotEveryMin, warmEveryMin, window, coverage }: Facts,
  now: Date,
): TierStanding[] {
  const verified = new Map(coverage.map(({ day, verifiedAt }) => [day.getTime(), verifiedAt]));
  const today = startOfUtcDay(now);
  const { lookbackDays, lookaheadDays } = window;
  const completeAt = (first: number, last: number) => {
    let oldest: Date | null = null;
    for (let day = first; day <= last; day++) {
      const at = verified.get(addDays(today, day).getTime());
      if (at === undefined) return null;
      if (oldest === null || at < oldest) oldest = at;
    }
    return oldest;
  };
  return [
    {
      tier: "hot",
      everyMin: hotEveryMin,
      promisedMin: PROMISED.hotEveryMin,
      completeAt: completeAt(Math.max(-2, -lookbackDays), Math.min(14, lookaheadDays)),
    },
    {
      tier: "warm",
      everyMin: warmEveryMin,
      promisedMin: PROMISED.warmEveryMin,
      completeAt: completeAt(-lookbackDays, lookaheadDays),
    },
    {
      tier: "cold",
      everyMin: WEEK_MIN,
      promisedMin: WEEK_MIN,
      completeAt: completeAt(-YEAR_DAYS, -lookbackDays - 1),
    },
  ];
}
