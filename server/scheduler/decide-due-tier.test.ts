import { describe, expect, it } from "vitest";
import { addDays, addMs, MINUTE_MS } from "#server/lib/duration.ts";
import { type ConnectionClock, decideDueTier } from "./decide-due-tier.ts";

const now = new Date("2026-03-10T15:00:00Z");
const ago = (ms: number) => addMs(now, -ms);

function buildClock(overrides: Partial<ConnectionClock>): ConnectionClock {
  return {
    hotSweptAt: now,
    warmSweptAt: now,
    coldSweptAt: now,
    hotEveryMin: 1,
    warmEveryMin: 15,
    breakerUntil: null,
    ...overrides,
  };
}

describe("decideDueTier (R29)", () => {
  it.each<[string, Partial<ConnectionClock>, ReturnType<typeof decideDueTier>]>([
    ["reads the whole window first", { hotSweptAt: null, warmSweptAt: null, coldSweptAt: null }, "warm"],
    ["sweeps hot every minute", { hotSweptAt: ago(MINUTE_MS) }, "hot"],
    ["waits while everything is fresh", {}, null],
    [
      "lets warm stand in for hot when both are due",
      { hotSweptAt: ago(16 * MINUTE_MS), warmSweptAt: ago(16 * MINUTE_MS) },
      "warm",
    ],
    ["leaves cold for when nothing else is due", { hotSweptAt: ago(MINUTE_MS), coldSweptAt: null }, "hot"],
    ["sweeps cold weekly", { coldSweptAt: addDays(now, -7) }, "cold"],
    [
      "keeps to the longer promise that half the limit demands",
      { warmSweptAt: ago(39 * MINUTE_MS), warmEveryMin: 40, hotSweptAt: ago(2 * MINUTE_MS), hotEveryMin: 3 },
      null,
    ],
    ["sweeps when the longer promise is due", { hotSweptAt: ago(3 * MINUTE_MS), hotEveryMin: 3 }, "hot"],
    ["rests while the breaker is open (R31)", { warmSweptAt: null, breakerUntil: addMs(now, 1) }, null],
    ["probes when the breaker's time is over (R31)", { warmSweptAt: null, breakerUntil: now }, "warm"],
  ])("%s", (_, overrides, expected) => {
    expect(decideDueTier(buildClock(overrides), now)).toBe(expected);
  });
});
