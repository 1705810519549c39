const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Twice the promised cadence of the whole window. */
const FRESH_MS = 30 * MINUTE_MS;

export type Freshness = "fresh" | "day" | "old" | "never";

export type CoverageDay = {
  /** `2026-03-10`, in UTC as it is kept. */
  day: string;
  /** Column, from the window's first week. */
  week: number;
  /** Row: Monday is 0. */
  weekday: number;
  verifiedMs: number | null;
  freshness: Freshness;
  /** Verified by a token that sees one person only. */
  isPartial: boolean;
  isToday: boolean;
};

type Verified = { day: string; verifiedAt: string; fullScope: boolean };

/** Every day of the window with how lately it was verified, laid out in weeks. */
export function computeCoverageDays(
  coverage: readonly Verified[],
  window: { lookbackDays: number; lookaheadDays: number },
  nowMs: number,
): CoverageDay[] {
  const verified = new Map(coverage.map((each) => [each.day, each]));
  const todayMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const firstMs = todayMs - window.lookbackDays * DAY_MS;
  const firstWeekday = weekdayOf(firstMs);
  const total = window.lookbackDays + window.lookaheadDays + 1;
  return Array.from({ length: total }, (_, at) => {
    const dayMs = firstMs + at * DAY_MS;
    const day = new Date(dayMs).toISOString().slice(0, 10);
    const known = verified.get(day);
    const verifiedMs = known ? new Date(known.verifiedAt).getTime() : null;
    return {
      day,
      week: Math.floor((at + firstWeekday) / 7),
      weekday: weekdayOf(dayMs),
      verifiedMs,
      freshness: decideFreshness(verifiedMs, nowMs),
      isPartial: known ? !known.fullScope : false,
      isToday: dayMs === todayMs,
    };
  });
}

export function summarizeCoverage(days: readonly CoverageDay[], nowMs: number) {
  const known = days.flatMap((day) => (day.verifiedMs === null ? [] : [day.verifiedMs]));
  return {
    verified: known.length,
    total: days.length,
    oldestMs: known.length > 0 ? Math.min(...known, nowMs) : null,
  };
}

function decideFreshness(verifiedMs: number | null, nowMs: number): Freshness {
  if (verifiedMs === null) return "never";
  const ageMs = nowMs - verifiedMs;
  if (ageMs <= FRESH_MS) return "fresh";
  return ageMs <= DAY_MS ? "day" : "old";
}

function weekdayOf(dayMs: number): number {
  return (new Date(dayMs).getUTCDay() + 6) % 7;
}
