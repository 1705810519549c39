import { beforeEach, describe, expect, it } from "vitest";
import { SettableClock } from "#server/lib/clock.ts";
import { addMs, SECOND_MS } from "#server/lib/duration.ts";
import { setUpSandbox } from "#server/providers/testing/set-up-sandbox.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildConnection } from "#server/testing/factories.ts";
import { resumeStalledBackfills } from "./resume-stalled.ts";
import { runBackfill } from "./run-backfill.ts";
import { buildCalendlyWorld, createBackfillDeps, dayFromNow } from "./testing/backfill-world.ts";
import { command, never, read, start } from "./testing/run-tools.ts";

const database = setUpTestDatabase();
const sandbox = setUpSandbox();

beforeEach(async () => {
  await fetch(`${sandbox.url}/control/faults`, { method: "DELETE" });
});

function depsNow(clock?: SettableClock) {
  return createBackfillDeps(database.db, sandbox.url, clock);
}

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

  it("asks a provider that failed again after a while, and reads the others meanwhile", async () => {
    const clock = new SettableClock(new Date());
    const deps = depsNow(clock);
    const [bad, good] = await Promise.all(
      [1, 2].map(() => buildCalendlyWorld(database.db, sandbox.control, { 1: 2 })),
    );
    if (!bad || !good) throw new Error("two worlds were built");
    const run = await start(deps, [bad.workspace.id, good.workspace.id], 1, 2);
    await sandbox.control("/faults", {
      provider: "calendly",
      kind: "status",
      status: 404,
      match: { token: bad.token },
    });
    await database.db.backfillSlice.updateMany({
      where: { backfillId: run.id, workspaceId: bad.workspace.id },
      data: { attempts: 2 }, // the third comes after four seconds
    });
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({
      state: "waiting",
      waitReason: { kind: "no_answer", provider: "calendly" },
      done: 2,
    });
    const { waitUntil } = await database.db.backfill.findUniqueOrThrow({ where: { id: run.id } });
    expect(waitUntil).toEqual(addMs(clock.now(), 4 * SECOND_MS));

    await fetch(`${sandbox.url}/control/faults`, { method: "DELETE" });
    clock.set(addMs(waitUntil ?? clock.now(), 1));
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({ state: "succeeded", done: 4 });
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
    const { workspaceId, organizationId, ownerId, tokenSealed } = world.connection;
    await database.db.connection.update({
      where: { id: world.connection.id },
      data: { state: "off", tokenSealed: null },
    });
    await runBackfill(deps, { backfillId: run.id }, never());
    expect(await read(deps, run.id)).toMatchObject({ state: "waiting", waitReason: { kind: "connection" } });

    await buildConnection(database.db, {
      workspaceId,
      organizationId,
      ownerId,
      tokenSealed,
      createdAt: new Date(),
    });
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
    const run = await start(deps, [bad.workspace.id, good.workspace.id], 1, 2);
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
