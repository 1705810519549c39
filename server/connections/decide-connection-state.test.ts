import { describe, expect, test } from "vitest";
import {
  type ConnectionFacts,
  computeTurnOffAt,
  computeUsualEvents,
  decideConnectionState,
} from "./decide-connection-state.ts";

const SINCE = new Date("2026-11-20T09:12:00Z");

function decide(changes: Partial<ConnectionFacts> = {}) {
  const { state, reasonCode } = decideConnectionState({
    tokenProblem: null,
    isUnreachable: false,
    webhook: { state: "active", retryStartedAt: null },
    usualEvents: null,
    ...changes,
  });
  return [state, reasonCode];
}

const retrying = { state: "active", retryStartedAt: SINCE } as const;
const disabled = { state: "disabled", retryStartedAt: SINCE } as const;

describe("R37: a state is lateness against expectation", () => {
  test.each<[string, Partial<ConnectionFacts>, [string, string | null]]>([
    ["all is well", {}, ["healthy", null]],
    ["no history to compare with is no alarm", { usualEvents: null }, ["healthy", null]],
    ["a silence that happens", { usualEvents: 3 }, ["healthy", null]],
    ["a silence that does not happen by chance", { usualEvents: 5 }, ["quiet", "no_events"]],
    ["Calendly fails to reach us", { webhook: retrying }, ["retrying", "webhook_retrying"]],
    ["we fail to reach Calendly", { isUnreachable: true }, ["retrying", "provider_unreachable"]],
    ["Calendly turned the webhook off", { webhook: disabled }, ["action_needed", "webhook_disabled"]],
    [
      "somebody removed it there",
      { webhook: { state: "gone", retryStartedAt: null } },
      ["action_needed", "webhook_gone"],
    ],
    [
      "the token may not create one",
      { webhook: { state: "none", reason: "no_webhook_scope" } },
      ["polling", "no_webhook_scope"],
    ],
    ["nobody promised events", { webhook: { state: "not_expected" }, usualEvents: 50 }, ["healthy", null]],
    ["a dead token", { tokenProblem: "unauthorized" }, ["action_needed", "unauthorized"]],
    [
      "a dead token outranks everything else",
      { tokenProblem: "unauthorized", isUnreachable: true, webhook: disabled },
      ["action_needed", "unauthorized"],
    ],
    [
      "what a person must repair outranks what repairs itself",
      { isUnreachable: true, webhook: disabled },
      ["action_needed", "webhook_disabled"],
    ],
    [
      "an outage outranks the missing webhook",
      { isUnreachable: true, webhook: { state: "none", reason: "webhook_plan" } },
      ["retrying", "provider_unreachable"],
    ],
    ["retries outrank silence", { webhook: retrying, usualEvents: 50 }, ["retrying", "webhook_retrying"]],
  ])("%s", (_sentence, facts, verdict) => {
    expect(decide(facts)).toEqual(verdict);
  });
});

test("a webhook is turned off a day after the retries began", () => {
  expect(computeTurnOffAt(SINCE)).toEqual(new Date("2026-11-21T09:12:00Z"));
  expect(computeTurnOffAt(null)).toBeNull();
});

test("what is usual is the average of earlier weeks, and unknown without one", () => {
  expect(computeUsualEvents([4, 8, 6])).toBe(6);
  expect(computeUsualEvents([])).toBeNull();
});
