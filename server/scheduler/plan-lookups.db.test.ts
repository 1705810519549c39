import { beforeEach, describe, expect, it } from "vitest";
import { SettableClock } from "#server/lib/clock.ts";
import { addMs, DAY_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import {
  buildAppointment,
  buildConnection,
  buildInstance,
  buildLead,
  buildSequence,
  buildWorkspace,
  TEST_NOW,
} from "#server/testing/factories.ts";
import { type LookupPlan, planLookups } from "./plan-lookups.ts";
import { takeTurns } from "./send-due-lookups.ts";

const database = setUpTestDatabase();
const clock = new SettableClock(TEST_NOW);
const deps = () => ({ db: database.db, clock });
const BOUNDS = { workspaces: 10, leadsPerWorkspace: 50 };

beforeEach(async () => {
  clock.set(TEST_NOW);
  await database.db.workspace.deleteMany();
});

/** A HighLevel account whose sweeps are refused for a scope while its token lives, with leads in a sequence. */
async function buildPressing(leads: number) {
  const { id: workspaceId } = await buildWorkspace(database.db);
  const connection = await buildConnection(database.db, {
    workspaceId,
    provider: "highlevel",
    tokenSealed: "sealed",
    warmSweptAt: TEST_NOW,
    failures: 3,
    breakerUntil: addMs(TEST_NOW, DAY_MS),
  });
  await database.db.jobRun.create({
    data: {
      job: "sweep",
      trigger: "cron",
      connectionId: connection.id,
      state: "failed",
      errorCode: "provider_scope",
      startedAt: TEST_NOW,
    },
  });
  const { id: sequenceId } = await buildSequence(database.db, { workspaceId });
  const createdAt = addMs(TEST_NOW, -DAY_MS);
  const rows = await database.db.lead.createManyAndReturn({
    data: Array.from({ length: leads }, (_, n) => ({
      workspaceId,
      email: `lead${n}@ridgeline.example`,
      statusAt: createdAt,
      sentimentAt: createdAt,
      createdAt,
      updatedAt: createdAt,
    })),
    select: { id: true },
  });
  await database.db.followUpInstance.createMany({
    data: rows.map(({ id }) => ({
      workspaceId,
      leadId: id,
      sequenceId,
      trigger: "manual" as const,
      startedAt: createdAt,
    })),
  });
  return { workspaceId, connectionId: connection.id, leadIds: rows.map(({ id }) => id) };
}

/** What a tick and its jobs leave behind. */
async function tick(bounds = BOUNDS): Promise<LookupPlan[]> {
  const plans = await planLookups(deps(), bounds);
  await takeTurns(deps(), plans);
  const triedAt = clock.now();
  await database.db.leadLookup.deleteMany({ where: { leadId: { in: plans.flatMap((p) => p.leadIds) } } });
  await database.db.leadLookup.createMany({
    data: plans.flatMap((p) => p.leadIds).map((leadId) => ({ leadId, triedAt, dueAt: triedAt })),
  });
  clock.advance(MINUTE_MS);
  return plans;
}

describe("planLookups (R30)", () => {
  it("reaches every workspace in turn, however many there are and however large one is", async () => {
    const huge = await buildPressing(120);
    const others = [];
    for (let n = 0; n < 24; n++) others.push(await buildPressing(n === 0 ? 3 : 1));

    const ticks = [await tick(), await tick(), await tick()];
    expect(ticks.map((plans) => plans.length)).toEqual([10, 10, 10]);
    const first25 = ticks.flat().slice(0, 25);
    expect(new Set(first25.map((p) => p.workspaceId))).toEqual(
      new Set([huge, ...others].map((w) => w.workspaceId)),
    );
    for (const plan of ticks.flat()) expect(plan.leadIds.length).toBeLessThanOrEqual(50);

    // Every lead of the huge one is reached too, none of them twice before all of them once.
    const seen: string[] = ticks.flat().flatMap((p) => (p.workspaceId === huge.workspaceId ? p.leadIds : []));
    for (let n = 0; n < 30 && new Set(seen).size < 120; n++) {
      for (const plan of await tick()) {
        if (plan.workspaceId === huge.workspaceId) seen.push(...plan.leadIds);
      }
    }
    expect(new Set(seen.slice(0, 120))).toEqual(new Set(huge.leadIds));
  });

  it("takes leads that were never looked up first, then those longest ago", async () => {
    const { workspaceId, leadIds } = await buildPressing(4);
    const [a = "", b = "", c = "", d = ""] = leadIds;
    const lookedUp = (id: string, minutes: number) =>
      database.db.lead.update({
        where: { id },
        data: { lookedUpAt: addMs(TEST_NOW, -minutes * MINUTE_MS) },
      });
    await lookedUp(a, 10);
    await lookedUp(b, 30);
    await database.db.leadLookup.create({
      data: { leadId: c, triedAt: addMs(TEST_NOW, -20 * MINUTE_MS), dueAt: TEST_NOW },
    });
    const [plan] = await planLookups(deps(), BOUNDS, workspaceId);
    expect(plan?.leadIds).toEqual([d, b, c, a]);
    expect((await planLookups(deps(), { ...BOUNDS, leadsPerWorkspace: 2 }, workspaceId))[0]?.leadIds).toEqual(
      [d, b],
    );
  });

  it("leaves out a lead whose last lookup failed until its time", async () => {
    const { leadIds } = await buildPressing(2);
    const [failed = "", other = ""] = leadIds;
    await database.db.leadLookup.create({
      data: {
        leadId: failed,
        triedAt: addMs(TEST_NOW, -9 * MINUTE_MS),
        failures: 3,
        dueAt: addMs(TEST_NOW, 1),
      },
    });
    expect((await planLookups(deps(), BOUNDS))[0]?.leadIds).toEqual([other]);
    clock.advance(1);
    expect((await planLookups(deps(), BOUNDS))[0]?.leadIds).toEqual([other, failed]);
  });

  it("says where and why, and what either way takes", async () => {
    const { workspaceId, connectionId, leadIds } = await buildPressing(3);
    await database.db.connection.update({ where: { id: connectionId }, data: { hotCalls: 7 } });
    expect(await planLookups(deps(), BOUNDS)).toMatchObject([
      {
        workspaceId,
        connections: [{ connectionId, provider: "highlevel", because: "sweep_refused" }],
        why: "highlevel refuses the sweep but not the lookup",
        estimatedLookupCalls: 6,
        estimatedSweepCalls: 7,
      },
    ]);
    await database.db.leadAlias.createMany({
      data: leadIds.map((leadId, n) => ({
        workspaceId,
        leadId,
        emailKey: `lead${n}@home.example`,
        source: "import" as const,
        createdAt: TEST_NOW,
      })),
    });
    // Each address is searched for.
    expect(await planLookups(deps(), BOUNDS)).toMatchObject([{ estimatedLookupCalls: 9 }]);
  });

  it("looks at who has a meeting that no list names, in a sequence or not", async () => {
    const { id: workspaceId } = await buildWorkspace(database.db);
    const { id: connectionId } = await buildConnection(database.db, {
      workspaceId,
      provider: "highlevel",
      tokenSealed: "sealed",
      warmSweptAt: TEST_NOW,
    });
    const { id: leadId } = await buildLead(database.db, { workspaceId });
    const meeting = { workspaceId, connectionId, leadId, provider: "highlevel" as const };
    await buildAppointment(database.db, { ...meeting });
    expect(await planLookups(deps(), BOUNDS)).toEqual([]);
    await database.db.appointment.updateMany({ data: { unlisted: true } });
    expect(await planLookups(deps(), BOUNDS)).toMatchObject([
      { leadIds: [leadId], connections: [{ because: "unlisted_meetings" }] },
    ]);
  });

  it("plans nothing for sweeps that answer already, paused workspaces and disconnected accounts", async () => {
    const one = await buildPressing(1);
    const two = await buildPressing(1);
    const three = await buildPressing(1);
    await database.db.connection.update({
      where: { id: one.connectionId },
      data: { provider: "calendly", failures: 0, breakerUntil: null },
    });
    await database.db.workspace.update({ where: { id: two.workspaceId }, data: { paused: true } });
    await database.db.connection.update({ where: { id: three.connectionId }, data: { state: "off" } });
    expect(await planLookups(deps(), BOUNDS)).toEqual([]);
  });

  it("looks at a HighLevel lead once a day beside a sweep that answers", async () => {
    const { connectionId, leadIds } = await buildPressing(1);
    await database.db.connection.update({
      where: { id: connectionId },
      data: { failures: 0, breakerUntil: null },
    });
    expect(await planLookups(deps(), BOUNDS)).toMatchObject([
      { leadIds, connections: [{ because: "second_look" }] },
    ]);
    await database.db.lead.updateMany({ data: { lookedUpAt: TEST_NOW } });
    clock.advance(DAY_MS - 1);
    expect(await planLookups(deps(), BOUNDS)).toEqual([]);
    clock.advance(1);
    expect(await planLookups(deps(), BOUNDS)).toHaveLength(1);
  });

  it("counts nobody whose sequence ended or belongs to a booking", async () => {
    const { workspaceId } = await buildPressing(0);
    const leads = await Promise.all([1, 2, 3].map(() => buildLead(database.db, { workspaceId })));
    const [done, booked, paused] = leads.map(({ id }) => id);
    if (!done || !booked || !paused) throw new Error("Three leads were built.");
    await buildInstance(database.db, { leadId: done, status: "completed" });
    await buildInstance(database.db, { leadId: booked, trigger: "meeting_booked" });
    await buildInstance(database.db, { leadId: paused, status: "paused" });
    expect((await planLookups(deps(), BOUNDS))[0]?.leadIds).toEqual([paused]);
  });
});
