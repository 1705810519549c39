import { addDays, DAY_MS, startOfUtcDay } from "#server/lib/duration.ts";

/** Meeting starts in [from, to), both at midnight UTC: whole days, so that coverage can be kept by day. */
export type Window = { from: Date; to: Date };

export type Tier = "hot" | "warm" | "cold";

/**
 * R29: what each tier reads. Warm reads a day more than the window has, so that at midnight the day that joins it is
 * verified already; cold reaches back a year; older history is a backfill.
 */
export function tierWindow(tier: Tier, now: Date, windowDays: { back: number; ahead: number }): Window {
  const today = startOfUtcDay(now);
  switch (tier) {
    case "hot":
      return { from: addDays(today, -2), to: addDays(today, 15) };
    case "warm":
      return { from: addDays(today, -windowDays.back), to: addDays(today, windowDays.ahead + 2) };
    case "cold":
      return { from: addDays(today, -365), to: addDays(today, -windowDays.back) };
    default:
      return tier satisfies never;
  }
}

export function daysOf({ from, to }: Window): Date[] {
  const days: Date[] = [];
  for (let day = from; day < to; day = addDays(day, 1)) days.push(day);
  return days;
}

export function lengthInDays({ from, to }: Window): number {
  return Math.round((to.getTime() - from.getTime()) / DAY_MS);
}

export function contains({ from, to }: Window, instant: Date): boolean {
  return instant >= from && instant < to;
}
