import { describe, expect, it } from "vitest";
import { type CadenceFacts, computeLoad, decideCadence, smoothCalls } from "./decide-cadence.ts";

describe("decideCadence (R29)", () => {
  it.each<[string, CadenceFacts, ReturnType<typeof decideCadence>]>([
    [
      "promises what it can keep",
      { hotCalls: 3, warmCalls: 20, callsPerMin: 200 },
      { hotEveryMin: 1, warmEveryMin: 15 },
    ],
    [
      "promises before anything was learned",
      { hotCalls: null, warmCalls: null, callsPerMin: 20 },
      { hotEveryMin: 1, warmEveryMin: 15 },
    ],
    [
      "uses the budget to its last call",
      { hotCalls: 10, warmCalls: 150, callsPerMin: 20 },
      { hotEveryMin: 1, warmEveryMin: 15 },
    ],
    // 15 calls a minute of 20 are for sweeps, 5 of them for warm: 100 / 5 = 20 minutes.
    [
      "lets warm wait first",
      { hotCalls: 10, warmCalls: 151, callsPerMin: 20 },
      { hotEveryMin: 1, warmEveryMin: 35 },
    ],
    // 15 − 14 leaves one call a minute to warm, which would take 300 minutes: hot has to wait as well.
    [
      "lets hot wait when a rare warm is not enough",
      { hotCalls: 14, warmCalls: 300, callsPerMin: 20 },
      { hotEveryMin: 2, warmEveryMin: 240 },
    ],
    [
      "lets hot wait when it does not fit by itself",
      { hotCalls: 60, warmCalls: 120, callsPerMin: 20 },
      { hotEveryMin: 5, warmEveryMin: 240 },
    ],
    [
      "lets a pass that fills the budget wait as long as it must",
      { hotCalls: 10, warmCalls: 4_500, callsPerMin: 20 },
      { hotEveryMin: 2, warmEveryMin: 600 },
    ],
    [
      "reads warm no more often than hot",
      { hotCalls: 6_000, warmCalls: 10, callsPerMin: 20 },
      { hotEveryMin: 402, warmEveryMin: 405 },
    ],
    [
      "plans even without a budget",
      { hotCalls: 1, warmCalls: 1, callsPerMin: 0 },
      { hotEveryMin: 11, warmEveryMin: 240 },
    ],
  ])("%s", (_, facts, expected) => {
    expect(decideCadence(facts)).toEqual(expected);
  });

  it("never plans more calls than it may, once it has to wait", () => {
    for (const hotCalls of [1, 7, 30, 400]) {
      for (const warmCalls of [1, 80, 900, 20_000]) {
        for (const callsPerMin of [5, 21, 69, 212]) {
          const cadence = decideCadence({ hotCalls, warmCalls, callsPerMin });
          expect(computeLoad({ hotCalls, warmCalls, ...cadence })).toBeLessThanOrEqual(callsPerMin);
        }
      }
    }
  });
});

describe("smoothCalls", () => {
  it.each<[string, number | null, number, number]>([
    ["begins with what it sees", null, 12, 12],
    ["takes one odd pass for two fifths", 10, 110, 50],
    ["comes down again", 50, 10, 34],
    ["stays where nothing changes", 4, 4, 4],
  ])("%s", (_, before, calls, expected) => {
    expect(smoothCalls(before, calls)).toBe(expected);
  });
});
