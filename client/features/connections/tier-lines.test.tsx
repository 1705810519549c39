import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { TierLines } from "./tier-lines.tsx";

afterEach(cleanup);

const completeAt = new Date(Date.now() - 5_000).toISOString();
const WEEK = 7 * 24 * 60;

function show(hot: number, warm: number) {
  render(
    <TierLines
      provider="calendly"
      tiers={[
        { tier: "hot", everyMin: hot, promisedMin: 1, completeAt },
        { tier: "warm", everyMin: warm, promisedMin: 15, completeAt },
        { tier: "cold", everyMin: WEEK, promisedMin: WEEK, completeAt: null },
      ]}
    />,
  );
  return screen.getAllByRole("listitem").map((line) => line.textContent);
}

it("says how often each part is read and when it was last complete", () => {
  expect(show(1, 15)).toEqual([
    expect.stringMatching(/^Next two weeks every minute, complete \d+ s ago$/),
    expect.stringMatching(/^Whole window every 15 min, complete \d+ s ago$/),
    "A year back weekly, not complete yet",
  ]);
  expect(screen.queryByText(/^Less often than promised/)).toBeNull();
});

it("says why a part is read less often than promised", () => {
  const [hot, warm] = show(2, 240);
  expect(hot).toMatch(/^Next two weeks every 2 min,/);
  expect(warm).toMatch(/^Whole window every 4 h,/);
  expect(
    screen.getByText("Less often than promised: the passes fill half of what Calendly grants."),
  ).toBeDefined();
});
