import { expect, test } from "vitest";
import { type CallOutcome, decideCallOutcome } from "./decide-call-outcome.ts";

test.each<[number | null, CallOutcome]>([
  [200, "ok"],
  [204, "ok"],
  [302, "refused"],
  [400, "refused"],
  [401, "unauthorized"],
  [403, "unauthorized"],
  [404, "not_found"],
  [429, "rate_limited"],
  [500, "failed"],
  [503, "failed"],
  [null, "no_answer"],
])("names a call that ended with %s %s", (status, outcome) => {
  expect(decideCallOutcome(status)).toBe(outcome);
});
