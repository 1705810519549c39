import fc from "fast-check";
import { describeFailure } from "#server/convergence/describe-failure.ts";
import { type WorldPlan, worldPlan } from "#server/convergence/model.ts";
import { openLane } from "#server/convergence/open-lane.ts";
import { runWorld } from "#server/convergence/run-world.ts";
import { openBench } from "./open-bench.ts";
import { printTable } from "./print-table.ts";

/** `RUNS` makes it longer or shorter, `SEED` repeats it; a failure prints how to see its world again. */
const RUNS = Number(process.env.RUNS ?? 2_000);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000_000);
/** Worlds that go on at once, each with a database and a sandbox of its own. */
const LANES = 2;

type Lap = { seed: number; runs: number; commands: number; calls: number; failure: string | null };

/** Thousands of random worlds, each of which must end up with the truth after one clean pass. */
export async function benchConvergence(): Promise<void> {
  const startedAt = performance.now();
  const laps = await Promise.all(Array.from({ length: LANES }, (_, at) => runLap(SEED + at)));
  const seconds = (performance.now() - startedAt) / 1_000;
  const row = (name: string, some: Lap[]) => [
    name,
    count(some, (lap) => lap.runs),
    count(some, (lap) => lap.commands),
    count(some, (lap) => lap.calls),
    count(some, (lap) => (lap.failure === null ? 0 : 1)),
  ];
  printTable(`Random worlds that end up with the truth, in ${seconds.toFixed(0)} seconds`, [
    ["seed", "worlds", "commands", "provider calls", "failures"],
    ...laps.map((lap) => row(String(lap.seed), [lap])),
    row("all", laps),
  ]);
  for (const { failure } of laps) {
    if (failure === null) continue;
    console.log(`${failure}\n`);
    process.exitCode = 1;
  }
}

function count(laps: Lap[], of: (lap: Lap) => number): string {
  return laps.reduce((sum, lap) => sum + of(lap), 0).toLocaleString("en-US");
}

async function runLap(seed: number): Promise<Lap> {
  await using bench = await openBench();
  await using lane = await openLane(bench.db);
  const lap: Lap = { seed, runs: 0, commands: 0, calls: 0, failure: null };
  const property = fc.asyncProperty(worldPlan, async (plan: WorldPlan) => {
    lap.runs += 1;
    lap.commands += plan.commands.length;
    const complaints = await runWorld(lane, plan);
    if (complaints.length > 0) throw new Error(complaints.join("\n"));
  });
  const details = await fc.check(property, { seed, numRuns: Math.ceil(RUNS / LANES) });
  lap.calls = await lane.calls();
  lap.failure = details.failed ? describeFailure(details) : null;
  return lap;
}
