import { beforeEach, describe, expect, it } from "vitest";
import { operator } from "#server/audit/actor.ts";
import type { Prisma } from "#server/db/generated/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { addDays, addMs, DAY_MS, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildAppointment, buildLead, buildWorkspace, TEST_NOW } from "#server/testing/factories.ts";
import { convergeLeads } from "./converge-leads.ts";
import { passClock } from "./pass-clock.ts";

const test = setUpTestDatabase();
const clock = new SettableClock(TEST_NOW);
let workspaceId: string;

beforeEach(async () => {
  clock.set(TEST_NOW);
  await test.db.workspace.updateMany({ data: { flagAttendance: false } });
  ({ id: workspaceId } = await buildWorkspace(test.db, { flagAttendance: true }));
});

const pass = () => passClock({ db: test.db, clock });
const converge = (ids: string[]) =>
  runTransaction(test.db, "test", (tx) =>
    convergeLeads(tx, ids, { workspaceId, source: "reconcile", reason: "test", now: clock.now() }),
  );

/** A lead whose one meeting ended that long ago, decided down the road. */
async function buildHeld(
  endedAgoMs: number,
  overrides: Partial<Prisma.AppointmentUncheckedCreateInput> = {},
  lead: Partial<Prisma.LeadUncheckedCreateInput> = {},
) {
  const { id } = await buildLead(test.db, { workspaceId, status: "meeting_booked", ...lead });
  const endAt = addMs(TEST_NOW, -endedAgoMs);
  const meeting = await buildAppointment(test.db, {
    leadId: id,
    startAt: addMs(endAt, -30 * MINUTE_MS),
    endAt,
    ...overrides,
  });
  await converge([id]);
  return { id, meetingId: meeting.id };
}

const isFlagged = async (id: string) =>
  (await test.db.lead.findUniqueOrThrow({ where: { id } })).attendanceUnrecorded;

describe("kind 5, attendance unrecorded (R21)", () => {
  it.each([
    ["ended over a day ago without a word", 25 * HOUR_MS, {}, true],
    ["ended less than a day ago", 23 * HOUR_MS, {}, false],
    ["somebody came to", 25 * HOUR_MS, { status: "showed" as const }, false],
    ["an operator says somebody came to", 25 * HOUR_MS, { attendanceMark: "showed" as const }, false],
    ["nobody came to", 25 * HOUR_MS, { status: "no_show" as const }, false],
    ["lies before the window", 91 * DAY_MS, {}, false],
  ])("knows a meeting that %s", async (_case, endedAgoMs, overrides, expected) => {
    const { id } = await buildHeld(endedAgoMs, overrides);
    await pass();
    expect(await isFlagged(id)).toBe(expected);
  });

  it("is off by default, and off again a minute after the switch", async () => {
    const quiet = await buildWorkspace(test.db);
    const unasked = await buildLead(test.db, { workspaceId: quiet.id });
    await buildAppointment(test.db, { leadId: unasked.id, startAt: addDays(TEST_NOW, -3) });
    await test.db.lead.update({
      where: { id: unasked.id },
      data: { meetingState: "held", meetingStatus: "confirmed", meetingEndAt: addDays(TEST_NOW, -3) },
    });
    const { id } = await buildHeld(3 * DAY_MS);
    expect(await pass()).toMatchObject({ flagged: 1 });
    expect(await isFlagged(unasked.id)).toBe(false);
    await test.db.workspace.update({ where: { id: workspaceId }, data: { flagAttendance: false } });
    await pass();
    expect(await isFlagged(id)).toBe(false);
  });

  it("is told by time alone, once, to live screens, without touching the lead's version", async () => {
    const { id } = await buildHeld(23 * HOUR_MS);
    await pass();
    const before = await test.db.lead.findUniqueOrThrow({ where: { id } });
    clock.advance(2 * HOUR_MS);
    expect(await pass()).toMatchObject({ flagged: 1 });
    expect(await pass()).toMatchObject({ flagged: 0 });
    const after = await test.db.lead.findUniqueOrThrow({ where: { id } });
    expect(after).toEqual({ ...before, attendanceUnrecorded: true });
    expect(
      await test.db.outboxEvent.count({ where: { workspaceId, kind: "mismatch", ids: { has: id } } }),
    ).toBe(1);
  });

  it("goes with the word: the provider's, its copy's or an operator's", async () => {
    const byProvider = await buildHeld(25 * HOUR_MS);
    const byCopy = await buildHeld(26 * HOUR_MS);
    const byOperator = await buildHeld(27 * HOUR_MS);
    const all = [byProvider, byCopy, byOperator].map(({ id }) => id);
    expect(await pass()).toMatchObject({ flagged: 3 });
    await test.db.appointment.update({ where: { id: byProvider.meetingId }, data: { status: "showed" } });
    const original = await test.db.appointment.findUniqueOrThrow({ where: { id: byCopy.meetingId } });
    await buildAppointment(test.db, {
      leadId: byCopy.id,
      provider: "highlevel",
      startAt: original.startAt,
      mirrorOfId: original.id,
      status: "showed",
    });
    await test.db.appointment.update({
      where: { id: byOperator.meetingId },
      data: { attendanceMark: "showed", attendanceMarkById: operator("user_1").id },
    });
    await converge(all);
    for (const id of all) expect(await isFlagged(id)).toBe(false);
    expect(await pass()).toMatchObject({ flagged: 0 });
  });

  it("goes when another meeting is booked, and when the meeting leaves the window", async () => {
    const rebooked = await buildHeld(25 * HOUR_MS);
    const old = await buildHeld(89 * DAY_MS);
    await pass();
    await buildAppointment(test.db, { leadId: rebooked.id });
    await converge([rebooked.id]);
    expect(await isFlagged(rebooked.id)).toBe(false);
    expect(await isFlagged(old.id)).toBe(true);
    clock.advance(2 * DAY_MS);
    await pass();
    expect(await isFlagged(old.id)).toBe(false);
  });
});
