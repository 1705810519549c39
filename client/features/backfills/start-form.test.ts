import { describe, expect, it } from "vitest";
import type { RunEstimate } from "./run.ts";
import {
  createForm,
  rangeOfPreset,
  targetOf,
  writeCalls,
  writeEstimate,
  writeStartButton,
} from "./start-form.ts";

const NOW = Date.parse("2026-03-21T23:30:00.000Z");

function buildEstimate(overrides: Partial<RunEstimate["estimate"]> = {}): RunEstimate {
  return {
    estimate: {
      meetings: 14_200,
      leads: null,
      calls: 15_000,
      minutesLow: 22,
      minutesHigh: 31,
      limitShare: 0.3,
      limitProvider: "calendly",
      ...overrides,
    },
    calls: { sweep: 15_000, lookup: 98_000 },
    connections: [],
    slices: 30,
    overlap: { runs: [], uncovered: [] },
  };
}

describe("the form", () => {
  it("begins with the last thirty days, for real", () => {
    expect(createForm(NOW)).toMatchObject({
      preset: 30,
      firstDay: "2026-02-20",
      lastDay: "2026-03-21",
      mode: "run",
    });
  });
  it("begins with a gap it was opened for", () => {
    expect(createForm(NOW, { from: "2026-01-01", to: "2026-02-01" })).toMatchObject({
      preset: "custom",
      firstDay: "2026-01-01",
      lastDay: "2026-01-31",
    });
  });
  it("counts today as one of the last seven days", () => {
    expect(rangeOfPreset(7, NOW)).toEqual({ firstDay: "2026-03-15", lastDay: "2026-03-21" });
  });
  it("asks for the days up to and including the last", () => {
    expect(targetOf(createForm(NOW), ["calendly"])).toEqual({
      providers: ["calendly"],
      mode: "sweep",
      from: "2026-02-20",
      to: "2026-03-22",
    });
  });
  it("asks for nothing while the range is upside down or nothing is connected", () => {
    expect(targetOf({ ...createForm(NOW), firstDay: "2026-04-01" }, ["calendly"])).toBeNull();
    expect(targetOf(createForm(NOW), [])).toBeNull();
    expect(targetOf({ ...createForm(NOW), lastDay: "" }, ["calendly"])).toBeNull();
  });
});

it("says what a run costs", () => {
  expect(writeEstimate(buildEstimate())).toBe(
    "About 14,200 meetings · 22–31 min · uses 30% of Calendly’s limit meanwhile.",
  );
  expect(
    writeEstimate(buildEstimate({ meetings: 1, minutesLow: 1, minutesHigh: 1, limitShare: 0.004 })),
  ).toBe("About 1 meeting · about a minute · uses 1% of Calendly’s limit meanwhile.");
});

it("says what looking leads up costs, and what each way would", () => {
  const estimate = buildEstimate({ meetings: null, leads: 1_200 });
  expect(writeEstimate(estimate)).toContain("1,200 leads · 22–31 min");
  expect(writeCalls(estimate)).toBe("About 15,000 calls by calendar, 98,000 lead by lead.");
  expect(writeStartButton("run", estimate)).toBe("Start backfill of 1,200 leads");
});

it("says who could not be asked", () => {
  const estimate = buildEstimate({ meetings: null });
  const connections = [{ id: "c", workspaceId: "w", provider: "calendly" as const, isReachable: false }];
  expect(writeEstimate({ ...estimate, connections })).toContain("Calendly could not be asked just now.");
});

it("puts the number on the button", () => {
  expect(writeStartButton("run", buildEstimate())).toBe("Start backfill of ~14,200 meetings");
  expect(writeStartButton("dry", buildEstimate())).toBe("Start dry run of ~14,200 meetings");
  expect(writeStartButton("run", buildEstimate({ meetings: 0 }))).toBe("Start backfill of 30 days");
  expect(writeStartButton("run", undefined)).toBe("Start backfill");
});
