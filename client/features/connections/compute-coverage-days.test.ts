import { expect, test } from "vitest";
import { computeCoverageDays, summarizeCoverage } from "./compute-coverage-days.ts";

const NOW = Date.parse("2026-03-10T15:00:00Z"); // a Tuesday
const at = (day: string, verifiedAt: string, fullScope = true) => ({ day, verifiedAt, fullScope });

test("lays the window out in weeks that begin on Monday", () => {
  const days = computeCoverageDays([], { lookbackDays: 2, lookaheadDays: 6 }, NOW);
  expect(days.map(({ day, week, weekday }) => `${day} ${week}/${weekday}`)).toEqual([
    "2026-03-08 0/6",
    "2026-03-09 1/0",
    "2026-03-10 1/1",
    "2026-03-11 1/2",
    "2026-03-12 1/3",
    "2026-03-13 1/4",
    "2026-03-14 1/5",
    "2026-03-15 1/6",
    "2026-03-16 2/0",
  ]);
  expect(days.filter(({ isToday }) => isToday).map(({ day }) => day)).toEqual(["2026-03-10"]);
});

test("a day is as fresh as its last verification", () => {
  const coverage = [
    at("2026-03-09", "2026-03-10T14:45:00Z"),
    at("2026-03-10", "2026-03-10T03:00:00Z"),
    at("2026-03-11", "2026-03-01T00:00:00Z", false),
  ];
  const days = computeCoverageDays(coverage, { lookbackDays: 1, lookaheadDays: 2 }, NOW);
  expect(days.map(({ freshness }) => freshness)).toEqual(["fresh", "day", "old", "never"]);
  expect(days.map(({ isPartial }) => isPartial)).toEqual([false, false, true, false]);
  expect(summarizeCoverage(days, NOW)).toEqual({
    verified: 3,
    total: 4,
    oldestMs: Date.parse("2026-03-01T00:00:00Z"),
  });
});

test("nothing verified has no oldest", () => {
  const days = computeCoverageDays([], { lookbackDays: 0, lookaheadDays: 0 }, NOW);
  expect(summarizeCoverage(days, NOW)).toEqual({ verified: 0, total: 1, oldestMs: null });
});
