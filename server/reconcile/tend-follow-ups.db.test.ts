import { beforeEach, describe, expect, it } from "vitest";
import type { Prisma } from "#server/db/generated/client.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { addDays, addMs, DAY_MS, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import {
  buildAppointment,
  buildInstance,
  buildLead,
  buildSequence,
  buildTask,
  buildWorkspace,
  TEST_NOW,
} from "#server/testing/factories.ts";
import { listWorkspaceIncidents } from "./list-incidents.ts";
import { tendFollowUps } from "./tend-follow-ups.ts";

const test = setUpTestDatabase();
const clock = new SettableClock(TEST_NOW);
let workspaceId: string;

beforeEach(async () => {
  clock.set(TEST_NOW);
  ({ id: workspaceId } = await buildWorkspace(test.db));
});

const tend = (only: string | null = null) => tendFollowUps({ db: test.db, clock }, { workspaceId: only });
const reload = (id: string) => test.db.followUpInstance.findUniqueOrThrow({ where: { id } });

/** A lead with one meeting, in a sequence that nobody should have started: smuggled in behind everybody's back. */
async function smuggle(
  meeting: Partial<Prisma.AppointmentUncheckedCreateInput> | null,
  lead: Partial<Prisma.LeadUncheckedCreateInput> = {},
) {
  const meetingState = meeting?.standing === "live" ? "booked" : meeting ? "held" : "none";
  const { id: leadId } = await buildLead(test.db, { workspaceId, meetingState, ...lead });
  if (meeting) await buildAppointment(test.db, { leadId, ...meeting });
  const { id: sequenceId } = await buildSequence(test.db, { workspaceId });
  const [row] = await test.db.$queryRaw<{ id: string }[]>`
    INSERT INTO "FollowUpInstance" ("workspaceId", "leadId", "sequenceId", trigger, "startedAt")
    VALUES (${workspaceId}::uuid, ${leadId}::uuid, ${sequenceId}::uuid, 'manual', ${TEST_NOW}::timestamptz)
    RETURNING id`;
  return { leadId, id: row?.id ?? "" };
}

const LIVE = { standing: "live" as const };
const heldDaysAgo = (days: number) => ({
  standing: "held" as const,
  startAt: addDays(TEST_NOW, -days),
  endAt: addMs(addDays(TEST_NOW, -days), 30 * MINUTE_MS),
});

const strayTotal = async () =>
  (await test.db.effectTotal.findFirst({ where: { workspaceId, effect: "stray_completed" } }))?.total ?? 0n;

describe("the backstop (R26)", () => {
  it("completes a stray once, counts it once, and says so once", async () => {
    const { id, leadId } = await smuggle(LIVE);
    expect(await tend()).toMatchObject({ strays: 1 });
    expect(await reload(id)).toMatchObject({
      status: "completed",
      reason: "meeting_booked",
      endedAt: TEST_NOW,
      nextStepAt: null,
    });
    clock.advance(MINUTE_MS);
    expect(await tend()).toMatchObject({ strays: 0 });
    expect(await strayTotal()).toBe(1n);
    expect(await test.db.auditEntry.findMany({ where: { leadId } })).toMatchObject([
      { verb: "stray_completed", actorKind: "system", reason: "meeting_booked" },
    ]);
    expect(await test.db.outboxEvent.count({ where: { workspaceId, kind: "lead" } })).toBe(1);
  });

  it.each([
    ["a meeting held within the gate", heldDaysAgo(89), {}, "completed"],
    ["a meeting held before the gate", heldDaysAgo(91), {}, "active"],
    ["a booking under an address that it shares (R13)", null, { sharedBooking: true }, "completed"],
    ["no meeting", null, {}, "active"],
    [
      "a booking that only waits for its successor (R16)",
      { ...LIVE, status: "rescheduled" as const },
      {},
      "active",
    ],
  ])("knows who has %s", async (_case, meeting, lead, status) => {
    const { id } = await smuggle(meeting, lead);
    await tend();
    expect((await reload(id)).status).toBe(status);
  });

  it("leaves a post-booking sequence alone", async () => {
    const { leadId } = await smuggle(LIVE);
    const { id } = await buildInstance(test.db, { leadId, trigger: "meeting_booked" });
    expect(await tend()).toMatchObject({ strays: 1 });
    expect((await reload(id)).status).toBe("active");
  });

  it("opens an incident, counts it per minute that has one, closes it after a clean day, and opens a new one", async () => {
    await smuggle(LIVE);
    await smuggle(LIVE);
    await tend();
    clock.advance(MINUTE_MS);
    await smuggle(LIVE);
    await tend();
    const screen = { workspaceId, screen: "leads" } as const;
    expect(await listWorkspaceIncidents(test.db, screen)).toMatchObject([
      {
        kind: "stray_enrolment",
        count: 2,
        what: "1 sequence ran for leads that have a meeting.",
        firstSeenAt: TEST_NOW,
        lastSeenAt: addMs(TEST_NOW, MINUTE_MS),
      },
    ]);
    clock.advance(DAY_MS);
    await tend();
    expect(await listWorkspaceIncidents(test.db, screen)).toHaveLength(1);
    clock.advance(MINUTE_MS);
    await tend();
    expect(await listWorkspaceIncidents(test.db, screen)).toEqual([]);
    await smuggle(LIVE);
    await tend();
    const all = await test.db.incident.findMany({ where: { workspaceId }, orderBy: { firstSeenAt: "asc" } });
    expect(all.map(({ count, closedAt }) => [count, closedAt !== null])).toEqual([
      [2, true],
      [1, false],
    ]);
  });

  it("stays in the workspace that it is asked about", async () => {
    const { id } = await smuggle(LIVE);
    const other = await buildWorkspace(test.db);
    expect(await tend(other.id)).toMatchObject({ workspaces: 0, strays: 0 });
    expect((await reload(id)).status).toBe("active");
    expect(await tend(workspaceId)).toMatchObject({ workspaces: 1, strays: 1 });
  });

  it("completes a stray once though two look at the same time", async () => {
    await smuggle(LIVE);
    const found = await Promise.all([tend(), tend(), tend()]);
    expect(found.reduce((sum, { strays }) => sum + strays, 0)).toBe(1);
    expect(await strayTotal()).toBe(1n);
  });
});

describe("leads that want to hear nothing (R28)", () => {
  it("leave their sequences however they came to want it, and a snooze that is over lets them go on", async () => {
    const gone = await buildInstance(test.db, { leadId: (await buildLead(test.db, { workspaceId })).id });
    const asleep = await buildInstance(test.db, { leadId: (await buildLead(test.db, { workspaceId })).id });
    const label = (leadId: string, sentiment: string) => test.db.$executeRaw`
      UPDATE "Lead" SET sentiment = ${sentiment}::"Sentiment" WHERE id = ${leadId}::uuid`;
    await label(gone.leadId, "blacklist");
    await label(asleep.leadId, "snoozed");
    expect(await tend()).toMatchObject({ strays: 0, instancesStopped: 2 });
    expect(await reload(gone.id)).toMatchObject({ status: "canceled", reason: "lead_blacklisted" });
    expect(await reload(asleep.id)).toMatchObject({ status: "paused", reason: "lead_snoozed" });
    await label(asleep.leadId, "interested");
    await tend();
    expect(await reload(asleep.id)).toMatchObject({ status: "active", reason: null });
    expect(await tend()).toMatchObject({ instancesStopped: 0 });
  });
});

it("wakes tasks whose time has come", async () => {
  const dueAt = addMs(TEST_NOW, HOUR_MS);
  const { id } = await buildTask(test.db, { workspaceId, status: "snoozed", dueAt });
  expect(await tend()).toMatchObject({ tasksWoken: 0 });
  clock.set(dueAt);
  expect(await tend()).toMatchObject({ tasksWoken: 1 });
  expect((await test.db.task.findUniqueOrThrow({ where: { id } })).status).toBe("pending");
});
