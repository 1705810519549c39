import { expect, inject, it } from "vitest";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { systemClock } from "#server/lib/clock.ts";
import {
  acceptClaims,
  askForSweeps,
  beginWorld,
  endWorld,
  type Ids,
  lookUp,
  startBackfill,
} from "./busy-hour.ts";
import { openWorld, untilNone, type World } from "./open-world.ts";
import { readOutcome } from "./read-outcome.ts";
import { readTokenCalls } from "./read-windows.ts";
import type { ServerProcess } from "./start-process.ts";

/** A location may be called so often in so short a time: nine tenths of it are ours. */
const NARROW = { highlevelLimit: 40, highlevelWindowMs: 2_000 };
/** What a refusal asks for where it names no time: a whole window, and not a moment less. */
const REST_MS = 1_900;
const LATER_DAYS = { from: 9, to: 25 };
const RESUMED_WITHIN_MS = 30_000;
/** The time a process has to end in, by its own promise. */
const GRACE_MS = 9_000;

/** The same hour, seen by one process that nobody disturbs. */
async function readOutcomeOfOne() {
  await using world = await openWorld(inject("templateUrl"));
  const server = await world.start("all");
  const ids = await beginWorld(world);
  await liveThroughIt(world, ids);
  await startBackfill(world, ids.North, LATER_DAYS);
  await endWorld(world, ids);
  expect(server.complaints).toEqual([]);
  return readOutcome(world.db);
}

/** Everything at once: sweeps, webhooks, lookups, runs over history and a bulk decision. */
async function liveThroughIt(world: World, ids: Ids): Promise<void> {
  await Promise.all([
    lookUp(world, ids, "East", 6),
    startBackfill(world, ids.North, { from: -2, to: 9 }),
    startBackfill(world, ids.East, { from: -2, to: 9 }),
    askForSweeps(world, ids),
    acceptClaims(world, ids),
    ...world.accounts.map((account) => account.act()),
  ]);
}

/** Runs `act` while no evidence of this workspace can be written, so that whoever writes stands in the middle of it. */
async function whileHeld<T>(world: World, workspaceId: string, act: () => Promise<T>): Promise<T> {
  return world.db.$transaction(
    async (tx) => {
      await lockWorkspace(tx, workspaceId);
      return act();
    },
    { timeout: 60_000, maxWait: 10_000 },
  );
}

type Job = { id: string; name: string };

async function readActive(world: World): Promise<Job[]> {
  return world.db.$queryRaw<Job[]>`SELECT id::text, name FROM pgboss.job WHERE state = 'active'`;
}

const MIDDLE_OF = ["sweep", "process-delivery", "run-backfill", "apply-plan"];

/** Ends the only worker with work of every kind in its hands, a run of which it holds; answers that work. */
async function killInTheMiddle(world: World, worker: ServerProcess): Promise<Job[]> {
  await untilNone(async () => {
    const active = new Set((await readActive(world)).map(({ name }) => name));
    const held = await world.db.backfill.count({ where: { heartbeatAt: { not: null } } });
    return {
      ...Object.fromEntries(MIDDLE_OF.map((name) => [name, active.has(name) ? 0 : 1])),
      "no held backfill": held > 0 ? 0 : 1,
    };
  });
  await worker.end("SIGKILL");
  return readActive(world);
}

/** Until nothing of that work waits for its dead worker, and every run that it held is held by another or over. */
async function untilResumed(world: World, killed: Job[], killedAt: Date): Promise<number> {
  const ids = killed.map(({ id }) => id);
  return untilNone(async () => {
    const [left] = await world.db.$queryRaw<{ jobs: number; backfills: number }[]>`
      SELECT (SELECT count(*) FROM pgboss.job WHERE id = ANY(${ids}::uuid[])
                AND (state = 'retry' OR (state = 'active' AND started_on < ${killedAt}::timestamptz)))::int AS jobs,
             (SELECT count(*) FROM "Backfill" WHERE "endedAt" IS NULL AND attempt > 0
                AND ("heartbeatAt" IS NULL OR "heartbeatAt" <= ${killedAt}::timestamptz))::int AS backfills`;
    return left ?? { nothing: 1 };
  });
}

/** Passes of one kind over one thing that went on at the same time. */
async function countOverlaps(world: World): Promise<number> {
  const [row] = await world.db.$queryRaw<{ overlaps: number }[]>`
    SELECT count(*)::int AS overlaps FROM "JobRun" a JOIN "JobRun" b
      ON a.id < b.id AND a.job = b.job AND a."connectionId" IS NOT DISTINCT FROM b."connectionId"
     AND a."startedAt" < b."endedAt" AND b."startedAt" < a."endedAt"
    WHERE a.job IN ('sweep', 'check-connection', 'clock-pass', 'prune')`;
  return row?.overlaps ?? 0;
}

async function readReady(web: ServerProcess): Promise<unknown> {
  return (await fetch(`${web.url}/readyz`)).json();
}

it("two and four processes, killed and stopped, do each thing once and come to what one comes to", async () => {
  await using world = await openWorld(inject("templateUrl"));
  // Two at once on an empty database: one migrates it, the other waits.
  const [web, first] = await Promise.all([world.start("web"), world.start("worker")]);
  expect(await readReady(web)).toEqual({ ok: true, workers: 1 });
  const ids = await beginWorld(world);
  const east = world.accounts.find(({ name }) => name === "East")?.highlevel?.token ?? "";
  await world.control("/settings", NARROW);
  await world.control("/calls/reset");
  await world.control("/faults", { provider: "calendly", kind: "latency", latencyMs: 60 });

  // kill -9 in the middle of everything.
  const killed = await whileHeld(world, ids.North, async () => {
    const living = liveThroughIt(world, ids);
    const jobs = await killInTheMiddle(world, first);
    await living;
    return jobs;
  });
  const killedAt = systemClock.now();
  const alone = readOutcomeOfOne();
  alone.catch(() => {}); // told where it is awaited
  const others = await Promise.all([world.start("worker"), world.start("worker")]);
  await world.control("/faults", { provider: "highlevel", kind: "429", times: 1, match: { token: east } });
  expect(await untilResumed(world, killed, killedAt)).toBeLessThan(RESUMED_WITHIN_MS);

  // A rolling restart in the middle of a run: two go, one comes.
  const last = await world.start("worker");
  const run = await whileHeld(world, ids.North, async () => {
    const id = await startBackfill(world, ids.North, LATER_DAYS);
    await untilNone(async () => ({
      unheld: await world.db.backfill.count({ where: { id, heartbeatAt: null } }),
    }));
    return id;
  });
  const endings = await Promise.all(others.map((worker) => worker.end("SIGTERM")));
  for (const { code, afterMs } of endings) {
    expect(code).toBe(0);
    expect(afterMs).toBeLessThan(GRACE_MS);
  }
  expect(await world.db.backfillSlice.count({ where: { backfillId: run, attempts: { gt: 0 } } })).toBe(0);
  expect((await world.db.backfill.findUniqueOrThrow({ where: { id: run } })).state).toMatch(
    /running|waiting|succeeded/,
  );

  await endWorld(world, ids);
  expect(await readOutcome(world.db)).toEqual(await alone);
  expect(await countOverlaps(world)).toBe(0);
  const calls = await readTokenCalls(world.control, east, {
    windowMs: NARROW.highlevelWindowMs,
    restMs: REST_MS,
  });
  expect(calls).toMatchObject({ refused: 1, duringRest: 0 });
  expect(calls.mostInWindow).toBeLessThanOrEqual(NARROW.highlevelLimit * 0.9);
  for (const server of [web, last, ...others]) expect(server.complaints).toEqual([]);

  // With nobody left to work, what comes in is kept.
  expect((await last.end("SIGTERM")).code).toBe(0);
  expect(await readReady(web)).toEqual({ ok: true, workers: 0 });
  const waiting = { where: { result: "accepted" as const, processedAt: null } };
  await world.accounts.find(({ bookOneMore }) => bookOneMore)?.bookOneMore?.();
  await untilNone(async () => ({ unsent: (await world.control("/state", null)).deliveries.pending }));
  expect(await world.db.webhookDelivery.count(waiting)).toBe(1);
  await world.start("worker");
  await untilNone(async () => ({ deliveries: await world.db.webhookDelivery.count(waiting) }));
}, 300_000);
