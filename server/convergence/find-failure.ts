import fc from "fast-check";
import { worldPlan } from "./arbitrary-plan.ts";
import { describeFailure } from "./describe-failure.ts";
import type { Lane } from "./open-lane.ts";
import { runWorld } from "./run-world.ts";

/**
 * The suite looks at the same worlds each time, so that it says something about a change and not about luck; the bench
 * looks for new ones. `SEED` and `WORLD` of a failure's message run that world again; `RUNS` changes how many there are.
 */
const SEED = Number(process.env.SEED ?? 20_261_120);

/** Where one world is to be seen again, no other runs. */
export const WORLD = process.env.WORLD;

/** How many worlds each of so many lanes looks at, when all of them look at `usual` where nothing else is asked for. */
export function shareRuns(usual: number, lanes: number): number {
  return Math.ceil((Number(process.env.RUNS ?? 300) * usual) / 300 / lanes);
}

/** Runs worlds in this lane, one after the other, and tells of the first that does not end up with the truth. */
export async function findFailure(lane: Lane, seedOffset: number, runs: number): Promise<string | null> {
  const property = fc.asyncProperty(worldPlan, async (plan) => {
    const complaints = await runWorld(lane, plan);
    if (complaints.length > 0) throw new Error(complaints.join("\n"));
  });
  const details = await fc.check(property, {
    seed: WORLD === undefined ? SEED + seedOffset : SEED,
    numRuns: WORLD === undefined ? runs : 1,
    // What happens beside a line is not the same twice: a smaller world would fail by luck alone.
    endOnFailure: lane.line !== null,
    ...(WORLD === undefined ? {} : { path: WORLD }),
  });
  return details.failed ? describeFailure(details) : null;
}
