import { expect, test } from "vitest";
import { isDatabaseAway, isTransactionConflict } from "./database-faults.ts";

const prisma = (code: string, cause: object = {}) =>
  Object.assign(new Error("Invalid invocation"), { code, meta: { driverAdapterError: { cause } } });

test.each([
  ["nothing listens there", prisma("P1001", { kind: "DatabaseNotReachable" })],
  ["the same from raw SQL", prisma("P2010", { kind: "DatabaseNotReachable" })],
  ["an administrator ended the session", prisma("P2010", { kind: "postgres", originalCode: "57P01" })],
  ["it starts up", prisma("P2010", { kind: "postgres", originalCode: "57P03" })],
  ["it has no connection left", prisma("P2037", { kind: "TooManyConnections", originalCode: "53300" })],
  ["the pool has none", new Error("Transaction API error: Unable to start a transaction in the given time.")],
  [
    "a session that is dead already",
    new Error("Client has encountered a connection error and is not queryable"),
  ],
])("is away: %s", (_sentence, error) => {
  expect([isDatabaseAway(error), isTransactionConflict(error)]).toEqual([true, false]);
});

test.each([
  ["a statement took too long", prisma("P2010", { kind: "postgres", originalCode: "57014" })],
  ["a rule was broken", prisma("P2002")],
  [
    "the transaction took too long",
    Object.assign(new Error("Transaction already closed"), { code: "P2028" }),
  ],
  ["something else", new Error("no")],
  ["no error at all", "no"],
])("is there: %s", (_sentence, error) => {
  expect(isDatabaseAway(error)).toBe(false);
});

test.each([
  ["its own query", prisma("P2034")],
  ["raw SQL", prisma("P2010", { kind: "TransactionWriteConflict" })],
  ["COMMIT", Object.assign(new Error("no"), { cause: { kind: "TransactionWriteConflict" } })],
])("took the transaction back: %s", (_sentence, error) => {
  expect([isDatabaseAway(error), isTransactionConflict(error)]).toEqual([false, true]);
});
