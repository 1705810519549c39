import { describe, expect, test } from "vitest";
import { HOUR_MS } from "#server/lib/duration.ts";
import { type ClockSkewDecision, decideClockSkew } from "./decide-clock-skew.ts";

describe("decideClockSkew", () => {
  test.each<[string, number | null, ClockSkewDecision]>([
    ["nobody said the time", null, { verdict: "unknown" }],
    ["equal", 0, { verdict: "right" }],
    ["half a minute ahead is still right", 30_000, { verdict: "right" }],
    ["half a minute behind is still right", -30_000, { verdict: "right" }],
    ["a moment more is ahead", 30_001, { verdict: "off", cause: "clock_ahead", skewSeconds: 30 }],
    ["a moment more is behind", -30_001, { verdict: "off", cause: "clock_behind", skewSeconds: -30 }],
    ["an hour, as by a wrong zone", HOUR_MS, { verdict: "off", cause: "clock_ahead", skewSeconds: 3_600 }],
    ["an hour behind", -HOUR_MS, { verdict: "off", cause: "clock_behind", skewSeconds: -3_600 }],
  ])("%s", (_sentence, skewMs, decision) => {
    expect(decideClockSkew(skewMs)).toEqual(decision);
  });
});
