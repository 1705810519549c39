import { expect, test } from "vitest";
import { decideCalendlyRefusal } from "./decide-refusal.ts";

const DENIED = { title: "Permission Denied" };
const UPGRADE = "Please upgrade to a paid Calendly account.";

test.each([
  ["a dead token", 401, { title: "Unauthenticated" }, { kind: "unauthorized" }],
  [
    "a missing scope is named",
    403,
    { title: "Insufficient scope", message: "…", required_scopes: ["scheduled_events:read"] },
    { kind: "scope", details: { reason: "scope", requiredScopes: ["scheduled_events:read"] } },
  ],
  ["a plan too small", 403, { ...DENIED, message: UPGRADE }, { kind: "scope", details: { reason: "plan" } }],
  ["no administrator", 403, { ...DENIED, message: "No" }, { kind: "scope", details: { reason: "role" } }],
  ["an unexplained 403", 403, undefined, { kind: "scope", details: { reason: "role" } }],
  [
    "an id that Calendly does not know",
    404,
    { title: "Resource Not Found", message: "…" },
    { kind: "not_found" },
  ],
  ["somebody else's 404 proves nothing (R5)", 404, undefined, { kind: "unexpected" }],
  ["somebody else's 404 in JSON neither", 404, { error: "not found" }, { kind: "unexpected" }],
  ["a webhook that exists", 409, { title: "Already Exists" }, { kind: "conflict" }],
  ["too many calls, without a body", 429, undefined, { kind: "rate_limited" }],
  ["a calendar that cannot be read", 424, { title: "External Calendar Error" }, { kind: "unavailable" }],
  ["a server error", 500, { title: "Internal Server Error" }, { kind: "unavailable" }],
  [
    "a wrong parameter is named",
    400,
    { title: "Invalid Argument", details: [{ parameter: "start_time", message: "…" }] },
    { kind: "unexpected", details: { reason: "refused", parameters: ["start_time"] } },
  ],
])("%s", (_sentence, status, body, expected) => {
  expect(decideCalendlyRefusal({ status, body, isById: true })).toMatchObject(expected);
});
