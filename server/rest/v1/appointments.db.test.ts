import { describe, expect, it } from "vitest";
import { runTransaction } from "#server/db/run-transaction.ts";
import { addDays, addMs, HOUR_MS } from "#server/lib/duration.ts";
import { applyReadings } from "#server/reconcile/apply-readings.ts";
import { buildReading } from "#server/reconcile/testing/build-reading.ts";
import { buildAppointment, buildConnection, buildLead, TEST_NOW } from "#server/testing/factories.ts";
import { setUpApi } from "../testing/set-up-api.ts";

const api = setUpApi();
const buildOwnLead = () => buildLead(api.db, { workspaceId: api.workspaceId });
const reload = (id: string) => api.db.lead.findUniqueOrThrow({ where: { id } });
const auditOf = (leadId: string, verb: string) => api.db.auditEntry.findMany({ where: { leadId, verb } });

/** A booking that a provider told of. */
async function readBooking(overrides: Parameters<typeof buildReading>[0]) {
  const { workspaceId } = api;
  const connection =
    (await api.db.connection.findFirst({ where: { workspaceId } })) ??
    (await buildConnection(api.db, { workspaceId }));
  const reading = buildReading(overrides);
  await runTransaction(api.db, "test", (tx) =>
    applyReadings(tx, [reading], {
      workspaceId,
      connectionId: connection.id,
      source: "reconcile",
      reason: "sweep",
      now: TEST_NOW,
      configuredTypes: null,
    }),
  );
  return api.db.appointment.findFirstOrThrow({ where: { workspaceId, providerId: reading.providerId } });
}

describe("POST /api/v1/appointments/:id/attendance (R6)", () => {
  const mark = (id: string, body: unknown) => api.post(`/api/v1/appointments/${id}/attendance`, body);

  async function heldMeeting() {
    const lead = await buildOwnLead();
    const startAt = addMs(TEST_NOW, -3 * HOUR_MS);
    return { lead, meeting: await buildAppointment(api.db, { leadId: lead.id, startAt }) };
  }

  it("lets a program say that nobody came, and take it back", async () => {
    const { lead, meeting } = await heldMeeting();
    expect(await mark(meeting.id, { mark: "no_show" })).toMatchObject({
      status: 200,
      body: { id: meeting.id, noShow: true },
    });
    expect(await reload(lead.id)).toMatchObject({ meetingState: "no_show" });
    expect(await auditOf(lead.id, "attendance_marked")).toMatchObject([{ actorKind: "api" }]);
    expect(await mark(meeting.id, { mark: null })).toMatchObject({ status: 200, body: { noShow: false } });
    expect(await reload(lead.id)).toMatchObject({ meetingState: "held" });
  });

  it("takes the same word again for a meeting that was moved after it was given", async () => {
    const { meeting } = await heldMeeting();
    await mark(meeting.id, { mark: "no_show" });
    // Given yesterday, and moved ahead to an hour ago since.
    await api.db.appointment.update({
      where: { id: meeting.id },
      data: { endAt: addMs(TEST_NOW, -HOUR_MS), attendanceMarkAt: addDays(TEST_NOW, -1) },
    });
    const { body } = await api.get("/api/v1/appointments");
    expect(body.rows.find((row: { id: string }) => row.id === meeting.id)).toMatchObject({ noShow: false });
    expect(await mark(meeting.id, { mark: "no_show" })).toMatchObject({
      status: 200,
      body: { noShow: true },
    });
  });

  it("refuses a mark on a meeting that is not over, and says why", async () => {
    const meeting = await buildAppointment(api.db, { leadId: (await buildOwnLead()).id });
    expect(await mark(meeting.id, { mark: "showed" })).toMatchObject({
      status: 409,
      body: { error: { code: "not_over" } },
    });
  });

  it.each([{}, { mark: "came" }, { mark: "showed", by: "me" }])("refuses %j", async (body) => {
    const { meeting } = await heldMeeting();
    expect((await mark(meeting.id, body)).status).toBe(400);
  });

  it("finds no meeting of another workspace (R42)", async () => {
    const foreign = await buildAppointment(api.db, { startAt: addDays(TEST_NOW, -1) });
    expect((await mark(foreign.id, { mark: "showed" })).status).toBe(404);
    expect((await mark("nonsense", { mark: "showed" })).status).toBe(404);
  });
});

describe("POST /api/v1/appointments/:id/link (R11)", () => {
  const link = (id: string, body: unknown) => api.post(`/api/v1/appointments/${id}/link`, body);

  it("books the lead by a person's word, and remembers nothing unless asked", async () => {
    const lead = await buildOwnLead();
    const booking = await readBooking({ attendeeEmail: "assistant@ridgeline.example" });
    const other = await readBooking({ attendeeEmail: "assistant@ridgeline.example" });
    const answer = await link(booking.id, { leadId: lead.id });
    expect(answer).toMatchObject({ status: 200, body: { id: booking.id, leadId: lead.id } });
    expect(await reload(lead.id)).toMatchObject({ meetingState: "booked", status: "meeting_booked" });
    expect(await api.db.appointment.findUniqueOrThrow({ where: { id: booking.id } })).toMatchObject({
      linkedBy: "operator",
      standing: "live",
    });
    expect((await api.db.appointment.findUniqueOrThrow({ where: { id: other.id } })).leadId).toBeNull();
    expect(await api.db.leadAlias.count({ where: { leadId: lead.id } })).toBe(0);
    expect(await auditOf(lead.id, "booking_linked")).toMatchObject([
      { actorKind: "api", source: "operator" },
    ]);
    const changes = await api.db.appointmentChange.findMany({ where: { leadId: lead.id } });
    expect(changes).toMatchObject([{ kind: "linked", appointmentId: booking.id, reason: "booking_linked" }]);
  });

  it("links every booking under a remembered address, those to come too", async () => {
    const lead = await buildOwnLead();
    const booking = await readBooking({ attendeeEmail: "Assistant@Ridgeline.example" });
    const past = await readBooking({
      attendeeEmail: "assistant@ridgeline.example",
      startAt: addDays(TEST_NOW, -3),
    });
    expect((await link(booking.id, { leadId: lead.id, rememberAlias: true })).status).toBe(200);
    const next = await readBooking({
      attendeeEmail: "assistant@ridgeline.example",
      startAt: addDays(TEST_NOW, 9),
    });
    const rows = await api.db.appointment.findMany({ where: { id: { in: [past.id, next.id] } } });
    expect(rows.map(({ leadId, linkedBy }) => [leadId, linkedBy])).toEqual([
      [lead.id, "alias"],
      [lead.id, "alias"],
    ]);
    expect(await api.db.leadAlias.findMany({ where: { leadId: lead.id } })).toMatchObject([
      { emailKey: "assistant@ridgeline.example", source: "operator" },
    ]);
  });

  it("brings the rest of its chain along (R16)", async () => {
    const lead = await buildOwnLead();
    const old = await readBooking({
      attendeeEmail: "a@elsewhere.example",
      status: "rescheduled",
      rescheduledToId: "NEXT",
    });
    const next = await readBooking({
      providerId: "NEXT",
      attendeeEmail: "b@elsewhere.example",
      rescheduledFromId: old.providerId,
    });
    await link(old.id, { leadId: lead.id });
    expect(await api.db.appointment.findUniqueOrThrow({ where: { id: next.id } })).toMatchObject({
      leadId: lead.id,
      linkedBy: "chain",
    });
    expect(await reload(lead.id)).toMatchObject({ meetingState: "booked", primaryId: next.id });
  });

  it("ends the gate of those who shared an address with it (R13)", async () => {
    const shared = "office@ridgeline.example";
    const leads = [await buildOwnLead(), await buildOwnLead()] as const;
    const { workspaceId } = api;
    await api.db.lead.updateMany({ where: { workspaceId }, data: { email: shared } });
    const booking = await readBooking({ attendeeEmail: shared });
    expect(await reload(leads[1].id)).toMatchObject({ sharedBooking: true, meetingState: "none" });
    expect(await link(booking.id, { leadId: leads[0].id, rememberAlias: true })).toMatchObject({
      status: 409,
      body: { error: { code: "alias_taken" } },
    });
    expect((await link(booking.id, { leadId: leads[0].id })).status).toBe(200);
    expect(await reload(leads[0].id)).toMatchObject({ sharedBooking: false, meetingState: "booked" });
    expect(await reload(leads[1].id)).toMatchObject({ sharedBooking: false, meetingState: "none" });
  });

  it("stays as the person said, whoever comes with that address and whatever is read again", async () => {
    const lead = await buildOwnLead();
    const booking = await readBooking({ providerId: "KEPT", attendeeEmail: "new@ridgeline.example" });
    await link(booking.id, { leadId: lead.id });
    const upsert = await api.post("/api/v1/leads", { leads: [{ email: "new@ridgeline.example" }] });
    expect(upsert.body).toMatchObject({ created: 1 });
    await readBooking({
      providerId: "KEPT",
      attendeeEmail: "new@ridgeline.example",
      asOf: addMs(TEST_NOW, HOUR_MS),
      startAt: addDays(TEST_NOW, 4),
    });
    expect(await api.db.appointment.findUniqueOrThrow({ where: { id: booking.id } })).toMatchObject({
      leadId: lead.id,
      startAt: addDays(TEST_NOW, 4),
    });
    expect(await reload(lead.id)).toMatchObject({ meetingState: "booked", sharedBooking: false });
  });

  it("opens a red task for a meeting that turns out to be lost (R15)", async () => {
    const lead = await buildOwnLead();
    const booking = await readBooking({
      attendeeEmail: "assistant@ridgeline.example",
      status: "canceled",
      canceledAt: addMs(TEST_NOW, -HOUR_MS),
    });
    await link(booking.id, { leadId: lead.id });
    expect(await reload(lead.id)).toMatchObject({ meetingState: "canceled" });
    const tasks = await api.db.task.findMany({ where: { leadId: lead.id }, include: { meetings: true } });
    expect(tasks).toMatchObject([
      { type: "meeting_canceled", status: "pending", meetings: [{ appointmentId: booking.id }] },
    ]);
  });

  it("changes nothing when it is said again", async () => {
    const lead = await buildOwnLead();
    const booking = await readBooking({ attendeeEmail: "assistant@ridgeline.example" });
    const body = { leadId: lead.id, rememberAlias: true };
    await link(booking.id, body);
    const before = await reload(lead.id);
    expect((await link(booking.id, body)).status).toBe(200);
    expect(await reload(lead.id)).toEqual(before);
    expect(await auditOf(lead.id, "booking_linked")).toHaveLength(1);
  });

  it("leaves a booking with the lead that has it", async () => {
    const [lead, other] = [await buildOwnLead(), await buildOwnLead()];
    const booking = await readBooking({ attendeeEmail: other.email });
    expect(await link(booking.id, { leadId: lead.id })).toMatchObject({
      status: 409,
      body: { error: { code: "already_linked" } },
    });
  });

  it("finds neither booking nor lead of another workspace (R42)", async () => {
    const foreign = await buildAppointment(api.db, { leadId: null });
    const booking = await readBooking({ attendeeEmail: "x@elsewhere.example" });
    const lead = await buildOwnLead();
    expect((await link(foreign.id, { leadId: lead.id })).status).toBe(404);
    expect((await link(booking.id, { leadId: (await buildLead(api.db)).id })).status).toBe(404);
    expect((await link(booking.id, { leadId: "maya" })).status).toBe(400);
  });
});
