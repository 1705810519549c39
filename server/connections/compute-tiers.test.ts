import { describe, expect, it } from "vitest";
import { addDays, addMs, MINUTE_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { TEST_NOW } from "#server/testing/factories.ts";
import { computeTiers } from "./compute-tiers.ts";

const today = startOfUtcDay(TEST_NOW);
const ago = (minutes: number) => addMs(TEST_NOW, -minutes * MINUTE_MS);

/** Days verified so many minutes ago, from the first to the last of today's neighbours. */
function cover(first: number, last: number, minutes: number) {
  return Array.from({ length: last - first + 1 }, (_, at) => ({
    day: addDays(today, first + at),
    verifiedAt: ago(minutes),
  }));
}

const compute = (coverage: ReturnType<typeof cover>, cadence = {}) =>
  computeTiers(
    {
      hotEveryMin: 1,
      warmEveryMin: 15,
      window: { lookbackDays: 90, lookaheadDays: 90 },
      coverage,
      ...cadence,
    },
    TEST_NOW,
  );

describe("computeTiers (R29)", () => {
  it("tells for each tier when its least recently verified day was", () => {
    const coverage = [
      ...cover(-365, -91, 3_000),
      ...cover(-90, -3, 9),
      ...cover(-2, 14, 1),
      ...cover(15, 90, 9),
    ];
    expect(compute(coverage)).toEqual([
      { tier: "hot", everyMin: 1, promisedMin: 1, completeAt: ago(1) },
      { tier: "warm", everyMin: 15, promisedMin: 15, completeAt: ago(9) },
      { tier: "cold", everyMin: 10_080, promisedMin: 10_080, completeAt: ago(3_000) },
    ]);
  });

  it("calls nothing complete that has a day which was never verified", () => {
    const [hot, warm, cold] = compute([...cover(-90, 13, 1), ...cover(15, 90, 1)]);
    expect([hot?.completeAt, warm?.completeAt, cold?.completeAt]).toEqual([null, null, null]);
  });

  it("says how often a tier is read where half the limit demands longer", () => {
    const [hot, warm] = compute([], { hotEveryMin: 2, warmEveryMin: 240 });
    expect([hot, warm]).toMatchObject([
      { everyMin: 2, promisedMin: 1 },
      { everyMin: 240, promisedMin: 15 },
    ]);
  });

  it("looks no further than the workspace's own window (R9)", () => {
    const [hot, warm] = compute(cover(-1, 7, 4), { window: { lookbackDays: 1, lookaheadDays: 7 } });
    expect([hot?.completeAt, warm?.completeAt]).toEqual([ago(4), ago(4)]);
  });
});
