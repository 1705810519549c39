import { addDays } from "#server/lib/duration.ts";
import type { DayRange } from "./decide-overlap.ts";
import { countDays } from "./decide-slices.ts";

export type CoverageRow = { connectionId: string; day: Date; verifiedAt: Date };

export type CoverageStrip = {
  /** One entry per day: when the last of the connections verified it; null while one never has. */
  days: { day: Date; verifiedAt: Date | null }[];
  unverified: number;
  /** The longest run of unverified days, newest when several are as long: what "backfill this gap" would read. */
  gap: DayRange | null;
};

/** A day is only as fresh as the connection that looked at it least recently. */
export function computeCoverage(
  range: DayRange,
  connectionIds: string[],
  rows: CoverageRow[],
): CoverageStrip {
  const byDay = new Map<number, Map<string, Date>>();
  for (const { connectionId, day, verifiedAt } of rows) {
    const seen = byDay.get(day.getTime()) ?? new Map<string, Date>();
    byDay.set(day.getTime(), seen.set(connectionId, verifiedAt));
  }
  const days = Array.from({ length: countDays(range) }, (_, index) => {
    const day = addDays(range.from, index);
    const seen = byDay.get(day.getTime());
    const times = connectionIds.map((id) => seen?.get(id)?.getTime() ?? null);
    const isComplete = times.length > 0 && times.every((time) => time !== null);
    return { day, verifiedAt: isComplete ? new Date(Math.min(...times.filter((t) => t !== null))) : null };
  });
  return {
    days,
    unverified: days.filter(({ verifiedAt }) => verifiedAt === null).length,
    gap: findLongestGap(days),
  };
}

function findLongestGap(days: CoverageStrip["days"]): DayRange | null {
  let longest: DayRange | null = null;
  let from: Date | null = null;
  for (const { day, verifiedAt } of days) {
    if (verifiedAt !== null) {
      from = null;
      continue;
    }
    from ??= day;
    const gap = { from, to: addDays(day, 1) };
    if (!longest || countDays(gap) >= countDays(longest)) longest = gap;
  }
  return longest;
}
