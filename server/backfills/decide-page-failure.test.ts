import { expect, it } from "vitest";
import { addMs } from "#server/lib/duration.ts";
import { decidePageFailure, type PageFailureFacts } from "./decide-page-failure.ts";

const NOW = new Date("2026-03-10T15:00:00.000Z");
const facts = (overrides: Partial<PageFailureFacts>): PageFailureFacts => ({
  kind: "unavailable",
  retryAt: null,
  attempts: 0,
  hasCursor: false,
  now: NOW,
  ...overrides,
});

it.each<[string, Partial<PageFailureFacts>, object]>([
  [
    "a limit rests until the provider says",
    { kind: "rate_limited", retryAt: addMs(NOW, 7_000) },
    { outcome: "rest", until: addMs(NOW, 7_000) },
  ],
  [
    "a limit without a time rests for half a minute",
    { kind: "rate_limited" },
    { outcome: "rest", until: addMs(NOW, 30_000) },
  ],
  [
    "a limit is no attempt, however many there were",
    { kind: "rate_limited", attempts: 40 },
    { outcome: "rest", until: addMs(NOW, 30_000) },
  ],
  ["a dead token parks the run", { kind: "unauthorized" }, { outcome: "park" }],
  ["a missing scope parks the run", { kind: "scope" }, { outcome: "park" }],
  [
    "silence is tried again where it stood",
    { hasCursor: true },
    { outcome: "retry", delayMs: 1_000, fromStart: false },
  ],
  ["each time later", { attempts: 3 }, { outcome: "retry", delayMs: 8_000, fromStart: false }],
  [
    "an odd answer to a page token begins the slice again",
    { kind: "unexpected", hasCursor: true },
    { outcome: "retry", delayMs: 1_000, fromStart: true },
  ],
  [
    "the fifth failure leaves the slice",
    { attempts: 4 },
    { outcome: "give_up", code: "provider_unavailable" },
  ],
  [
    "our own failure is tried and left alike",
    { kind: null, attempts: 4 },
    { outcome: "give_up", code: "internal" },
  ],
])("%s", (_sentence, overrides, expected) => {
  expect(decidePageFailure(facts(overrides))).toEqual(expected);
});
