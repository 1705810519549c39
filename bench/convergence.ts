import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import fc from "fast-check";
import pg from "pg";
import { worldPlan } from "#server/convergence/arbitrary-plan.ts";
import { describeFailure } from "#server/convergence/describe-failure.ts";
import { openLane } from "#server/convergence/open-lane.ts";
import type { WorldPlan } from "#server/convergence/plan.ts";
import { runWorld } from "#server/convergence/run-world.ts";
import type { Db } from "#server/db/client.ts";
import { removeEmbeddedPostgres, startEmbeddedPostgres } from "#server/db/embedded-postgres.ts";
import { PrismaClient } from "#server/db/generated/client.ts";
import { migrate } from "#server/db/migrate.ts";
import { createQueue } from "#server/db/queue.ts";
import { poolConfig } from "#server/db/session.ts";
import { MINUTE_MS } from "#server/lib/duration.ts";
import { createLog } from "#server/lib/log.ts";
import { printTable } from "./print-table.ts";

/**
 * `RUNS` makes it longer or shorter, `SEED` repeats it, `WEIGHTS=even` draws what is rare as often as the rest; a failure
 * prints how to see its world again.
 */
const RUNS = Number(process.env.RUNS ?? 2_000);
/** After so long it ends with the worlds that it has seen. */
const MINUTES = Number(process.env.MINUTES ?? 60);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000_000);
/** Worlds that go on at once, each with a database and a sandbox of its own. */
const LANES = Number(process.env.LANES ?? 3);

type Lap = { seed: number; runs: number; commands: number; calls: number; failure: string | null };

/** Thousands of random worlds, each of which must end up with the truth after one clean pass. */
export async function benchConvergence(): Promise<void> {
  await using databases = await openDatabases();
  const startedAt = performance.now();
  const laps = await Promise.all(databases.urls.map((url, at) => runLap(url, SEED + at)));
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

async function runLap(url: string, seed: number): Promise<Lap> {
  const db = openPatiently(url);
  const lap: Lap = { seed, runs: 0, commands: 0, calls: 0, failure: null };
  try {
    await using lane = await openLane(db);
    const property = fc.asyncProperty(worldPlan, async (plan: WorldPlan) => {
      lap.runs += 1;
      lap.commands += plan.commands.length;
      const complaints = await runWorld(lane, plan);
      if (complaints.length > 0) throw new Error(complaints.join("\n"));
    });
    const details = await fc.check(property, {
      seed,
      numRuns: Math.ceil(RUNS / LANES),
      interruptAfterTimeLimit: MINUTES * MINUTE_MS,
    });
    lap.calls = await lane.calls();
    lap.failure = details.failed ? describeFailure(details) : null;
  } finally {
    await db.$disconnect();
  }
  return lap;
}

/** Connections that stay, and that may take their time: a busy machine is no find. */
function openPatiently(url: string): Db {
  const pool = {
    ...poolConfig(url, { max: 5 }),
    connectionTimeoutMillis: 5 * MINUTE_MS,
    idleTimeoutMillis: 0,
  };
  return new PrismaClient({ adapter: new PrismaPg(pool), errorFormat: "minimal" });
}

/** A database for each lane. No world outlives the run, so that none has to outlive a loss of power. */
async function openDatabases(): Promise<AsyncDisposable & { urls: string[] }> {
  await using started = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), "bookproof-bench-"));
  await chmod(dataDir, 0o711);
  const log = createLog("error");
  const cluster = await startEmbeddedPostgres({ dataDir: join(dataDir, "db"), log, durable: false });
  started.defer(async () => {
    await cluster.stop();
    await removeEmbeddedPostgres(join(dataDir, "db"), log);
    await rm(dataDir, { recursive: true, force: true });
  });
  const client = new pg.Client({ connectionString: cluster.url });
  await client.connect();
  const urls = Array.from({ length: LANES }, (_, at) => {
    const url = new URL(cluster.url);
    url.pathname = `/lane_${at}`;
    return url.href;
  });
  for (const at of urls.keys()) await client.query(`CREATE DATABASE lane_${at}`);
  await client.end();
  for (const url of urls) {
    await migrate(url);
    // What is delivered is put in line, whoever works on it.
    const queue = await createQueue(url, log);
    await queue.stop(0);
  }
  const running = started.move();
  return { urls, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
