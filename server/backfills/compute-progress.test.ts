import { describe, expect, it } from "vitest";
import { addMs } from "#server/lib/duration.ts";
import {
  addRateSample,
  computeProgress,
  type ProgressFacts,
  type RateSample,
  roundSpan,
} from "./compute-progress.ts";

const START = new Date("2026-03-10T15:00:00.000Z");
const at = (seconds: number) => addMs(START, seconds * 1_000);

/** A run at a steady pace, sampled every two seconds. */
function steady(seconds: number, perSecond: number, from: { at: number; done: number } = { at: 0, done: 0 }) {
  let samples: RateSample[] = [];
  for (let s = from.at; s <= from.at + seconds; s += 2) {
    samples = addRateSample(samples, { at: at(s).getTime(), done: from.done + (s - from.at) * perSecond });
  }
  return samples;
}

function progress(overrides: Partial<ProgressFacts>) {
  return computeProgress({
    state: "running",
    done: 0,
    known: 0,
    failed: 0,
    expected: 1_000,
    slices: { over: 12, total: 30 },
    startedAt: START,
    waitingSince: null,
    samples: [],
    now: at(60),
    ...overrides,
  });
}

describe("percent", () => {
  it("counts what was written, what was known and what failed", () => {
    expect(progress({ done: 400, known: 180, failed: 10 })).toMatchObject({ processed: 590, percent: 59 });
  });
  it("stays below 100 until the run has ended, and says when the estimate was short", () => {
    expect(progress({ done: 1_200 })).toMatchObject({ percent: 99, isOverEstimate: true });
  });
  it("is 100 of what there was when the run has succeeded", () => {
    expect(progress({ state: "succeeded", done: 900 })).toMatchObject({
      percent: 100,
      total: 900,
      totalIsEstimate: false,
    });
  });
  it("keeps its place when the run was canceled", () => {
    expect(progress({ state: "canceled", done: 590 })).toMatchObject({ percent: 59, total: 1_000 });
  });
  it("goes by slices when nobody knows how many meetings there are", () => {
    for (const expected of [null, 0]) {
      expect(progress({ done: 300, expected })).toMatchObject({ percent: 40, processed: 300, total: null });
    }
  });
});

describe("rate", () => {
  it("is the average of the last minute", () => {
    expect(progress({ samples: steady(80, 9), now: at(80) }).ratePerSecond).toBeCloseTo(9, 5);
  });
  it("falls while nothing comes", () => {
    expect(progress({ samples: steady(60, 9), now: at(90) }).ratePerSecond).toBeCloseTo(4.5, 1);
  });
  it("is nothing for a run that has ended", () => {
    expect(progress({ state: "succeeded", samples: steady(60, 9) }).ratePerSecond).toBeNull();
  });
});

describe("time left", () => {
  const going = (overrides: Partial<ProgressFacts> = {}) =>
    progress({ done: 600, expected: 6_600, samples: steady(60, 10), now: at(60), ...overrides }).eta;

  it("is a range around the present pace", () => {
    // 6,000 left at 10/s are 600 s.
    expect(going()).toEqual({ kind: "range", lowSeconds: 480, highSeconds: 720, isFrozen: false });
  });
  it("stays hidden for the first half-minute", () => {
    expect(going({ samples: steady(28, 10), done: 280, now: at(28) })).toEqual({ kind: "none" });
  });
  it("stays hidden below two percent", () => {
    expect(going({ expected: 40_000 })).toEqual({ kind: "none" });
  });
  it("is frozen while the run waits", () => {
    const waiting = { state: "waiting" as const, waitingSince: at(60) };
    expect(going({ ...waiting, now: at(75) })).toEqual({
      kind: "range",
      lowSeconds: 480,
      highSeconds: 720,
      isFrozen: true,
    });
  });
  it("never counts up: a slower pace reads as recalculating", () => {
    const samples = [...steady(60, 10), ...steady(12, 1, { at: 62, done: 601 })];
    expect(going({ samples, done: 613, now: at(74) })).toEqual({ kind: "recalculating" });
  });
  it("returns once the new pace holds", () => {
    const samples = steady(100, 2, { at: 62, done: 601 });
    expect(going({ samples, done: 801, now: at(162) }).kind).toBe("range");
  });
  it("says nothing for a paused run", () => {
    expect(going({ state: "paused" })).toEqual({ kind: "none" });
  });
  it("says nothing once the estimate is used up", () => {
    expect(going({ expected: 600 })).toEqual({ kind: "none" });
  });
});

it.each([
  [3, 5],
  [42, 40],
  [58, 60],
  [601, 600],
  [3_700, 3_600],
])("rounds %d s to %d s", (seconds, rounded) => {
  expect(roundSpan(seconds)).toBe(rounded);
});

it("keeps a sample every second or two and forgets the old ones", () => {
  let samples: RateSample[] = [];
  for (let ms = 0; ms <= 300_000; ms += 500) samples = addRateSample(samples, { at: ms, done: ms });
  expect(samples.length).toBeLessThanOrEqual(70);
  expect(samples.at(-1)).toEqual({ at: 300_000, done: 300_000 });
});
