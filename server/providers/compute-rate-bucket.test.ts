import { describe, expect, test } from "vitest";
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { applyCoolDown, applyRateFacts } from "./compute-rate-bucket.ts";
import type { RateBucketState } from "./decide-rate-slot.ts";
import { startingState } from "./rate-bucket.ts";

const NOW = new Date("2026-11-20T12:00:00Z");

function buildState(changes: Partial<RateBucketState> = {}): RateBucketState {
  return { ...startingState("calendly:user"), limit: 100, ...changes };
}

describe("what a reply teaches", () => {
  test("a lower limit holds at once", () => {
    expect(applyRateFacts(buildState(), { limit: 25 }, NOW).limit).toBe(25);
  });

  test("a higher one is approached in steps and never passed", () => {
    let state = buildState();
    const limits = Array.from({ length: 25 }, () => {
      state = applyRateFacts(state, { limit: 200 }, NOW);
      return state.limit;
    });
    expect(limits.slice(0, 3)).toEqual([110, 120, 130]);
    expect(limits.at(-1)).toBe(200);
  });

  test("nothing left, because others call too, rests the bucket until the reset", () => {
    const state = applyRateFacts(buildState(), { remaining: 0, resetInMs: 30_000 }, NOW);
    expect(state).toMatchObject({ cooldownUntil: addMs(NOW, 30_000), limit: 100 });
  });

  test("the provider's count of the day replaces ours", () => {
    const facts = { dailyLimit: 10_000, dailyRemaining: 400, dailyResetInMs: HOUR_MS };
    expect(applyRateFacts(buildState({ dailyUsed: 3 }), facts, NOW)).toMatchObject({
      dailyLimit: 10_000,
      dailyUsed: 9_600,
      dailyResetAt: addMs(NOW, HOUR_MS),
    });
  });

  test("headers that say nothing change nothing", () => {
    expect(applyRateFacts(buildState(), {}, NOW)).toEqual(buildState());
  });
});

describe("after a refusal", () => {
  test("the bucket rests and comes back at half its rate", () => {
    const state = applyCoolDown(buildState(), MINUTE_MS, {}, NOW);
    expect(state).toMatchObject({ limit: 50, cooldownUntil: addMs(NOW, MINUTE_MS) });
  });

  test("refusals that were already on their way halve nothing further", () => {
    const first = applyCoolDown(buildState(), MINUTE_MS, {}, NOW);
    const second = applyCoolDown(first, 10_000, {}, addMs(NOW, 500));
    expect(second).toEqual(first);
    expect(applyCoolDown(first, 2 * MINUTE_MS, {}, NOW).cooldownUntil).toEqual(addMs(NOW, 2 * MINUTE_MS));
  });

  test("a lower limit in the refusal holds at once, a higher one does not", () => {
    const limits = [25, 80].map((limit) => applyCoolDown(buildState(), MINUTE_MS, { limit }, NOW).limit);
    expect(limits).toEqual([25, 50]);
  });

  test("a used-up day in the refusal is remembered", () => {
    const facts = { dailyLimit: 10_000, dailyRemaining: 0, dailyResetInMs: 6 * HOUR_MS };
    expect(applyCoolDown(buildState(), MINUTE_MS, facts, NOW)).toMatchObject({
      dailyUsed: 10_000,
      dailyResetAt: addMs(NOW, 6 * HOUR_MS),
      cooldownUntil: addMs(NOW, MINUTE_MS),
    });
  });

  test("a storm of refusals leaves a trickle", () => {
    let state = buildState();
    for (let i = 1; i <= 20; i++) state = applyCoolDown(state, MINUTE_MS, {}, addMs(NOW, i * HOUR_MS));
    expect(state.limit).toBe(5);
  });

  test("a small limit is not raised by it", () => {
    expect(applyCoolDown(buildState({ limit: 3 }), MINUTE_MS, {}, NOW).limit).toBe(3);
  });

  test("nothing silences a bucket for a day", () => {
    expect(applyCoolDown(buildState(), DAY_MS, {}, NOW).cooldownUntil).toEqual(addMs(NOW, 20 * MINUTE_MS));
  });
});
