import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "#server/testing/database.ts";
import { describeFailure } from "./describe-failure.ts";
import { worldPlan } from "./model.ts";
import { type Lane, openLane } from "./open-lane.ts";
import { runWorld } from "./run-world.ts";

/**
 * The suite looks at the same worlds each time, so that it says something about a change and not about luck; the bench
 * looks for new ones. `SEED` and `WORLD` of a failure's message run that world again; `RUNS` changes how many there are.
 */
const SEED = Number(process.env.SEED ?? 20_261_120);
const RUNS = Number(process.env.RUNS ?? 300);
const PATH = process.env.WORLD;
const LANES = PATH === undefined ? 2 : 1;

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
  const failures = await Promise.all(
    lanes.map(async (lane, at) => {
      const property = fc.asyncProperty(worldPlan, async (plan) => {
        const complaints = await runWorld(lane, plan);
        if (complaints.length > 0) throw new Error(complaints.join("\n"));
      });
      const details = await fc.check(property, {
        seed: SEED + at,
        numRuns: Math.ceil(RUNS / LANES),
        ...(PATH === undefined ? {} : { path: PATH }),
      });
      return details.failed ? describeFailure(details) : null;
    }),
  );
  expect(failures.filter((failure) => failure !== null).join("\n\n")).toBe("");
});
