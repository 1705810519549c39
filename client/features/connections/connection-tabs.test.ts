import { describe, expect, test } from "vitest";
import { buildTabs, decideTab } from "./connection-tabs.ts";
import type { ConnectionRow } from "./connection-types.ts";

type Facts = {
  provider?: "calendly" | "highlevel";
  chosenAt?: string | null;
  reasonCode?: string | null;
  hasSigningKey?: boolean;
  lastEventAt?: string | null;
};

/** Only what the tabs look at. */
function buildRow({
  provider = "calendly",
  chosenAt = "2026-03-10T00:00:00Z",
  reasonCode = null,
  hasSigningKey = false,
  lastEventAt = null,
}: Facts = {}) {
  const webhook = reasonCode === null ? { state: "active" } : null;
  return {
    provider,
    reasonCode,
    webhook,
    hasSigningKey,
    lastEventAt,
    eventTypes: { chosenAt },
  } as ConnectionRow;
}

describe("which tab is shown", () => {
  test.each<[string, ReturnType<typeof decideTab>, Parameters<typeof decideTab>]>([
    ["an unfinished setup comes first", "setup", [undefined, buildRow({ chosenAt: null }), true]],
    [
      "so does a missing webhook",
      "setup",
      [undefined, buildRow({ reasonCode: "webhook_not_created" }), true],
    ],
    [
      "a webhook that cannot be ends the setup",
      "health",
      [undefined, buildRow({ reasonCode: "webhook_plan" }), true],
    ],
    ["a finished one opens on its health", "health", [undefined, buildRow(), true]],
    ["the URL decides", "token", ["token", buildRow({ chosenAt: null }), true]],
    [
      "HighLevel has no deliveries before anything points at us",
      "health",
      ["deliveries", buildRow({ provider: "highlevel" }), true],
    ],
    [
      "it has them with a secret for its workflows",
      "deliveries",
      ["deliveries", buildRow({ provider: "highlevel", hasSigningKey: true }), true],
    ],
    [
      "and with a first event of the marketplace",
      "deliveries",
      ["deliveries", buildRow({ provider: "highlevel", lastEventAt: "2026-03-10T00:00:00Z" }), true],
    ],
    ["who may only look sees the health", "health", ["disconnect", buildRow(), false]],
  ])("%s", (_sentence, expected, args) => {
    expect(decideTab(...args)).toBe(expected);
  });

  test("who may only look gets one tab, an owner all of them", () => {
    const labels = (mayManage: boolean) =>
      buildTabs(buildRow(), "health", mayManage).map(({ label }) => label);
    expect(labels(false)).toEqual(["Health"]);
    expect(labels(true)).toEqual(["Health", "Deliveries", "Event types", "Token and key", "Disconnect"]);
  });
});
