import { beforeEach, describe, expect, it } from "vitest";
import type { Prisma } from "#server/db/generated/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { addDays, addMs, DAY_MS, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import type { AppointmentReading } from "#server/providers/appointment-reading.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import {
  buildConnection,
  buildInstance,
  buildLead,
  buildSequence,
  buildWorkspace,
  TEST_NOW,
} from "#server/testing/factories.ts";
import { type ApplyStep, applyReadings } from "./apply-readings.ts";
import { buildReading, cancelReading } from "./testing/build-reading.ts";

const test = setUpTestDatabase();
let workspaceId: string;
let connectionId: string;

beforeEach(async () => {
  workspaceId = (await buildWorkspace(test.db)).id;
  connectionId = (await buildConnection(test.db, { workspaceId })).id;
});

function apply(readings: AppointmentReading[], overrides: Partial<ApplyStep> = {}) {
  return runTransaction(test.db, "test", (tx) =>
    applyReadings(tx, readings, {
      workspaceId,
      connectionId,
      source: "reconcile",
      reason: "sweep",
      now: addMs(TEST_NOW, 5 * MINUTE_MS),
      configuredTypes: null,
      ...overrides,
    }),
  );
}

const lead = (overrides: Partial<Prisma.LeadUncheckedCreateInput> = {}) =>
  buildLead(test.db, { workspaceId, ...overrides });
const reload = (id: string) => test.db.lead.findUniqueOrThrow({ where: { id } });
const tasks = (leadId: string) =>
  test.db.task.findMany({ where: { leadId }, include: { meetings: true }, orderBy: { createdAt: "asc" } });

describe("a booking becomes evidence", () => {
  it("books its lead, whatever the letter case of the e-mail (R8, R14)", async () => {
    const { id, email } = await lead({ status: "qualified" });
    const counts = await apply([buildReading({ attendeeEmail: email.toUpperCase() })]);
    expect(counts).toMatchObject({ created: 1, leadsChanged: 1, statusesChanged: 1, unmatched: 0 });
    expect(await reload(id)).toMatchObject({
      status: "meeting_booked",
      statusSource: "reconcile",
      meetingState: "booked",
      meetingProvider: "calendly",
      mismatchKind: null,
    });
  });

  it("keeps a plus-address apart from its plain one (R8)", async () => {
    const { id } = await lead({ email: "dana@northwind.example" });
    const counts = await apply([buildReading({ attendeeEmail: "dana+work@northwind.example" })]);
    expect(counts.unmatched).toBe(1);
    expect((await reload(id)).meetingState).toBe("none");
  });

  it("writes nothing the second time (R20)", async () => {
    const { id, email } = await lead();
    const reading = buildReading({ attendeeEmail: email });
    await apply([reading]);
    const before = await snapshot(id);
    const counts = await apply([{ ...reading, asOf: addMs(reading.asOf, MINUTE_MS) }]);
    expect(counts).toMatchObject({ unchanged: 1, created: 0, updated: 0, leadsChanged: 0 });
    expect(await snapshot(id)).toEqual(before);
  });

  it("completes what must not run and starts the post-booking sequence once (R14)", async () => {
    const { id, email } = await lead();
    const nudge = await buildSequence(test.db, { workspaceId, trigger: "no_response" });
    const prepare = await buildSequence(test.db, { workspaceId, trigger: "meeting_booked" });
    await test.db.followUpInstance.create({
      data: { workspaceId, leadId: id, sequenceId: nudge.id, trigger: "no_response", startedAt: TEST_NOW },
    });
    const counts = await apply([buildReading({ attendeeEmail: email })]);
    expect(counts).toMatchObject({ instancesStarted: 1, instancesStopped: 1 });
    const instances = await test.db.followUpInstance.findMany({ where: { leadId: id } });
    expect(instances.map(({ sequenceId, status }) => ({ sequenceId, status }))).toEqual(
      expect.arrayContaining([
        { sequenceId: nudge.id, status: "completed" },
        { sequenceId: prepare.id, status: "active" },
      ]),
    );
  });

  it("leaves a protected status and shows kind 2 (R14, R21)", async () => {
    const { id, email } = await lead({ status: "not_interested" });
    await apply([buildReading({ attendeeEmail: email })]);
    expect(await reload(id)).toMatchObject({
      status: "not_interested",
      meetingState: "booked",
      mismatchKind: 2,
    });
  });
});

describe("a booking is lost", () => {
  it("makes one red task with one line, however often it is read (R15)", async () => {
    const { id, email } = await lead();
    const booked = buildReading({ attendeeEmail: email });
    await apply([booked]);
    const canceled = cancelReading(booked);
    const counts = await apply([canceled]);
    await apply([canceled], { source: "webhook" });
    await apply([{ ...canceled, asOf: addMs(canceled.asOf, HOUR_MS) }]);
    expect(counts).toMatchObject({ updated: 1, redCreated: 1, statusesChanged: 1 });
    expect(await reload(id)).toMatchObject({
      status: "qualified",
      meetingState: "canceled",
      meetingCanceledAt: TEST_NOW,
      lostAt: TEST_NOW,
    });
    const [task, ...others] = await tasks(id);
    expect(others).toEqual([]);
    expect(task).toMatchObject({ type: "meeting_canceled", status: "pending" });
    expect(task?.meetings).toHaveLength(1);
  });

  it("is the same when it is first seen canceled already (R15)", async () => {
    const { id, email } = await lead({ status: "meeting_booked" });
    const counts = await apply([cancelReading(buildReading({ attendeeEmail: email }))]);
    expect(counts).toMatchObject({ created: 1, redCreated: 1 });
    expect((await reload(id)).status).toBe("qualified");
  });

  it("keeps the time and reason of the cancellation once and for all (R15)", async () => {
    const { id, email } = await lead();
    const canceled = cancelReading(buildReading({ attendeeEmail: email }));
    await apply([canceled]);
    await apply([
      {
        ...canceled,
        canceledAt: addMs(TEST_NOW, DAY_MS),
        cancelReason: "other",
        asOf: addMs(canceled.asOf, DAY_MS),
      },
    ]);
    expect((await reload(id)).meetingCanceledAt).toEqual(TEST_NOW);
  });

  it("makes no task while another meeting of the lead is live (R18)", async () => {
    const { id, email } = await lead();
    const first = buildReading({ attendeeEmail: email });
    await apply([first, buildReading({ attendeeEmail: email, startAt: addMs(TEST_NOW, 4 * DAY_MS) })]);
    const counts = await apply([cancelReading(first)]);
    expect(counts.redCreated).toBe(0);
    expect(await reload(id)).toMatchObject({ status: "meeting_booked", meetingState: "booked" });
  });

  it("closes the task by itself when the lead is booked again (R18)", async () => {
    const { id, email } = await lead();
    const first = buildReading({ attendeeEmail: email });
    await apply([first]);
    await apply([cancelReading(first)]);
    const counts = await apply([
      buildReading({
        attendeeEmail: email,
        startAt: addMs(TEST_NOW, 3 * DAY_MS),
        providerCreatedAt: addMs(TEST_NOW, HOUR_MS),
      }),
    ]);
    expect(counts.redClosed).toBe(1);
    expect(await tasks(id)).toMatchObject([{ status: "completed", closedReason: "rebooked_by_evidence" }]);
    expect((await reload(id)).status).toBe("meeting_booked");
  });

  it("adds a line and no second task for a second loss (R15)", async () => {
    const { id, email } = await lead();
    const [a, b] = [buildReading({ attendeeEmail: email }), buildReading({ attendeeEmail: email })];
    await apply([a, b]);
    await apply([cancelReading(a)]);
    await apply([cancelReading(b)]);
    const [task, ...others] = await tasks(id);
    expect(others).toEqual([]);
    expect(task?.meetings).toHaveLength(2);
  });

  it("makes no task for an old loss, but says it (R19)", async () => {
    const { id, email } = await lead({ status: "meeting_booked" });
    const old = cancelReading(buildReading({ attendeeEmail: email, startAt: addDays(TEST_NOW, -19) }), {
      canceledAt: addDays(TEST_NOW, -20),
    });
    const counts = await apply([old]);
    expect(counts.redCreated).toBe(0);
    expect(await reload(id)).toMatchObject({ meetingState: "canceled", status: "qualified" });
  });

  it("writes evidence only when effects are skipped (R19)", async () => {
    const { id, email } = await lead({ status: "meeting_booked" });
    const counts = await apply([cancelReading(buildReading({ attendeeEmail: email }))], {
      skipSideEffects: true,
    });
    expect(counts).toMatchObject({ created: 1, redCreated: 0, statusesChanged: 0 });
    expect(await reload(id)).toMatchObject({
      meetingState: "canceled",
      status: "meeting_booked",
      mismatchKind: 3,
    });
  });

  it("does not revive a cancellation by an older reading, in either order (engine: tombstones)", async () => {
    const { id, email } = await lead();
    const booked = buildReading({ attendeeEmail: email });
    await apply([cancelReading(booked)]);
    const counts = await apply([booked]);
    expect(counts).toMatchObject({ stale: 1, updated: 0 });
    expect((await reload(id)).meetingState).toBe("canceled");
  });
});

describe("a booking moves", () => {
  const chain = (email: string) => {
    const old = buildReading({ attendeeEmail: email });
    const next = buildReading({
      attendeeEmail: email,
      startAt: addMs(TEST_NOW, 5 * DAY_MS),
      rescheduledFromId: old.providerId,
      providerCreatedAt: TEST_NOW,
    });
    const moved = cancelReading(old, {
      status: "rescheduled",
      rescheduledToId: next.providerId,
      rescheduledToEventId: next.eventId,
    });
    return { old, next, moved };
  };

  it.each(["canceled first", "created first", "both at once"])("stays booked, %s (R16)", async (order) => {
    const { id, email } = await lead();
    const { old, next, moved } = chain(email);
    await apply([old]);
    if (order === "canceled first") {
      await apply([moved]);
      expect(await reload(id)).toMatchObject({ meetingState: "booked", status: "meeting_booked" });
      await apply([next]);
    } else if (order === "created first") {
      await apply([next]);
      await apply([moved]);
    } else {
      await apply([moved, next]);
    }
    expect(await reload(id)).toMatchObject({ meetingState: "booked", meetingStartAt: next.startAt });
    expect(await tasks(id)).toMatchObject([{ type: "meeting_rescheduled", status: "pending" }]);
  });

  it("inherits the lead under another e-mail (R16)", async () => {
    const { id, email } = await lead();
    const { old, next, moved } = chain(email);
    await apply([old]);
    await apply([moved, { ...next, attendeeEmail: "assistant@elsewhere.example" }]);
    expect(await reload(id)).toMatchObject({ meetingState: "booked", meetingStartAt: next.startAt });
  });

  it("links a successor that was seen before anybody knew its predecessor (R16)", async () => {
    const { id, email } = await lead();
    const { next, moved } = chain(email);
    await apply([{ ...next, attendeeEmail: "assistant@elsewhere.example" }]);
    expect((await reload(id)).meetingState).toBe("none");
    await apply([moved]);
    expect(await reload(id)).toMatchObject({ meetingState: "booked", meetingStartAt: next.startAt });
  });
});

describe("one meeting at both providers (R7)", () => {
  it("counts once, and its copy does not keep a canceled one alive", async () => {
    const { id, email } = await lead();
    const record = buildReading({ attendeeEmail: email });
    const copy = buildReading({
      provider: "highlevel",
      attendeeEmail: email,
      startAt: record.startAt,
      contactId: "CONTACT1",
    });
    await apply([copy]);
    await apply([record]);
    await apply([cancelReading(record)]);
    expect(await reload(id)).toMatchObject({ meetingState: "canceled", meetingProvider: "calendly" });
    expect(await tasks(id)).toHaveLength(1);
  });
});

describe("an e-mail of two leads (R13)", () => {
  it("links the booking to neither and gates both", async () => {
    const a = await lead({ email: "shared@northwind.example" });
    const b = await lead({ email: "Shared@Northwind.example" });
    const { id: instanceId } = await buildInstance(test.db, { leadId: a.id });
    const counts = await apply([buildReading({ attendeeEmail: "shared@northwind.example" })]);
    expect(counts).toMatchObject({ unmatched: 1, instancesStopped: 1 });
    for (const { id } of [a, b]) {
      expect(await reload(id)).toMatchObject({ meetingState: "none", sharedBooking: true });
    }
    expect(await test.db.followUpInstance.findUniqueOrThrow({ where: { id: instanceId } })).toMatchObject({
      status: "completed",
      reason: "booking_shared",
    });
  });
});

async function snapshot(leadId: string) {
  return {
    lead: await reload(leadId),
    appointments: await test.db.appointment.findMany({ where: { leadId } }),
    changes: await test.db.appointmentChange.count({ where: { leadId } }),
    audit: await test.db.auditEntry.count({ where: { leadId } }),
  };
}
