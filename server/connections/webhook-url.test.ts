import { expect, test } from "vitest";
import { findFreeUrl, leadsTo, webhookUrl, workflowUrl } from "./webhook-url.ts";

const base = webhookUrl("https://bookproof.example/", "w1");

test("lies under the public address, whatever its trailing slash", () => {
  expect(base).toBe("https://bookproof.example/api/webhooks/calendly/w1");
  expect(workflowUrl("https://bookproof.example", "w1")).toBe(
    "https://bookproof.example/api/webhooks/highlevel/w1",
  );
});

test.each([
  ["nothing is taken", [], base],
  ["the plain address is taken", [base], `${base}?n=2`],
  ["two are taken", [base, `${base}?n=2`], `${base}?n=3`],
  ["a gap is filled", [base, `${base}?n=3`], `${base}?n=2`],
])("finds a free address when %s", (_sentence, taken, expected) => {
  expect(findFreeUrl(base, taken)).toBe(expected);
});

test("knows its own under any number, and nobody else's", () => {
  expect(leadsTo(base, base)).toBe(true);
  expect(leadsTo(base, `${base}?n=7`)).toBe(true);
  expect(leadsTo(base, `${base}2`)).toBe(false);
  expect(leadsTo(base, webhookUrl("https://other.example", "w1"))).toBe(false);
});
