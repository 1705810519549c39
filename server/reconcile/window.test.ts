import { describe, expect, it, test } from "vitest";
import { contains, daysOf, lengthInDays, tierWindow } from "./window.ts";

const at = (iso: string) => new Date(iso);
const WINDOW = { back: 90, ahead: 90 };

/** Instants that a local calendar would get wrong, as a US operator and a European one live them. */
const NOWS = [
  { when: "an ordinary noon", now: "2026-06-10T12:00:00Z", today: "2026-06-10" },
  { when: "the hour that US clocks skip", now: "2026-03-08T08:30:00Z", today: "2026-03-08" },
  { when: "the hour that US clocks repeat", now: "2026-11-01T06:30:00Z", today: "2026-11-01" },
  { when: "the hour that European clocks skip", now: "2026-03-29T01:30:00Z", today: "2026-03-29" },
  {
    when: "late evening in Chicago, already tomorrow in UTC",
    now: "2026-03-08T04:59:59Z",
    today: "2026-03-08",
  },
  { when: "the last millisecond of a UTC day", now: "2026-03-10T23:59:59.999Z", today: "2026-03-10" },
  { when: "the first instant of a UTC day", now: "2026-03-11T00:00:00.000Z", today: "2026-03-11" },
];

describe("tierWindow", () => {
  test.each(NOWS)("cuts whole UTC days at $when", ({ now, today }) => {
    const midnight = at(`${today}T00:00:00.000Z`).getTime();
    const day = 86_400_000;
    const bounds = (tier: "hot" | "warm" | "cold") => {
      const { from, to } = tierWindow(tier, at(now), WINDOW);
      return [(from.getTime() - midnight) / day, (to.getTime() - midnight) / day];
    };
    // The end is exclusive: the day that lies `ahead` days ahead belongs to the window as a whole, tomorrow's last day too.
    expect(bounds("hot")).toEqual([-2, 15]);
    expect(bounds("warm")).toEqual([-90, 92]);
    expect(bounds("cold")).toEqual([-365, -90]);
  });

  it("leaves no gap between cold and warm and covers hot by warm", () => {
    const now = at("2026-03-10T15:00:00Z");
    const [hot, warm, cold] = (["hot", "warm", "cold"] as const).map((tier) => tierWindow(tier, now, WINDOW));
    expect(cold?.to).toEqual(warm?.from);
    expect(warm?.from.getTime()).toBeLessThan(hot?.from.getTime() ?? 0);
    expect(warm?.to.getTime()).toBeGreaterThan(hot?.to.getTime() ?? 0);
  });

  it("follows the workspace's own window (R9)", () => {
    const { from, to } = tierWindow("warm", at("2026-03-10T15:00:00Z"), { back: 30, ahead: 7 });
    expect([from, to]).toEqual([at("2026-02-08T00:00:00Z"), at("2026-03-19T00:00:00Z")]);
  });
});

describe("days of a window", () => {
  it.each([
    { week: "US spring forward", from: "2026-03-05", to: "2026-03-12" },
    { week: "US fall back", from: "2026-10-29", to: "2026-11-05" },
    { week: "European spring forward", from: "2026-03-26", to: "2026-04-02" },
    { week: "European fall back", from: "2026-10-22", to: "2026-10-29" },
    { week: "a leap day", from: "2028-02-25", to: "2028-03-03" },
  ])("are seven in the week of $week, each at midnight UTC", ({ from, to }) => {
    const window = { from: at(`${from}T00:00:00Z`), to: at(`${to}T00:00:00Z`) };
    const days = daysOf(window);
    expect(lengthInDays(window)).toBe(7);
    expect(days).toHaveLength(7);
    expect(days.every((d) => d.toISOString().endsWith("T00:00:00.000Z"))).toBe(true);
    expect(new Set(days.map(Number)).size).toBe(7);
  });

  it("hold every instant once: the start belongs to the window, the end to the next", () => {
    const window = { from: at("2026-03-10T00:00:00Z"), to: at("2026-03-11T00:00:00Z") };
    expect(contains(window, window.from)).toBe(true);
    expect(contains(window, at("2026-03-10T23:59:59.999Z"))).toBe(true);
    expect(contains(window, window.to)).toBe(false);
    expect(contains(window, at("2026-03-09T23:59:59.999Z"))).toBe(false);
  });

  it("are none in an empty window", () => {
    const instant = at("2026-03-10T00:00:00Z");
    expect(daysOf({ from: instant, to: instant })).toEqual([]);
  });
});
