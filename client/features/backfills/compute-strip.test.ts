import { expect, it } from "vitest";
import { computeStrip } from "./compute-strip.ts";

const NOW = Date.parse("2026-03-21T14:00:00.000Z");
const DAY_MS = 86_400_000;
const ago = (days: number) => new Date(NOW - days * DAY_MS).toISOString();

it("tells today, this week, older and never", () => {
  const days = [ago(0.5), ago(3), ago(20), null].map((verifiedAt, index) => ({
    day: `d${index}`,
    verifiedAt,
  }));
  expect(computeStrip(days, NOW).map(({ freshness }) => freshness)).toEqual([
    "today",
    "week",
    "older",
    "never",
  ]);
});

it("draws a year in bars of a few days, each as stale as the worst of them", () => {
  const days = Array.from({ length: 365 }, (_, index) => ({
    day: `d${index}`,
    verifiedAt: index === 5 ? null : ago(0),
  }));
  const bars = computeStrip(days, NOW);
  expect(bars.length).toBeLessThanOrEqual(120);
  expect(bars.filter(({ freshness }) => freshness === "never")).toHaveLength(1);
  expect(bars.reduce((sum, bar) => sum + bar.days, 0)).toBe(365);
});

it("has no bar without a day", () => {
  expect(computeStrip([], NOW)).toEqual([]);
});
