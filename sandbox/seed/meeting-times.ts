import { findInstant, findOffsetMinutes } from "../local-time.ts";
import { pickNumber, type Random } from "../random.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Hands out half hours on weekdays between nine and five, each host's once. */
export class MeetingTimes {
  readonly #random: Random;
  readonly #nowMs: number;
  readonly #taken = new Set<string>();

  constructor(random: Random, nowMs: number) {
    this.#random = random;
    this.#nowMs = nowMs;
  }

  /** A start between two distances from now in days; a range without a free slot grows away from now. */
  take(hostId: string, zone: string, fromDays: number, toDays: number): number {
    for (let attempt = 0; attempt < 400; attempt += 1) {
      const grown = Math.floor(attempt / 80) * 2;
      const from = this.#nowMs + (fromDays < 0 ? fromDays - grown : fromDays) * DAY_MS;
      const to = this.#nowMs + (toDays > 0 ? toDays + grown : toDays) * DAY_MS;
      const dayMs = from + this.#random.next() * (to - from);
      const startMs = findInstant(zone, dayMs, 9 * 60 + pickNumber(this.#random, 0, 15) * 30);
      if (startMs < from || startMs > to || isWeekend(zone, startMs)) continue;
      const key = `${hostId} ${startMs}`;
      if (this.#taken.has(key)) continue;
      this.#taken.add(key);
      return startMs;
    }
    throw new Error(`no free time between ${fromDays} and ${toDays} days`);
  }
}

export function isWeekend(zone: string, ms: number): boolean {
  const weekday = new Date(ms + findOffsetMinutes(zone, ms) * MINUTE_MS).getUTCDay();
  return weekday === 0 || weekday === 6;
}
