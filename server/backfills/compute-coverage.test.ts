import { expect, it } from "vitest";
import { type CoverageRow, computeCoverage } from "./compute-coverage.ts";

const day = (text: string) => new Date(`2026-03-${text}T00:00:00.000Z`);
const range = { from: day("01"), to: day("06") };
const row = (connectionId: string, on: string, verified: string): CoverageRow => ({
  connectionId,
  day: day(on),
  verifiedAt: day(verified),
});

it("is only as fresh as the connection that looked least recently", () => {
  const strip = computeCoverage(range, ["c1", "c2"], [row("c1", "02", "20"), row("c2", "02", "18")]);
  expect(strip.days[1]).toEqual({ day: day("02"), verifiedAt: day("18") });
});

it("leaves a day open that one connection never verified", () => {
  const strip = computeCoverage(range, ["c1", "c2"], [row("c1", "02", "20")]);
  expect(strip.days[1]?.verifiedAt).toBeNull();
  expect(strip.unverified).toBe(5);
});

it("names the longest gap, the newest of equal ones", () => {
  const strip = computeCoverage(range, ["c1"], [row("c1", "03", "20")]);
  expect(strip.unverified).toBe(4);
  expect(strip.gap).toEqual({ from: day("04"), to: day("06") });
});

it("has no gap when every day was verified", () => {
  const rows = ["01", "02", "03", "04", "05"].map((on) => row("c1", on, "20"));
  expect(computeCoverage(range, ["c1"], rows)).toMatchObject({ unverified: 0, gap: null });
});

it("has verified nothing without a connection", () => {
  expect(computeCoverage(range, [], []).unverified).toBe(5);
});
