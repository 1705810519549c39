import { describe, expect, test } from "vitest";
import { foldSlices } from "./fold-slices.ts";
import type { RunSlice } from "./run.ts";

function buildSlice(dayOfMarch: number, overrides: Partial<RunSlice> = {}): RunSlice {
  const day = `2026-03-${String(dayOfMarch).padStart(2, "0")}T00:00:00.000Z`;
  return {
    id: `slice-${dayOfMarch}`,
    provider: "calendly",
    workspaceName: "Northwind",
    day,
    state: "done",
    done: 0,
    known: 0,
    failed: 0,
    errorCode: null,
    startedAt: `2026-04-01T10:00:${String(60 - dayOfMarch)}.000Z`,
    endedAt: "2026-04-01T10:01:00.000Z",
    ...overrides,
  } as RunSlice;
}

const shape = (slices: RunSlice[]) =>
  foldSlices(slices).map((entry) => ("slice" in entry ? entry.slice.id : `${entry.quiet.days} quiet days`));

describe("the log of a run", () => {
  test("says quiet days in one line, between those that found something", () => {
    const slices = [9, 8, 7, 6, 5, 4].map((day) => buildSlice(day, day === 8 ? { done: 2 } : {}));
    expect(shape(slices)).toEqual(["slice-9", "slice-8", "4 quiet days"]);
    expect(foldSlices(slices).at(-1)).toMatchObject({
      quiet: { from: "2026-03-04T00:00:00.000Z", to: "2026-03-07T00:00:00.000Z" },
    });
  });

  test("keeps two quiet days as they are", () => {
    expect(shape([buildSlice(2), buildSlice(1)])).toEqual(["slice-2", "slice-1"]);
  });

  test("keeps what failed, what is being read and what was known", () => {
    const slices = [
      buildSlice(4, { state: "failed", errorCode: "provider_unavailable" }),
      buildSlice(3, { state: "running" }),
      buildSlice(2, { known: 1 }),
    ];
    expect(shape(slices)).toEqual(["slice-4", "slice-3", "slice-2"]);
  });

  test("does not mix calendars", () => {
    const slices = [6, 5, 4].map((day) => buildSlice(day));
    const others = [3, 2, 1].map((day) => buildSlice(day, { provider: "highlevel" }));
    expect(shape([...slices, ...others])).toEqual(["3 quiet days", "3 quiet days"]);
  });
});
