import { expect, it } from "vitest";
import { addMs, HOUR_MS } from "#server/lib/duration.ts";
import { createSecretBox } from "#server/lib/secrets.ts";
import { setUpSandbox } from "#server/providers/testing/set-up-sandbox.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildConnection, buildLead } from "#server/testing/factories.ts";
import { estimateBackfill } from "./estimate-backfill.ts";
import { runBackfill } from "./run-backfill.ts";
import { buildCalendlyWorld, createBackfillDeps, dayFromNow, TEST_SECRET } from "./testing/backfill-world.ts";
import { never, read, start } from "./testing/run-tools.ts";

const database = setUpTestDatabase();
const sandbox = setUpSandbox();
const depsNow = () => createBackfillDeps(database.db, sandbox.url);

/**
 * A workspace with a claim of yesterday for each of its meetings, and one without any meeting. None is known yet.
 */
async function buildClaims(meetings: number) {
  const world = await buildCalendlyWorld(database.db, sandbox.control, { 1: meetings });
  const workspaceId = world.workspace.id;
  const claim = { sentiment: "meeting_booked", sentimentAt: addMs(dayFromNow(-1), 9 * HOUR_MS) } as const;
  await database.db.lead.updateMany({ where: { workspaceId }, data: claim });
  const liar = await buildLead(database.db, { workspaceId, ...claim });
  return { ...world, workspaceId, liar };
}

async function connectHighLevel(workspaceId: string) {
  const made = await sandbox.control("/highlevel/locations", {
    name: "Lumen Dental",
    users: [{ name: "Kim Cho", email: "kim@lumen.example" }],
    calendars: [{ name: "Consult" }],
    contacts: [],
  });
  const connection = await buildConnection(database.db, {
    workspaceId,
    provider: "highlevel",
    locationId: made.location.id,
    tokenSealed: createSecretBox(TEST_SECRET).seal(made.token),
  });
  return { connection, token: made.token };
}

it("asks about the leads of its days, counts leads, and checks their claims (R22, R30)", async () => {
  const deps = depsNow();
  const { workspaceId, liar, connection } = await buildClaims(12);
  await connectHighLevel(workspaceId);
  const run = await start(deps, workspaceId, -2, 1, { mode: "lookup" });
  await runBackfill(deps, { backfillId: run.id }, never());
  expect(await read(deps, run.id)).toMatchObject({
    state: "succeeded",
    done: 12,
    known: 1,
    failed: 0,
    slices: { total: 3, done: 3 },
    effects: { appointmentsAdded: 12, leadsChanged: 12 },
  });
  const booked = await database.db.lead.count({ where: { workspaceId, meetingState: "booked" } });
  expect(booked).toBe(12);
  expect(await database.db.lead.findUniqueOrThrow({ where: { id: liar.id } })).toMatchObject({
    claimCheckedAt: expect.any(Date),
    mismatchKind: 1,
  });
  expect(await database.db.coverage.count({ where: { connectionId: connection.id } })).toBe(0);
  const [jobRun] = await database.db.jobRun.findMany({ where: { workspaceId, job: "run-backfill" } });
  expect(jobRun).toMatchObject({ way: "lookup" });
});

it("finds leads that claim nothing on the day of their meeting, and each once", async () => {
  const deps = depsNow();
  const { workspaceId } = await buildClaims(2);
  await database.db.lead.updateMany({
    where: { workspaceId },
    data: { sentiment: "new" },
  });
  const sweep = await start(deps, workspaceId, 1, 2, { skipSideEffects: true });
  await runBackfill(deps, { backfillId: sweep.id }, never());
  await database.db.lead.updateMany({ where: { workspaceId }, data: { status: "new" } });
  const run = await start(deps, workspaceId, -2, 4, { mode: "lookup" });
  await runBackfill(deps, { backfillId: run.id }, never());
  expect(await read(deps, run.id)).toMatchObject({ state: "succeeded", done: 0, known: 2 });
});

it("checks no claim while it asks only some of the accounts", async () => {
  const deps = depsNow();
  const { workspaceId, liar } = await buildClaims(1);
  await connectHighLevel(workspaceId);
  const run = await start(deps, workspaceId, -2, 1, { mode: "lookup" });
  await database.db.backfill.update({ where: { id: run.id }, data: { providers: ["calendly"] } });
  await runBackfill(deps, { backfillId: run.id }, never());
  expect(await read(deps, run.id)).toMatchObject({ state: "succeeded", done: 1, known: 1 });
  expect(await database.db.lead.findUniqueOrThrow({ where: { id: liar.id } })).toMatchObject({
    claimCheckedAt: null,
    lookedUpAt: null,
  });
});

it("writes nothing in a dry run", async () => {
  const deps = depsNow();
  const { workspaceId } = await buildClaims(3);
  const leads = () => database.db.lead.findMany({ where: { workspaceId }, orderBy: { id: "asc" } });
  const before = await leads();
  const run = await start(deps, workspaceId, -2, 1, { mode: "lookup", dryRun: true });
  await runBackfill(deps, { backfillId: run.id }, never());
  expect(await read(deps, run.id)).toMatchObject({
    state: "succeeded",
    done: 3,
    known: 1,
    effects: { appointmentsAdded: 3 },
  });
  expect(await leads()).toEqual(before);
  expect(await database.db.appointment.count({ where: { workspaceId } })).toBe(0);
});

it("keeps the leads it has asked about when the limit ends a page, and goes on behind them", async () => {
  const deps = depsNow();
  const { workspaceId, connection } = await buildClaims(8);
  const run = await start(deps, workspaceId, -1, 0, { mode: "lookup" });
  const bucket = { key: `calendly:${connection.ownerId}` };
  // Room for a list and the people of one event, twice and a half.
  const calls = Array.from({ length: 145 }, () => BigInt(Date.now()));
  await database.db.rateBucket.update({ where: bucket, data: { calls } });
  await runBackfill(deps, { backfillId: run.id }, never());
  const waiting = await read(deps, run.id);
  expect(waiting).toMatchObject({ state: "waiting", waitReason: { kind: "limit", provider: "calendly" } });
  expect(waiting.done + waiting.known).toBeGreaterThanOrEqual(2);
  expect(waiting.done + waiting.known).toBeLessThan(9);
  // As if the minute had passed.
  await database.db.rateBucket.update({ where: bucket, data: { calls: [] } });
  await database.db.backfill.update({ where: { id: run.id }, data: { waitUntil: new Date() } });
  await runBackfill(deps, { backfillId: run.id }, never());
  expect(await read(deps, run.id)).toMatchObject({ state: "succeeded", done: 8, known: 1 });
});

it("names the account that does not accept it, and not the first of its slice", async () => {
  const deps = depsNow();
  const { workspaceId, connection } = await buildClaims(1);
  const highlevel = await connectHighLevel(workspaceId);
  await sandbox.control(`/highlevel/tokens/${highlevel.token}/revoke`);
  const run = await start(deps, workspaceId, -2, 1, { mode: "lookup" });
  await runBackfill(deps, { backfillId: run.id }, never());
  expect(await read(deps, run.id)).toMatchObject({
    state: "waiting",
    waitReason: { kind: "connection", provider: "highlevel" },
    done: 0,
  });
  const states = await database.db.connection.findMany({
    where: { workspaceId },
    select: { id: true, state: true },
  });
  expect(new Map(states.map(({ id, state }) => [id, state]))).toEqual(
    new Map([
      [connection.id, connection.state],
      [highlevel.connection.id, "action_needed"],
    ]),
  );
});

it("says beforehand how many leads there are and what either way costs", async () => {
  const deps = depsNow();
  const { workspaceId } = await buildClaims(4);
  const range = { workspaceIds: [workspaceId], from: dayFromNow(-2), to: dayFromNow(2) };
  const target = { ...range, providers: ["calendly" as const], mode: "lookup" as const };
  expect(await estimateBackfill(deps, target)).toMatchObject({
    estimate: { leads: 5, meetings: null, calls: 5 },
    // Four days, and the people of four meetings that are new.
    calls: { sweep: 8, lookup: 5 },
    slices: 4,
  });
});
