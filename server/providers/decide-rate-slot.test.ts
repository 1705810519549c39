import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addMs, DAY_MS } from "#server/lib/duration.ts";
import { type CallPriority, decideRateSlot, type RateBucketState } from "./decide-rate-slot.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const PRIORITIES: CallPriority[] = ["live", "reconcile", "backfill"];

/** `ages`: how many ms ago each call was granted. */
function buildState(ages: number[], changes: Partial<RateBucketState> = {}): RateBucketState {
  return {
    windowMs: 10_000,
    limit: 10,
    calls: ages.map((age) => NOW.getTime() - age).sort((a, b) => a - b),
    cooldownUntil: null,
    dailyLimit: null,
    dailyUsed: 0,
    dailyResetAt: null,
    ...changes,
  };
}

function decide(state: RateBucketState, priority: CallPriority = "live", now = NOW) {
  return decideRateSlot(state, { priority, now });
}

const times = (count: number, age: number) => Array.from({ length: count }, () => age);

describe("R32: who may call now", () => {
  test.each([
    ["an empty bucket lets anyone call", [], ["go", "go", "go"]],
    ["below its share a backfill calls", times(5, 100), ["go", "go", "go"]],
    ["at 60 % a backfill waits", times(6, 100), ["go", "go", "wait"]],
    ["at 85 % reconciling waits too", times(8, 100), ["go", "wait", "wait"]],
    ["people go on to the last slot", times(9, 100), ["go", "wait", "wait"]],
    ["a full bucket makes everyone wait", times(10, 100), ["wait", "wait", "wait"]],
    ["calls that left the window count nothing", times(10, 10_000), ["go", "go", "go"]],
    ["a call at the window's edge still counts", times(10, 9_999), ["wait", "wait", "wait"]],
  ])("%s", (_sentence, ages, verdicts) => {
    expect(PRIORITIES.map((priority) => decide(buildState(ages), priority).verdict)).toEqual(verdicts);
  });

  test("names the moment from which this priority fits, not only when one call has left", () => {
    const state = buildState([9_000, 8_000, 7_000, 6_000, 5_000, 4_000, 3_000, 2_000]);
    // A backfill may hold six: three of the eight have to leave first.
    expect(decide(state, "backfill")).toEqual({
      verdict: "wait",
      until: addMs(NOW, 3_000),
      because: "window",
    });
    expect(decide(state, "backfill", addMs(NOW, 3_000)).verdict).toBe("go");
    expect(decide(state, "backfill", addMs(NOW, 2_999)).verdict).toBe("wait");
  });

  test("during a cool-down nobody calls, people neither", () => {
    const until = addMs(NOW, 5_000);
    expect(decide(buildState([], { cooldownUntil: until }))).toEqual({
      verdict: "wait",
      until,
      because: "cool_down",
    });
    expect(decide(buildState([], { cooldownUntil: NOW })).verdict).toBe("go");
  });

  test("a limit of one still serves every priority", () => {
    expect(PRIORITIES.map((priority) => decide(buildState([], { limit: 1 }), priority).verdict)).toEqual([
      "go",
      "go",
      "go",
    ]);
  });

  test("a clock that was set back neither frees nor blocks for long", () => {
    const ahead = buildState(times(10, -600_000));
    const blocked = decide(ahead);
    expect(blocked).toMatchObject({ verdict: "wait", until: addMs(NOW, 10_000) });
    const one = decide(buildState([-600_000]));
    expect(one.verdict === "go" && one.next.calls).toEqual([NOW.getTime(), NOW.getTime()]);
  });
});

describe("R32: the daily budget", () => {
  const resetAt = addMs(NOW, 3_600_000);
  test.each([
    ["a backfill keeps the last fifth free", 800, ["go", "go", "wait"]],
    ["reconciling keeps the last twentieth free", 950, ["go", "wait", "wait"]],
    ["a used-up day stops everyone", 1_000, ["wait", "wait", "wait"]],
  ])("%s", (_sentence, dailyUsed, verdicts) => {
    const state = buildState([], { dailyLimit: 1_000, dailyUsed, dailyResetAt: resetAt });
    const decisions = PRIORITIES.map((priority) => decide(state, priority));
    expect(decisions.map(({ verdict }) => verdict)).toEqual(verdicts);
    for (const decision of decisions) {
      if (decision.verdict === "wait") expect(decision).toMatchObject({ until: resetAt, because: "daily" });
    }
  });

  test("the day is over 24 hours after its first call", () => {
    const state = buildState([], { dailyLimit: 1_000, dailyUsed: 1_000, dailyResetAt: NOW });
    const decision = decide(state, "backfill");
    expect(decision.verdict === "go" && decision.next).toMatchObject({
      dailyUsed: 1,
      dailyResetAt: addMs(NOW, DAY_MS),
    });
  });
});

test("no window of any offset ever holds more than the limit, whoever asks and when", () => {
  const request = fc.record({ gap: fc.nat({ max: 1_500 }), priority: fc.constantFrom(...PRIORITIES) });
  fc.assert(
    fc.property(fc.array(request, { maxLength: 200 }), fc.integer({ min: 1, max: 12 }), (requests, limit) => {
      let state = buildState([], { limit });
      let now = NOW;
      const granted: number[] = [];
      for (const { gap, priority } of requests) {
        now = addMs(now, gap);
        const decision = decideRateSlot(state, { priority, now });
        if (decision.verdict === "wait") {
          // A caller comes back exactly when it was told to, and is then served or told a later time.
          expect(decision.until > now).toBe(true);
          continue;
        }
        state = decision.next;
        granted.push(now.getTime());
      }
      for (const [i, at] of granted.entries()) {
        const inWindow = granted.slice(i).filter((other) => other < at + state.windowMs);
        expect(inWindow.length).toBeLessThanOrEqual(limit);
      }
    }),
  );
});
