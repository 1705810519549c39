import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "#server/testing/database.ts";
import { findFailure, shareRuns, WORLD } from "./find-failure.ts";
import { openLaneWithLine } from "./line.ts";
import { type Lane, openLane } from "./open-lane.ts";

let databases: TestDatabase[] = [];
let withLine: Lane;
let without: Lane;

beforeAll(async () => {
  databases = await Promise.all([createTestDatabase(), createTestDatabase()]);
  const [first, second] = databases;
  if (!first || !second) throw new Error("Each lane has a database of its own.");
  withLine = await openLaneWithLine(first);
  without = await openLane(second.db);
});
afterAll(async () => {
  await withLine[Symbol.asyncDispose]();
  await without[Symbol.asyncDispose]();
  for (const database of databases) await database.drop();
});

// Worlds with a line wait for it most of their time; meanwhile some of the others are looked at.
it("ends up with the truth where two engines share one line of work", { timeout: 600_000 }, async () => {
  const failures = await Promise.all([
    findFailure(withLine, 100, shareRuns(10, 1)),
    WORLD === undefined ? findFailure(without, 101, shareRuns(100, 1)) : null,
  ]);
  expect(failures.filter((failure) => failure !== null).join("\n\n")).toBe("");
});
