import { describe, expect, test } from "vitest";
import { decideConnectError } from "./decide-connect-error.ts";

const at = new Date("2026-11-20T12:00:10Z");
const refuse = (kind: Parameters<typeof decideConnectError>[0]["kind"], details?: unknown) =>
  decideConnectError({ provider: "calendly", kind, retryAt: kind === "rate_limited" ? at : null, details });

describe("what a provider's no means to the person who connects", () => {
  test.each([
    ["a dead token", refuse("unauthorized"), "unauthorized"],
    ["a scope that was not ticked", refuse("scope", { reason: "scope" }), "scope"],
    ["a member who is no admin", refuse("scope", { reason: "role" }), "role"],
    ["a plan that does not have it", refuse("scope", { reason: "plan" }), "plan"],
    ["another location", refuse("scope", { reason: "location" }), "location"],
    ["an agency's token", refuse("scope", { reason: "token_kind" }), "token_kind"],
    ["a refusal without a reason", refuse("scope"), "scope"],
    ["a webhook that exists", refuse("conflict"), "exists"],
    ["a used-up limit", refuse("rate_limited"), "rate_limited"],
    ["no answer", refuse("unavailable"), "network"],
    ["an answer nobody understands", refuse("unexpected"), "unexpected"],
    ["an id Calendly does not know", refuse("not_found"), "unexpected"],
  ])("%s", (_sentence, error, code) => {
    expect(error.code).toBe(code);
  });

  test("names the scopes that are missing and the time to come back", () => {
    expect(refuse("scope", { reason: "scope", requiredScopes: ["webhooks:write"] }).requiredScopes).toEqual([
      "webhooks:write",
    ]);
    expect(refuse("rate_limited").at).toEqual(at);
  });

  test("a location that HighLevel does not know is the location's fault", () => {
    const error = decideConnectError({
      provider: "highlevel",
      kind: "not_found",
      retryAt: null,
      details: null,
    });
    expect(error.code).toBe("location");
  });
});
