import { describe, expect, it } from "vitest";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { addMs, MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import { createSecretBox } from "#server/lib/secrets.ts";
import { setUpSandbox } from "#server/providers/testing/set-up-sandbox.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildConnection, buildLead, buildWorkspace } from "#server/testing/factories.ts";
import { resumeStalledBackfills } from "./resume-stalled.ts";
import { runBackfill } from "./run-backfill.ts";
import { buildCalendlyWorld, createBackfillDeps, dayFromNow, TEST_SECRET } from "./testing/backfill-world.ts";
import { command, never, read, start } from "./testing/run-tools.ts";

const database = setUpTestDatabase();
const sandbox = setUpSandbox();

function depsNow(clock?: SettableClock) {
  return createBackfillDeps(database.db, sandbox.url, clock);
}

/** Keeps every page of the workspace from being saved until `release` is called. */
async function holdPages(workspaceId: string) {
  let release = () => {};
  let held = () => {};
  const isHeld = new Promise<void>((resolve) => {
    held = resolve;
  });
  const ended = database.db.$transaction(
    async (tx) => {
      await lockWorkspace(tx, workspaceId);
      held();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    },
    { timeout: 30_000 },
  );
  await isHeld;
  return {
    /** Resolves once a page waits to be saved. */
    async untilPageWaits() {
      for (;;) {
        const [row] = await database.db.$queryRaw<{ waits: bigint }[]>`
          SELECT count(*) AS waits FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`;
        if (Number(row?.waits ?? 0) > 0) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async release() {
      release();
      await ended;
    },
  };
}

describe("a run from start to end", () => {
  it("reads every slice, newest first, and counts exactly", async () => {
    const deps = depsNow();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { [-2]: 3, [-1]: 1, 1: 2 });
    const run = await start(deps, world.workspace.id, -3, 2);
    expect(deps.called).toEqual([run.id]);
    await runBackfill(deps, { backfillId: run.id }, never());

    const after = await read(deps, run.id);
    expect(after).toMatchObject({
      state: "succeeded",
      done: 6,
      known: 0,
      failed: 0,
      slices: { total: 5, done: 5 },
    });
    expect(after.effects.appointmentsAdded).toBe(6);
    const slices = await database.db.backfillSlice.findMany({
      where: { backfillId: run.id },
      orderBy: { startedAt: "asc" },
    });
    expect(slices.map((s) => s.day)).toEqual([1, 0, -1, -2, -3].map(dayFromNow));
    expect(await database.db.coverage.count({ where: { connectionId: world.connection.id } })).toBe(5);
  });

  it("finds everything known the second time and writes no appointment", async () => {
    const deps = depsNow();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 1: 3 });
    const first = await start(deps, world.workspace.id, 1, 2);
    await runBackfill(deps, { backfillId: first.id }, never());
    const before = await database.db.appointment.findMany({ where: { workspaceId: world.workspace.id } });

    const second = await start(deps, world.workspace.id, 1, 2);
    expect(second).toMatchObject({ existed: false });
    await runBackfill(deps, { backfillId: second.id }, never());
    expect(await read(deps, second.id)).toMatchObject({ state: "succeeded", done: 0, known: 3 });
    expect(await database.db.appointment.findMany({ where: { workspaceId: world.workspace.id } })).toEqual(
      before,
    );
  });

  it("ends with nothing done where there was nothing to do", async () => {
    const deps = depsNow();
    const world = await buildCalendlyWorld(database.db, sandbox.control, {});
    const run = await start(deps, world.workspace.id, -1, 1);
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({ state: "succeeded", done: 0, known: 0, failed: 0 });
  });

  it("counts a HighLevel meeting once, though its calendar and its host both list it", async () => {
    const deps = depsNow();
    const workspace = await buildWorkspace(database.db);
    const lead = await buildLead(database.db, { workspaceId: workspace.id });
    const made = await sandbox.control("/highlevel/locations", {
      name: "Lumen Dental",
      users: [{ name: "Kim Cho", email: "kim@lumen.example" }],
      calendars: [{ name: "Consult" }],
      contacts: [{ id: `contact-${lead.id}`, firstName: "Maya", email: lead.email }],
    });
    await sandbox.control("/highlevel/book", {
      location: made.location.id,
      calendar: made.calendars[0].id,
      assignedUserId: made.users[0].id,
      contact: `contact-${lead.id}`,
      start: addMs(dayFromNow(1), 15 * 60 * MINUTE_MS).toISOString(),
    });
    await buildConnection(database.db, {
      workspaceId: workspace.id,
      provider: "highlevel",
      locationId: made.location.id,
      tokenSealed: createSecretBox(TEST_SECRET).seal(made.token),
    });
    const run = await start(deps, workspace.id, 1, 2);
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({ state: "succeeded", done: 1, known: 0 });
  });
});

describe("starting", () => {
  it("answers the run under way when it is asked twice, at once or later", async () => {
    const deps = depsNow();
    const world = await buildCalendlyWorld(database.db, sandbox.control, {});
    const runs = await Promise.all([
      start(deps, world.workspace.id, 0, 3),
      start(deps, world.workspace.id, 0, 3),
    ]);
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    expect(runs.map(({ existed }) => existed).sort()).toEqual([false, true]);
    expect(await start(deps, world.workspace.id, 0, 3)).toMatchObject({ existed: true });
    expect(await start(deps, world.workspace.id, 0, 3, { dryRun: true })).toMatchObject({ existed: false });
    expect(deps.called).toHaveLength(2);
  });

  it("refuses where nothing is connected, and writes nothing", async () => {
    const deps = depsNow();
    const workspace = await buildWorkspace(database.db);
    await expect(start(deps, workspace.id, 0, 3)).rejects.toMatchObject({ code: "no_connection" });
    expect(await database.db.backfill.count({ where: { workspaceId: workspace.id } })).toBe(0);
  });
});

describe("a dry run", () => {
  it("says what would happen and writes no evidence", async () => {
    const deps = depsNow();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 1: 3, [-1]: 1 });
    const workspaceId = world.workspace.id;
    const snapshot = async () => ({
      appointments: await database.db.appointment.count({ where: { workspaceId } }),
      changes: await database.db.appointmentChange.count({ where: { workspaceId } }),
      leads: await database.db.lead.findMany({ where: { workspaceId }, orderBy: { id: "asc" } }),
      tasks: await database.db.task.count({ where: { workspaceId } }),
      coverage: await database.db.coverage.count({ where: { connectionId: world.connection.id } }),
      watermarks: await database.db.eventWatermark.count({ where: { connectionId: world.connection.id } }),
      audit: await database.db.auditEntry.count({ where: { workspaceId, subjectType: { not: "backfill" } } }),
    });
    const before = await snapshot();
    const run = await start(deps, workspaceId, -2, 2, { dryRun: true });
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({
      state: "succeeded",
      done: 4,
      effects: { appointmentsAdded: 4, leadsChanged: 4 },
    });
    expect(await snapshot()).toEqual(before);
  });
});

describe("pause, resume, cancel", () => {
  it("pauses after the page in hand and goes on from there", async () => {
    const deps = depsNow();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 2: 2, 1: 2 });
    const run = await start(deps, world.workspace.id, 1, 3);
    const pages = await holdPages(world.workspace.id);
    const working = runBackfill(deps, { backfillId: run.id }, never());
    await pages.untilPageWaits();
    expect(await command(deps, run.id, "pause")).toMatchObject({ state: "pausing" });
    await pages.release();
    await working;
    expect(await read(deps, run.id)).toMatchObject({ state: "paused", done: 2, slices: { done: 0 } });

    expect(await command(deps, run.id, "resume")).toMatchObject({ state: "queued" });
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({
      state: "succeeded",
      done: 4,
      known: 0,
      slices: { done: 2 },
    });
  });

  it("acknowledges a cancel while a page is saved, applies that page at most, and never takes it back", async () => {
    const deps = depsNow();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 2: 2, 1: 2 });
    const run = await start(deps, world.workspace.id, 1, 3);
    const pages = await holdPages(world.workspace.id);
    const working = runBackfill(deps, { backfillId: run.id }, never());
    await pages.untilPageWaits();
    expect(await command(deps, run.id, "cancel")).toMatchObject({ state: "canceling" });
    await expect(command(deps, run.id, "resume")).rejects.toMatchObject({ code: "backfill_canceled" });
    await pages.release();
    await working;
    expect(await read(deps, run.id)).toMatchObject({ state: "canceled", done: 2 });
    await expect(command(deps, run.id, "resume")).rejects.toMatchObject({ code: "backfill_canceled" });
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({ state: "canceled", done: 2 });
    const states = await database.db.backfillSlice.groupBy({
      by: ["state"],
      where: { backfillId: run.id },
      _count: true,
    });
    expect(states).toEqual([{ state: "canceled", _count: 2 }]);
  });

  it("gives a run back when the process stops, and the next worker goes on at once", async () => {
    const deps = depsNow();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 2: 2, 1: 2 });
    const run = await start(deps, world.workspace.id, 1, 3);
    const stopping = new AbortController();
    const pages = await holdPages(world.workspace.id);
    const working = runBackfill(deps, { backfillId: run.id }, stopping.signal);
    await pages.untilPageWaits();
    stopping.abort();
    await pages.release();
    await working;
    const given = await database.db.backfill.findUniqueOrThrow({ where: { id: run.id } });
    expect(given).toMatchObject({ state: "running", heartbeatAt: null });
    expect(deps.called.filter((id) => id === run.id)).toHaveLength(2);
    expect(await resumeStalledBackfills(deps)).toBeGreaterThan(0);
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({ state: "succeeded", done: 4, known: 0 });
    const slices = await database.db.backfillSlice.findMany({ where: { backfillId: run.id } });
    expect(slices.map(({ attempts }) => attempts)).toEqual([0, 0]);
  });
});

describe("workers", () => {
  it("lets one of two workers have the run", async () => {
    const deps = depsNow();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 2: 2, 1: 2 });
    const run = await start(deps, world.workspace.id, 1, 3);
    await Promise.all([1, 2].map(() => runBackfill(deps, { backfillId: run.id }, never())));
    const row = await database.db.backfill.findUniqueOrThrow({ where: { id: run.id } });
    expect(row.attempt).toBe(1);
    expect(await read(deps, run.id)).toMatchObject({ state: "succeeded", done: 4, known: 0 });
  });

  it("lets a worker that slept through its replacement write nothing", async () => {
    const deps = depsNow();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 1: 2 });
    const run = await start(deps, world.workspace.id, 1, 2);
    const pages = await holdPages(world.workspace.id);
    const zombie = runBackfill(deps, { backfillId: run.id }, never());
    await pages.untilPageWaits();
    // Another worker takes the run over, as it would after a missing heartbeat.
    await database.db.backfill.update({ where: { id: run.id }, data: { attempt: { increment: 1 } } });
    await pages.release();
    await zombie;
    expect(await database.db.appointment.count({ where: { workspaceId: world.workspace.id } })).toBe(0);
    expect(await read(deps, run.id)).toMatchObject({ state: "running", done: 0 });

    await database.db.backfill.update({ where: { id: run.id }, data: { heartbeatAt: null } });
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({ state: "succeeded", done: 2 });
  });

  it("is called for a run whose worker was not heard of for 15 seconds, and not before", async () => {
    const clock = new SettableClock(new Date("2026-03-10T15:00:00.000Z"));
    const deps = depsNow(clock);
    const world = await buildCalendlyWorld(database.db, sandbox.control, {});
    const run = await start(deps, world.workspace.id, 0, 1);
    await database.db.backfill.update({
      where: { id: run.id },
      data: { state: "running", heartbeatAt: clock.now(), attempt: 1 },
    });
    deps.called.length = 0;
    clock.advance(15 * SECOND_MS);
    await resumeStalledBackfills(deps);
    expect(deps.called).not.toContain(run.id);
    clock.advance(1);
    await resumeStalledBackfills(deps);
    expect(deps.called).toContain(run.id);
  });
});
