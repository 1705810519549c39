import { expect, it } from "vitest";
import { SettableClock } from "#server/lib/clock.ts";
import { addDays, addMs, DAY_MS, HOUR_MS } from "#server/lib/duration.ts";
import { createIdleQueue } from "#server/mismatches/testing/mismatch-world.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildAppointment, buildLead, buildWorkspace, TEST_NOW } from "#server/testing/factories.ts";
import { prune } from "./prune.ts";
import { sendDuePrune } from "./send-due-prune.ts";

const database = setUpTestDatabase();
const clock = new SettableClock(TEST_NOW);
const daysAgo = (days: number) => addDays(TEST_NOW, -days);
const justOver = (days: number) => addMs(daysAgo(days), -1);

it("forgets what has served its time, keeps what has not, and counts both once", async () => {
  const { db } = database;
  const { id: workspaceId } = await buildWorkspace(db);
  const delivery = (receivedAt: Date) => ({
    workspaceId,
    provider: "calendly" as const,
    bodySealed: "sealed",
    bodyHash: "hash",
    bodyBytes: 900,
    result: "accepted" as const,
    receivedAt,
  });
  await db.webhookDelivery.createMany({
    data: [delivery(daysAgo(30)), delivery(justOver(30)), delivery(daysAgo(90))],
  });
  const key = (name: string, createdAt: Date) => ({ scope: "x", key: name, requestHash: "h", createdAt });
  await db.idempotencyKey.createMany({ data: [key("fresh", daysAgo(1)), key("old", justOver(1))] });
  const event = (at: Date) => ({ workspaceId, kind: "lead", ids: [], at });
  await db.outboxEvent.createMany({ data: [event(daysAgo(2)), event(justOver(2))] });
  const run = (job: string, startedAt: Date) => ({ job, trigger: "cron", startedAt });
  await db.jobRun.createMany({ data: [run("recent", daysAgo(30)), run("old", justOver(30))] });
  await buildAppointment(db, { workspaceId, firstSeenAt: daysAgo(900) });

  await prune({ db, clock });

  const deliveries = await db.webhookDelivery.findMany({ orderBy: { receivedAt: "asc" } });
  expect(deliveries.map(({ bodySealed, bodyHash }) => [bodySealed, bodyHash])).toEqual([
    [null, "hash"],
    [null, "hash"],
    ["sealed", "hash"],
  ]);
  expect((await db.idempotencyKey.findMany()).map((row) => row.key)).toEqual(["fresh"]);
  expect((await db.outboxEvent.findMany()).map(({ at }) => at)).toEqual([daysAgo(2)]);
  expect(await db.appointment.count()).toBe(1);
  const runs = await db.jobRun.findMany({ orderBy: { id: "asc" } });
  expect(runs).toMatchObject([
    { job: "recent" },
    {
      job: "prune",
      state: "succeeded",
      counters: { webhookBodies: 2, idempotencyKeys: 1, outboxEvents: 1, jobRuns: 1 },
    },
  ]);

  await prune({ db, clock });
  expect((await db.jobRun.findMany({ orderBy: { id: "asc" } })).at(-1)?.counters).toEqual({
    webhookBodies: 0,
    idempotencyKeys: 0,
    outboxEvents: 0,
    jobRuns: 0,
    lookups: 0,
    sharedGates: 0,
  });
});

it("goes on with the next batch until nothing is left, and stops when it is told to", async () => {
  const { db } = database;
  const rows = Array.from({ length: 5_001 }, (_, at) => ({
    scope: "many",
    key: String(at),
    requestHash: "h",
    createdAt: daysAgo(3),
  }));
  await db.idempotencyKey.createMany({ data: rows });
  await expect(prune({ db, clock }, AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
  expect(await db.idempotencyKey.count({ where: { scope: "many" } })).toBe(5_001);
  await prune({ db, clock });
  expect(await db.idempotencyKey.count({ where: { scope: "many" } })).toBe(0);
});

it("comes due a day after the last run that neither failed nor was interrupted", async () => {
  const { db } = database;
  const { queue, sent } = createIdleQueue();
  const isDue = () => sendDuePrune({ db, clock, queue });
  await db.jobRun.deleteMany();
  expect(await isDue()).toBe(true);
  await prune({ db, clock });
  expect(await isDue()).toBe(false);
  clock.advance(DAY_MS);
  expect(await isDue()).toBe(true);
  await db.jobRun.create({
    data: { job: "prune", trigger: "cron", state: "failed", startedAt: clock.now() },
  });
  expect(await isDue()).toBe(true);
  await db.jobRun.updateMany({ where: { state: "failed" }, data: { state: "interrupted" } });
  expect(await isDue()).toBe(true);
  expect(sent.map(({ name }) => name)).toEqual(["prune", "prune", "prune", "prune"]);
});

it("lets the gate of a shared booking fall when a held one would no longer gate (R13, R26)", async () => {
  const { db } = database;
  clock.set(TEST_NOW);
  const { id: workspaceId } = await buildWorkspace(db, { heldGateDays: 30 });
  const share = async (endAt: Date) => {
    const { id, email } = await buildLead(db, { workspaceId, sharedBooking: true });
    await buildAppointment(db, {
      workspaceId,
      leadId: null,
      attendeeEmail: email,
      ambiguous: true,
      startAt: addMs(endAt, -HOUR_MS),
      endAt,
    });
    return id;
  };
  const gated = await share(daysAgo(30));
  const freed = await share(justOver(30));
  await prune({ db, clock });
  const isShared = async (id: string) => (await db.lead.findUniqueOrThrow({ where: { id } })).sharedBooking;
  expect([await isShared(gated), await isShared(freed)]).toEqual([true, false]);
});
