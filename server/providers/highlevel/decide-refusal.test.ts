import { expect, test } from "vitest";
import { decideHighLevelRefusal } from "./decide-refusal.ts";

const say = (message: unknown) => ({ statusCode: 0, message, traceId: "t" });

test.each([
  ["an unknown token", 401, say("Invalid Private Integration token"), "unauthorized", undefined],
  ["an expired token", 401, { ...say("Invalid JWT"), error: "Unauthorized" }, "unauthorized", undefined],
  ["a 401 without a body", 401, undefined, "unauthorized", undefined],
  ["a missing scope", 401, say("The token is not authorized for this scope."), "scope", "scope"],
  [
    "an agency token",
    401,
    say("This authClass type is not allowed to access this scope."),
    "scope",
    "token_kind",
  ],
  ["a user of another kind", 401, say("User type mismatch"), "scope", "token_kind"],
  ["no version header", 401, say("version header was not found."), "unexpected", "version"],
  ["another location", 403, say("The token does not have access to this location."), "scope", "location"],
  ["a contact it does not know", 400, say("Contact with id x not found"), "not_found", undefined],
  ["the same as a list of texts", 422, say(["Contact with id x not found"]), "not_found", undefined],
  ["an appointment it does not know", 404, say("Appointment not found"), "not_found", undefined],
  [
    "a route it does not know proves nothing (R5)",
    404,
    say("Cannot GET /calendars/x"),
    "unexpected",
    "foreign_404",
  ],
  ["an empty 404 proves nothing (R5)", 404, undefined, "unexpected", "foreign_404"],
  ["a property too many", 422, say(["property limit should not exist"]), "unexpected", "refused"],
  ["too many calls", 429, say("Too many requests"), "rate_limited", undefined],
  ["too many calls, without a body", 429, undefined, "rate_limited", undefined],
  ["a search that is overloaded", 429, say("too many open Point In Time contexts"), "unavailable", "search"],
  ["a server error", 502, undefined, "unavailable", undefined],
])("%s", (_sentence, status, body, kind, reason) => {
  const refusal = decideHighLevelRefusal({ status, body, isById: true });
  expect([refusal.kind, refusal.details?.reason]).toEqual([kind, reason]);
});

test("not found in answer to a question that names no id proves nothing", () => {
  const refusal = decideHighLevelRefusal({ status: 400, body: say("Calendar not found"), isById: false });
  expect(refusal.kind).toBe("unexpected");
});
