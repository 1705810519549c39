import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "#server/testing/database.ts";
import { findFailure, shareRuns, WORLD } from "./find-failure.ts";
import { type Lane, openLane } from "./open-lane.ts";

const LANES = WORLD === undefined ? 2 : 1;
const RUNS = shareRuns(190, LANES);

let databases: TestDatabase[] = [];
let lanes: Lane[] = [];

beforeAll(async () => {
  databases = await Promise.all(Array.from({ length: LANES }, () => createTestDatabase()));
  lanes = await Promise.all(databases.map(({ db }) => openLane(db)));
});
afterAll(async () => {
  for (const lane of lanes) await lane[Symbol.asyncDispose]();
  for (const database of databases) await database.drop();
});

it("ends up with the truth, whatever order the world arrived in", { timeout: 600_000 }, async () => {
  const failures = await Promise.all(lanes.map((lane, at) => findFailure(lane, at, RUNS)));
  expect(failures.filter((failure) => failure !== null).join("\n\n")).toBe("");
});
