import { describe, expect, it, test } from "vitest";
import { addMs, MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import type { ProviderErrorKind } from "#server/providers/provider-error.ts";
import { TEST_NOW } from "#server/testing/factories.ts";
import { decideBreaker } from "./decide-breaker.ts";

const fail = (failures: number, kind: ProviderErrorKind, retryAt: Date | null = null) =>
  decideBreaker(failures, { kind, retryAt }, TEST_NOW);

describe("decideBreaker (R31)", () => {
  test.each([
    { before: 0, restMs: 30 * SECOND_MS },
    { before: 1, restMs: MINUTE_MS },
    { before: 2, restMs: 2 * MINUTE_MS },
    { before: 3, restMs: 4 * MINUTE_MS },
    { before: 4, restMs: 8 * MINUTE_MS },
    { before: 5, restMs: 15 * MINUTE_MS },
    { before: 6, restMs: 15 * MINUTE_MS },
    { before: 5_000, restMs: 15 * MINUTE_MS },
  ])("rests longer after each failure, a quarter of an hour at most: after $before", ({ before, restMs }) => {
    expect(fail(before, "unavailable")).toEqual({
      failures: before + 1,
      until: addMs(TEST_NOW, restMs),
      needsAction: false,
    });
  });

  it.each(["unauthorized", "scope"] as const)("asks for a person when the token is no good: %s", (kind) => {
    expect(fail(0, kind)).toEqual({ failures: 1, until: addMs(TEST_NOW, 15 * MINUTE_MS), needsAction: true });
  });

  it("does not count a rate limit as a failure and believes the time it names", () => {
    const retryAt = addMs(TEST_NOW, 42 * SECOND_MS);
    expect(fail(3, "rate_limited", retryAt)).toEqual({ failures: 3, until: retryAt, needsAction: false });
  });

  it("rests briefly at a rate limit that names no time", () => {
    expect(fail(0, "rate_limited").until).toEqual(addMs(TEST_NOW, 30 * SECOND_MS));
  });
});
