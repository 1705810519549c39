import { afterAll, describe, expect, it, vi } from "vitest";
import { Prisma } from "#server/db/generated/client.ts";
import { createQueue, type Queue } from "#server/db/queue.ts";
import type { Deps } from "#server/deps.ts";
import { addMs, SECOND_MS } from "#server/lib/duration.ts";
import { createLog } from "#server/lib/log.ts";
import { setUpSandbox } from "#server/providers/testing/set-up-sandbox.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { runBackfill } from "./run-backfill.ts";
import { buildCalendlyWorld, createBackfillDeps } from "./testing/backfill-world.ts";
import { command, never, read, start } from "./testing/run-tools.ts";

const database = setUpTestDatabase();
const sandbox = setUpSandbox();
const queues: Queue[] = [];
afterAll(() => Promise.all(queues.map((queue) => queue.stop(5_000))));

function depsNow(queue?: Deps["queue"]) {
  const deps = createBackfillDeps(database.db, sandbox.url);
  return queue ? { ...deps, queue } : deps;
}

type World = Awaited<ReturnType<typeof buildCalendlyWorld>>;

/** What Calendly's windows allow a backfill: six tenths of our half of 500. */
const CAP = 150;

/** As if so many calls had just been made: they stay in the window for a minute. */
async function fillBucket({ connection }: World, calls: number) {
  const stamps = Array.from({ length: calls }, () => BigInt(Date.now()));
  const bucket = { windowMs: 60 * SECOND_MS, limit: 250, calls: stamps, updatedAt: new Date() };
  await database.db.rateBucket.upsert({
    where: { key: `calendly:${connection.ownerId}` },
    create: { key: `calendly:${connection.ownerId}`, dailyUsed: 0, ...bucket },
    update: bucket,
  });
}

/** As if the minute had passed. */
async function endWait(world: World, id: string) {
  await fillBucket(world, 0);
  await database.db.backfill.update({ where: { id }, data: { waitUntil: new Date() } });
}

function loadRun(id: string) {
  return database.db.backfill.findUniqueOrThrow({ where: { id } });
}

function untilState(deps: Parameters<typeof read>[0], id: string, state: string) {
  return vi.waitFor(async () => expect(await read(deps, id)).toMatchObject({ state }), {
    timeout: 30 * SECOND_MS,
    interval: 50,
  });
}

describe("a run that waits for a provider's limit", () => {
  it("leaves its worker to others, and is called for the moment at which the limit ends (R31)", async () => {
    const queue = await createQueue(database.url, createLog("silent"));
    queues.push(queue);
    const deps = depsNow(queue);
    const worlds = await Promise.all(
      [1, 2, 3].map(() => buildCalendlyWorld(database.db, sandbox.control, { 1: 2 })),
    );
    const runs: { world: World; id: string }[] = [];
    for (const world of worlds) runs.push({ world, id: (await start(deps, world.workspace.id, 1, 2)).id });
    const quick = runs.pop();
    for (const { world } of runs) await fillBucket(world, CAP);
    await queue.work("run-backfill", { concurrency: 2, lateSeconds: 1 }, (data, signal) =>
      runBackfill(deps, data, signal),
    );

    await untilState(deps, quick?.id ?? "", "succeeded");
    for (const { id, world } of runs) {
      expect(await read(deps, id)).toMatchObject({
        state: "waiting",
        waitReason: { kind: "limit", provider: "calendly" },
        done: 0,
      });
      const { waitUntil, heartbeatAt } = await loadRun(id);
      expect(heartbeatAt).toBeNull();
      const ofRun = Prisma.sql`name = 'run-backfill' AND state = 'created' AND data->>'backfillId' = ${id}`;
      const calls = await database.db.$queryRaw`SELECT start_after AS at FROM pgboss.job WHERE ${ofRun}`;
      // Half a second early, for the queue looks once a second.
      expect(calls).toEqual([{ at: addMs(waitUntil ?? new Date(0), -SECOND_MS / 2) }]);
      await endWait(world, id);
      await database.db.$executeRaw`UPDATE pgboss.job SET start_after = now() WHERE ${ofRun}`;
    }
    for (const { id } of runs) await untilState(deps, id, "succeeded");
  }, 90_000);

  it.each([
    ["a run", false],
    ["a dry run", true],
  ])("keeps what it has read of a page, in %s", async (_, dryRun) => {
    const deps = depsNow();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 1: 12 });
    const run = await start(deps, world.workspace.id, 1, 2, { dryRun });
    // Room for the list and seven of the twelve events.
    await fillBucket(world, CAP - 8);
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({
      state: "waiting",
      waitReason: { kind: "limit", provider: "calendly" },
      done: 7,
      slices: { done: 0 },
    });

    await endWait(world, run.id);
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({
      state: "succeeded",
      done: 12,
      known: 0,
      effects: { appointmentsAdded: 12, leadsChanged: 12 },
    });
    const appointments = await database.db.appointment.count({ where: { workspaceId: world.workspace.id } });
    expect(appointments).toBe(dryRun ? 0 : 12);
  });

  it("holds its place where not even the smallest part of a page fits, and lets go when it is canceled", async () => {
    const deps = depsNow();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 1: 3 });
    const run = await start(deps, world.workspace.id, 1, 2);
    await fillBucket(world, CAP - 1);
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({ state: "waiting", done: 0 });

    await endWait(world, run.id);
    await fillBucket(world, CAP - 1);
    const working = runBackfill(deps, { backfillId: run.id }, never());
    await vi.waitFor(
      async () => {
        const { state, heartbeatAt } = await loadRun(run.id);
        expect({ state, isHeld: heartbeatAt !== null }).toEqual({ state: "waiting", isHeld: true });
      },
      { timeout: 30 * SECOND_MS, interval: 50 },
    );
    expect(await command(deps, run.id, "cancel")).toMatchObject({ state: "canceling" });
    await working;
    expect(await read(deps, run.id)).toMatchObject({ state: "canceled", done: 0 });
  }, 60_000);

  it("is canceled at once, since nobody holds it", async () => {
    const deps = depsNow();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 1: 1 });
    const run = await start(deps, world.workspace.id, 1, 2);
    await fillBucket(world, CAP);
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({ state: "waiting" });
    expect(await command(deps, run.id, "cancel")).toMatchObject({ state: "canceled" });
  });
});

describe("a run that has had its turn", () => {
  it("goes to the end of the line where another waits, and keeps its worker where none does", async () => {
    const deps = depsNow();
    const [first, second] = await Promise.all(
      [1, 2].map(() => buildCalendlyWorld(database.db, sandbox.control, { 2: 1, 1: 1 })),
    );
    if (!first || !second) throw new Error("two worlds were built");
    const long = await start(deps, first.workspace.id, 1, 3);
    const other = await start(deps, second.workspace.id, 1, 3);
    deps.called.length = 0;
    await runBackfill(deps, { backfillId: long.id }, never(), { turnMs: 0 });
    expect(await read(deps, long.id)).toMatchObject({ state: "queued", slices: { done: 0 } });
    expect(deps.called).toEqual([long.id]);

    await command(deps, other.id, "pause");
    await runBackfill(deps, { backfillId: long.id }, never(), { turnMs: 0 });
    expect(await read(deps, long.id)).toMatchObject({ state: "succeeded", done: 2 });
  });
});

describe("a run whose database is too busy", () => {
  it("waits for it, says so, and blames no slice", async () => {
    const deps = depsNow();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 1: 1 });
    const run = await start(deps, world.workspace.id, 1, 2);
    // The first page's transaction fails as PostgreSQL fails it; everything else works.
    let failures = 1;
    const busy = new Proxy(deps.db, {
      get: (db, key) =>
        key === "rateBucket" || key !== "eventWatermark" || failures-- <= 0
          ? Reflect.get(db, key)
          : { findMany: () => Promise.reject(Object.assign(new Error("away"), { code: "P1001" })) },
    });
    await runBackfill({ ...deps, db: busy }, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({ state: "waiting", waitReason: { kind: "database" } });
    await database.db.backfill.update({ where: { id: run.id }, data: { waitUntil: new Date() } });
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({ state: "succeeded", done: 1, errors: [] });
  });
});
