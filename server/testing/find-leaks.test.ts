import { expect, it, test } from "vitest";
import { createLeakFinder } from "./find-leaks.ts";

const find = createLeakFinder([
  "Maya Okafor",
  "Lindqvist",
  "+1 312 555 0142",
  "sandbox-token-of-ana",
  "Something came up, can we move it?",
  "tomás.novák@ridgeline.example",
]);

test.each([
  ["a full name", '{"level":30,"msg":"booked for Maya Okafor"}', "an invented value"],
  ["a last name in quotes", '{"lead":"Lindqvist"}', "an invented value"],
  ["a phone number", '{"msg":"call +1 312 555 0142"}', "an invented value"],
  ["a token", '{"url":"/x?key=sandbox-token-of-ana"}', "an invented value"],
  ["a text", '{"detail":"reason: Something came up, can we move it?."}', "an invented value"],
  [
    "an address with letters of its own",
    "duplicate key (tomás.novák@ridgeline.example)",
    "an e-mail address",
  ],
  ["an address that nobody remembered", "Key (email)=(new@person.example) exists", "an e-mail address"],
  ["a header", "authorization: Bearer abcdefgh12345678", "an authorization"],
  ["a database address", "connect postgresql://ana:hunter2@db.internal/app", "a password of a database"],
  ["an API key", "key bp_0123456789abcdefXYZ", "an API key"],
  ["a web token", "cookie eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x", "a web token"],
  ["a random secret", `sealed ${"aB3-_".repeat(8)}xyz`, "a random secret"],
])("finds %s", (_what, line, kind) => {
  expect(find(`{"msg":"server started"}\n${line}\n`)).toEqual([{ line: 2, kind }]);
});

test.each([
  [
    "ids and counts",
    '{"connectionId":"6f0f5b0e-8a33-4a53-9d0a-2f4f6f1f7c11","leads":12,"msg":"sweep stopped"}',
  ],
  ["a frame of a library", "    at Fr (/app/node_modules/@prisma/client/runtime/client.js:48:6)"],
  ["a word that begins like a name", '{"msg":"Lindqvistian transform"}'],
  ["a long name in a program", "at handleAndLogRequestErrorOfTheClientLibraryHere"],
  ["a plain word", '{"msg":"basic information is missing"}'],
  ["an address without a password", "postgresql://127.0.0.1:5432/app"],
  ["a digest", `{"hash":"${"0123456789abcdef".repeat(4)}"}`],
])("lets %s pass", (_what, line) => {
  expect(find(line)).toEqual([]);
});

it("names the line and what kind of thing it is, and never the thing", () => {
  const leaks = JSON.stringify(find("a\nb\nMaya Okafor\n"));
  expect(leaks).toContain('"line":3');
  expect(leaks).not.toContain("Maya");
});
