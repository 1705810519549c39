import { expect, test, vi } from "vitest";
import { SettableClock } from "#server/lib/clock.ts";
import { MINUTE_MS } from "#server/lib/duration.ts";
import { createLog } from "#server/lib/log.ts";
import { createRefusalLog } from "./refusal-log.ts";

test("says each reason once a minute, and how often it was not said", () => {
  const log = createLog("silent");
  const warn = vi.spyOn(log, "warn");
  const clock = new SettableClock(new Date("2026-11-20T10:00:00Z"));
  const logRefusal = createRefusalLog({ log, clock });
  for (let i = 0; i < 5; i++) logRefusal("wrong");
  logRefusal("missing");
  clock.advance(MINUTE_MS);
  logRefusal("wrong");
  expect(warn.mock.calls.map(([facts]) => facts)).toEqual([
    { reason: "wrong", moreBefore: 0 },
    { reason: "missing", moreBefore: 0 },
    { reason: "wrong", moreBefore: 4 },
  ]);
});
