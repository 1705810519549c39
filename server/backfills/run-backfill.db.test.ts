import { beforeEach, describe, expect, it, vi } from "vitest";
import { operator } from "#server/audit/actor.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { addMs, MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import { createSecretBox } from "#server/lib/secrets.ts";
import { setUpSandbox } from "#server/providers/testing/set-up-sandbox.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildConnection, buildLead, buildWorkspace } from "#server/testing/factories.ts";
import { commandBackfill } from "./command-backfill.ts";
import type { BackfillCommand } from "./decide-backfill-state.ts";
import { getBackfill } from "./queries.ts";
import { resumeStalledBackfills } from "./resume-stalled.ts";
import { runBackfill } from "./run-backfill.ts";
import { startBackfill } from "./start-backfill.ts";
import { buildCalendlyWorld, createBackfillDeps, dayFromNow, TEST_SECRET } from "./testing/backfill-world.ts";

const database = setUpTestDatabase();
const sandbox = setUpSandbox();
const ALL = { kind: "all" as const };
const never = () => new AbortController().signal;

beforeEach(async () => {
  await fetch(`${sandbox.url}/control/faults`, { method: "DELETE" });
});

function depsNow(clock?: SettableClock) {
  return createBackfillDeps(database.db, sandbox.url, clock);
}
type TestDeps = ReturnType<typeof createBackfillDeps>;

function start(
  deps: TestDeps,
  workspaceId: string,
  from: number,
  to: number,
  options: { dryRun?: boolean; skipSideEffects?: boolean } = {},
) {
  return startBackfill(
    deps,
    {
      workspaceIds: [workspaceId],
      providers: ["calendly", "highlevel"],
      from: dayFromNow(from),
      to: dayFromNow(to),
      dryRun: options.dryRun ?? false,
      skipSideEffects: options.skipSideEffects ?? false,
      note: null,
    },
    operator("user_1"),
  );
}

function command(deps: TestDeps, backfillId: string, word: BackfillCommand) {
  return commandBackfill(deps, { backfillId, scope: ALL, command: word, actor: operator("user_1") });
}

async function read(deps: TestDeps, id: string) {
  const { state, done, known, failed, slices, effects, errors, waitReason } = await getBackfill(
    { db: deps.db, now: deps.clock.now() },
    ALL,
    id,
  );
  return { state, done, known, failed, slices, effects, errors, waitReason };
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
    expect(await resumeStalledBackfills(deps)).toBeGreaterThan(0);
    expect(deps.called.filter((id) => id === run.id)).toHaveLength(2);
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

describe("trouble at the provider", () => {
  it("waits where the limit is used up and goes on by itself", async () => {
    const clock = new SettableClock(new Date());
    const deps = depsNow(clock);
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 1: 2 });
    const run = await start(deps, world.workspace.id, 1, 2);
    await sandbox.control("/faults", { provider: "calendly", kind: "429", match: { token: world.token } });
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({
      state: "waiting",
      waitReason: { kind: "limit", provider: "calendly" },
      done: 0,
    });
    const { waitUntil } = await database.db.backfill.findUniqueOrThrow({ where: { id: run.id } });
    deps.called.length = 0;
    await resumeStalledBackfills(deps);
    expect(deps.called).not.toContain(run.id);

    await fetch(`${sandbox.url}/control/faults`, { method: "DELETE" });
    clock.set(addMs(waitUntil ?? clock.now(), 1));
    await database.db.rateBucket.updateMany({ data: { cooldownUntil: null } });
    await resumeStalledBackfills(deps);
    expect(deps.called).toContain(run.id);
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({ state: "succeeded", done: 2 });
  });

  it("says that the limit holds it while it keeps its place, and lets go at once when it is canceled", async () => {
    const deps = depsNow();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 1: 2 });
    const run = await start(deps, world.workspace.id, 1, 2);
    // The share of this minute is used up: the next call has to wait for half of it, which a backfill does in place.
    await database.db.rateBucket.update({
      where: { key: `calendly:${world.connection.ownerId}` },
      data: { calls: Array.from({ length: 250 }, () => BigInt(Date.now() - 30_000)) },
    });
    const working = runBackfill(deps, { backfillId: run.id }, never());
    await vi.waitFor(
      async () => {
        expect(await read(deps, run.id)).toMatchObject({
          state: "waiting",
          waitReason: { kind: "limit", provider: "calendly" },
        });
      },
      { timeout: 10_000, interval: 200 },
    );
    const canceledAt = performance.now();
    expect(await command(deps, run.id, "cancel")).toMatchObject({ state: "canceling" });
    await working;
    expect(performance.now() - canceledAt).toBeLessThan(5_000);
    expect(await read(deps, run.id)).toMatchObject({ state: "canceled", done: 0 });
  });

  it("parks on a dead token, says so at the connection, and goes on when it was replaced", async () => {
    const clock = new SettableClock(new Date());
    const deps = depsNow(clock);
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 1: 2 });
    const run = await start(deps, world.workspace.id, 1, 2);
    await sandbox.control(`/calendly/tokens/${world.token}/revoke`);
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({
      state: "waiting",
      waitReason: { kind: "connection", provider: "calendly" },
    });
    const connection = await database.db.connection.findUniqueOrThrow({ where: { id: world.connection.id } });
    expect(connection.state).toBe("action_needed");
    deps.called.length = 0;
    await resumeStalledBackfills(deps);
    expect(deps.called).not.toContain(run.id);

    await sandbox.control(`/calendly/tokens/${world.token}/restore`);
    await database.db.connection.update({
      where: { id: world.connection.id },
      data: { tokenChangedAt: addMs(clock.now(), SECOND_MS) },
    });
    await resumeStalledBackfills(deps);
    expect(deps.called).toContain(run.id);
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({ state: "succeeded", done: 2 });
  });

  it("goes on through the new connection when the old one was disconnected", async () => {
    const deps = depsNow();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 1: 2 });
    const run = await start(deps, world.workspace.id, 1, 2);
    const { id: _, version: __, ...same } = world.connection;
    await database.db.connection.update({
      where: { id: world.connection.id },
      data: { state: "off", tokenSealed: null },
    });
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({ state: "waiting", waitReason: { kind: "connection" } });

    await database.db.connection.create({ data: { ...same, createdAt: new Date() } });
    deps.called.length = 0;
    await resumeStalledBackfills(deps);
    expect(deps.called).toContain(run.id);
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({ state: "succeeded", done: 2 });
  });

  it("lets one workspace's dead token stop no other workspace", async () => {
    const deps = depsNow();
    const [bad, good] = await Promise.all(
      [1, 2].map(() => buildCalendlyWorld(database.db, sandbox.control, { 1: 2 })),
    );
    if (!bad || !good) throw new Error("two worlds were built");
    const run = await startBackfill(
      deps,
      {
        workspaceIds: [bad.workspace.id, good.workspace.id],
        providers: ["calendly"],
        from: dayFromNow(1),
        to: dayFromNow(2),
        dryRun: false,
        skipSideEffects: false,
        note: null,
      },
      operator("user_1"),
    );
    await sandbox.control(`/calendly/tokens/${bad.token}/revoke`);
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({
      state: "waiting",
      done: 2,
      slices: { done: 1, total: 2 },
    });
    expect(await database.db.appointment.count({ where: { workspaceId: good.workspace.id } })).toBe(2);
  });

  it("leaves a slice that cannot be read as failed, finishes the others, and retries it alone", async () => {
    const deps = depsNow();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 2: 1, 1: 2 });
    const run = await start(deps, world.workspace.id, 1, 3);
    await database.db.backfillSlice.updateMany({
      where: { backfillId: run.id, day: dayFromNow(2) },
      data: { attempts: 4 }, // its last attempt
    });
    const eventId = world.invitees.find(
      ({ inviteeId }) => inviteeId === world.invitees.at(-1)?.inviteeId,
    )?.eventId;
    await sandbox.control("/faults", {
      provider: "calendly",
      kind: "status",
      status: 404,
      match: { path: `/scheduled_events/${eventId}/invitees` },
    });
    await runBackfill(deps, { backfillId: run.id }, never());
    const after = await read(deps, run.id);
    expect(after).toMatchObject({ state: "incomplete", done: 2, slices: { done: 1, failed: 1 } });
    expect(after.errors).toMatchObject([{ records: 1, slices: 1, provider: "calendly" }]);

    await fetch(`${sandbox.url}/control/faults`, { method: "DELETE" });
    await command(deps, run.id, "retry");
    const before = await database.db.backfillSlice.findFirstOrThrow({
      where: { backfillId: run.id, day: dayFromNow(1) },
    });
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({ state: "succeeded", done: 3, errors: [] });
    const untouched = await database.db.backfillSlice.findUniqueOrThrow({ where: { id: before.id } });
    expect(untouched).toEqual(before);
  });

  it("keeps a record that nobody can store in the ledger, saves the others, and says so at the end", async () => {
    const deps = depsNow();
    const world = await buildCalendlyWorld(database.db, sandbox.control, { 1: 5 }, { "1.2": "Ev\u0000a" });
    const run = await start(deps, world.workspace.id, 1, 2);
    await runBackfill(deps, { backfillId: run.id }, never());
    const after = await read(deps, run.id);
    expect(after).toMatchObject({ state: "succeeded_with_exceptions", done: 4, failed: 1 });
    expect(after.errors).toMatchObject([{ code: "refused_record", records: 1 }]);

    const poisoned = world.invitees[2]?.inviteeId;
    await sandbox.control("/calendly/patch", { invitee: poisoned, fields: { name: "Eva" } });
    await command(deps, run.id, "retry");
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({
      state: "succeeded",
      done: 1,
      known: 4,
      failed: 0,
      errors: [],
    });
  });
});
