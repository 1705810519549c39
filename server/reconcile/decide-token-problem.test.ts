import { expect, test } from "vitest";
import type { ProviderErrorKind } from "#server/providers/provider-error.ts";
import { decideTokenProblem, type TokenProblem } from "./decide-token-problem.ts";

test.each<[string, ProviderErrorKind, unknown, TokenProblem | null]>([
  ["a dead token", "unauthorized", undefined, "unauthorized"],
  ["a scope that is not ticked", "scope", { reason: "scope", requiredScopes: ["a:read"] }, "scope_missing"],
  ["a plan that lost it", "scope", { reason: "plan" }, "plan"],
  ["a member who was an administrator", "scope", { reason: "role" }, "role_lost"],
  ["another location's token", "scope", { reason: "location" }, "wrong_location"],
  ["an agency's token", "scope", { reason: "token_kind" }, "token_kind"],
  ["a refusal without a reason", "scope", null, "scope_missing"],
  ["an outage", "unavailable", { reason: "timeout" }, null],
])("%s", (_sentence, kind, details, expected) => {
  expect(decideTokenProblem({ kind, details })).toBe(expected);
});
