import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it, vi } from "vitest";
import { createQueue, type Queue } from "#server/db/queue.ts";
import type { Deps } from "#server/deps.ts";
import { SECOND_MS } from "#server/lib/duration.ts";
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
const WINDOW_MS = 60.5 * SECOND_MS;

/** As if so many calls had just been made; they leave the window after `openInMs`. */
async function useUp({ connection }: World, calls: number, openInMs: number) {
  const stamps = Array.from({ length: calls }, () => BigInt(Date.now() - WINDOW_MS + openInMs));
  const bucket = { windowMs: WINDOW_MS, limit: 250, calls: stamps, updatedAt: new Date() };
  await database.db.rateBucket.upsert({
    where: { key: `calendly:${connection.ownerId}` },
    create: { key: `calendly:${connection.ownerId}`, dailyUsed: 0, ...bucket },
    update: bucket,
  });
}

function loadRun(id: string) {
  return database.db.backfill.findUniqueOrThrow({ where: { id } });
}

async function untilWaitIsOver(id: string) {
  const { waitUntil } = await loadRun(id);
  await sleep(Math.max(0, Number(waitUntil) - Date.now()) + 50);
}

describe.concurrent("a run that waits for a provider's limit", () => {
  it("leaves its worker to others, and goes on by itself when the limit ends (R31)", async () => {
    const queue = await createQueue(database.url, createLog("silent"));
    queues.push(queue);
    const deps = depsNow(queue);
    const worlds = await Promise.all(
      [1, 2, 3].map(() => buildCalendlyWorld(database.db, sandbox.control, { 1: 2 })),
    );
    const runs = [];
    for (const { workspace } of worlds) runs.push(await start(deps, workspace.id, 1, 2));
    const [slow, slower, quick] = runs;
    if (!slow || !slower || !quick || !worlds[0] || !worlds[1]) throw new Error("three runs were started");
    const openInMs = 6 * SECOND_MS;
    await Promise.all([useUp(worlds[0], CAP, openInMs), useUp(worlds[1], CAP, openInMs)]);
    const opensAt = Date.now() + openInMs;
    await queue.work("run-backfill", { concurrency: 2, lateSeconds: 1 }, (data, signal) =>
      runBackfill(deps, data, signal),
    );

    await vi.waitFor(async () => expect(await read(deps, quick.id)).toMatchObject({ state: "succeeded" }), {
      timeout: openInMs - SECOND_MS,
      interval: 50,
    });
    for (const { id } of [slow, slower]) {
      expect(await read(deps, id)).toMatchObject({
        state: "waiting",
        waitReason: { kind: "limit", provider: "calendly" },
        done: 0,
      });
      const { waitUntil, heartbeatAt } = await loadRun(id);
      expect(heartbeatAt).toBeNull();
      expect(Math.abs(Number(waitUntil) - opensAt)).toBeLessThan(SECOND_MS);
    }

    for (const { id } of [slow, slower]) {
      await vi.waitFor(async () => expect(await read(deps, id)).toMatchObject({ state: "succeeded" }), {
        timeout: 20 * SECOND_MS,
        interval: 100,
      });
      const [slice] = await database.db.backfillSlice.findMany({ where: { backfillId: id } });
      expect(Number(slice?.startedAt) - opensAt).toBeLessThan(5 * SECOND_MS);
    }
  });

  it.each([
    ["a run", false],
    ["a dry run", true],
  ])("keeps what it has read of a page, in %s", async (_, dryRun) => {
    const deps = depsNow();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 1: 12 });
    const run = await start(deps, world.workspace.id, 1, 2, { dryRun });
    // Room for the list and seven of the twelve events.
    await useUp(world, CAP - 8, 4 * SECOND_MS);
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({
      state: "waiting",
      waitReason: { kind: "limit", provider: "calendly" },
      done: 5,
      slices: { done: 0 },
    });

    await untilWaitIsOver(run.id);
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

  it("holds its place where not even the smallest part of a page fits", async () => {
    const deps = depsNow();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 1: 3 });
    const run = await start(deps, world.workspace.id, 1, 2);
    await useUp(world, CAP - 2, 2 * SECOND_MS);
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({ state: "waiting", done: 0 });

    await untilWaitIsOver(run.id);
    await useUp(world, CAP - 2, 4 * SECOND_MS);
    const working = runBackfill(deps, { backfillId: run.id }, never());
    await vi.waitFor(
      async () => {
        const { state, heartbeatAt } = await loadRun(run.id);
        expect({ state, isHeld: heartbeatAt !== null }).toEqual({ state: "waiting", isHeld: true });
      },
      { timeout: 4 * SECOND_MS, interval: 100 },
    );
    await working;
    expect(await read(deps, run.id)).toMatchObject({ state: "succeeded", done: 3 });
  });

  it("is canceled at once, since nobody holds it", async () => {
    const deps = depsNow();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 1: 1 });
    const run = await start(deps, world.workspace.id, 1, 2);
    await useUp(world, CAP, 60 * SECOND_MS);
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
