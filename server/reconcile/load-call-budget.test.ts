import { describe, expect, it } from "vitest";
import { MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import { computeCallBudget } from "./load-call-budget.ts";

describe("computeCallBudget (R29, R32)", () => {
  it("plans with what reconciling may take of Calendly's half", () => {
    const bucket = { windowMs: MINUTE_MS, limit: 250, dailyLimit: null };
    expect(computeCallBudget("calendly", bucket)).toBeCloseTo(212.5);
  });

  it("shrinks with a smaller plan", () => {
    const bucket = { windowMs: MINUTE_MS, limit: 25, dailyLimit: null };
    expect(computeCallBudget("calendly", bucket)).toBeCloseTo(21.25);
  });

  it("plans with half of HighLevel's window where the day allows it", () => {
    const bucket = { windowMs: 10 * SECOND_MS, limit: 90, dailyLimit: null };
    expect(computeCallBudget("highlevel", bucket)).toBeCloseTo(300);
  });

  it("spreads half of HighLevel's daily budget over the day", () => {
    const bucket = { windowMs: 10 * SECOND_MS, limit: 90, dailyLimit: 200_000 };
    expect(computeCallBudget("highlevel", bucket)).toBeCloseTo(69.4, 1);
  });
});
