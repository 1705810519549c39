import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideRetryWaitMs } from "./decide-retry-wait.ts";

const NOW = new Date("2026-11-20T12:00:00Z");

function decide(headers: { retryAfter?: string; reset?: string }, random = 0, windowMs = 60_000) {
  const { retryAfter = null, reset = null } = headers;
  return decideRetryWaitMs({ retryAfter, reset, windowMs, now: NOW }, () => random);
}

describe("how long a refused bucket rests", () => {
  test.each([
    ["a reset in seconds", { reset: "60" }, 60_000],
    ["a reset in milliseconds", { reset: "42000" }, 42_000],
    ["a reset as Unix seconds", { reset: String(NOW.getTime() / 1000 + 30) }, 30_000],
    ["a reset as Unix milliseconds", { reset: String(NOW.getTime() + 30_000) }, 30_000],
    ["a reset in the past", { reset: String(NOW.getTime() - 30_000) }, 1_000],
    ["a reset of nought", { reset: "0" }, 1_000],
    ["Retry-After in seconds", { retryAfter: "7" }, 7_000],
    ["Retry-After as a date", { retryAfter: "Fri, 20 Nov 2026 12:00:09 GMT" }, 9_000],
    ["Retry-After before the reset", { retryAfter: "7", reset: "60" }, 7_000],
    ["nonsense falls back to the next header", { retryAfter: "-5", reset: "60" }, 60_000],
    ["nothing at all: one window", {}, 60_000],
    ["nonsense only: one window", { retryAfter: "soon", reset: "NaN" }, 60_000],
    ["a day away: bounded", { retryAfter: "86400" }, 900_000],
  ])("%s", (_sentence, headers, expected) => {
    expect(decide(headers)).toBe(expected);
  });

  test("adds up to a tenth, so that callers do not return together", () => {
    expect(decide({ reset: "60" }, 1)).toBe(66_000);
  });

  test("any header text gives a wait between a second and the bound", () => {
    const text = fc.oneof(fc.string(), fc.nat().map(String), fc.double().map(String));
    fc.assert(
      fc.property(text, text, fc.double({ min: 0, max: 1, noNaN: true }), (retryAfter, reset, random) => {
        const waitMs = decide({ retryAfter, reset }, random);
        expect(waitMs).toBeGreaterThanOrEqual(1_000);
        expect(waitMs).toBeLessThanOrEqual(990_000);
      }),
    );
  });
});
