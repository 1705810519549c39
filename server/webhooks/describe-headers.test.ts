import { expect, test } from "vitest";
import { describeHeaders } from "./describe-headers.ts";

test("keeps what tells senders apart, and of a proof its form alone", () => {
  const note = describeHeaders({
    "content-type": "application/json",
    "user-agent": "Calendly",
    "calendly-webhook-signature": `t=1795010400,v1=${"a1".repeat(32)}`,
    "x-bookproof-secret": "correct horse battery staple",
    authorization: "Bearer abc",
    cookie: "session=1",
    "x-forwarded-for": "203.0.113.7",
  });
  expect(note).toEqual({
    "content-type": "application/json",
    "user-agent": "Calendly",
    "calendly-webhook-signature": "t=1795010400, 80 characters",
    "x-bookproof-secret": "28 characters",
  });
});

test("names a signature of the former kind", () => {
  expect(describeHeaders({ "x-wh-signature": "N/A" })).toEqual({ "x-wh-signature": "3 characters" });
});

test("cuts a long one short and drops what is no text", () => {
  const { "user-agent": kept } = describeHeaders({ "user-agent": `bot\u0007${"x".repeat(5_000)}` });
  expect(kept).toHaveLength(200);
  expect(kept).toMatch(/^bot x/);
});
