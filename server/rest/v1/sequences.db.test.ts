import { beforeEach, describe, expect, it } from "vitest";
import { addDays } from "#server/lib/duration.ts";
import {
  buildAppointment,
  buildInstance,
  buildLead,
  buildSequence,
  TEST_NOW,
} from "#server/testing/factories.ts";
import { setUpApi } from "../testing/set-up-api.ts";

const api = setUpApi();

const sequence = {
  name: "After the webinar",
  trigger: "manual",
  steps: [
    { dayOffset: 0, channel: "email", template: "Hello {{firstName}}", subject: "A time to talk" },
    { dayOffset: 2, minuteOffset: 90, channel: "call", template: "Call {{firstName}}." },
  ],
};

describe("POST /api/v1/sequences", () => {
  it("creates a sequence with its steps in their order", async () => {
    const { status, body } = await api.post("/api/v1/sequences", sequence);
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: "After the webinar", trigger: "manual", active: true });
    const steps = await api.db.followUpStep.findMany({
      where: { sequenceId: body.id },
      orderBy: { position: "asc" },
    });
    expect(steps).toMatchObject([
      { position: 0, dayOffset: 0, minuteOffset: 0, channel: "email", subject: "A time to talk" },
      { position: 1, dayOffset: 2, minuteOffset: 90, channel: "call", subject: null },
    ]);
    const audit = await api.db.auditEntry.findMany({ where: { subjectId: body.id } });
    expect(audit).toMatchObject([{ verb: "sequence_created", actorKind: "api" }]);
  });

  it("refuses a name that is taken in this workspace, and in no other", async () => {
    await buildSequence(api.db, { name: sequence.name });
    expect((await api.post("/api/v1/sequences", sequence)).status).toBe(201);
    expect(await api.post("/api/v1/sequences", sequence)).toMatchObject({
      status: 409,
      body: { error: { code: "name_taken" } },
    });
  });

  it("creates one for one Idempotency-Key, however often it is sent", async () => {
    const headers = { "idempotency-key": "sequence-1" };
    const first = await api.post("/api/v1/sequences", sequence, { headers });
    const second = await api.post("/api/v1/sequences", sequence, { headers });
    expect(second).toMatchObject({ status: 201, body: first.body });
  });

  it.each([
    ["without steps", { ...sequence, steps: [] }],
    ["of an unknown trigger", { ...sequence, trigger: "full_moon" }],
    ["whose steps go back in time", { ...sequence, steps: [...sequence.steps].reverse() }],
    ["with a subject on a call", { ...sequence, steps: [{ ...sequence.steps[1], subject: "Hi" }] }],
    ["with fields that do not exist", { ...sequence, active: false }],
  ])("refuses a sequence %s", async (_, body) => {
    expect(await api.post("/api/v1/sequences", body)).toMatchObject({
      status: 400,
      body: { error: { code: "bad_request" } },
    });
    expect(await api.db.followUpSequence.count({ where: { workspaceId: api.workspaceId } })).toBe(0);
  });
});

describe("POST /api/v1/enrollments (R26)", () => {
  let leadId: string;
  let sequenceId: string;
  let postBookingId: string;
  const enrol = (body: unknown) => api.post("/api/v1/enrollments", body);
  const countInstances = () => api.db.followUpInstance.count({ where: { leadId } });

  beforeEach(async () => {
    const { workspaceId } = api;
    leadId = (await buildLead(api.db, { workspaceId, status: "qualified" })).id;
    sequenceId = (await buildSequence(api.db, { workspaceId })).id;
    postBookingId = (await buildSequence(api.db, { workspaceId, trigger: "meeting_booked" })).id;
  });

  it("enters a lead without a meeting, once", async () => {
    const { status, body } = await enrol({ leadId, sequenceId });
    expect(status).toBe(201);
    expect(body).toMatchObject({ leadId, sequenceId, status: "active", trigger: "manual" });
    expect(await enrol({ leadId, sequenceId })).toMatchObject({
      status: 409,
      body: { error: { code: "already_enrolled" } },
    });
    expect(await countInstances()).toBe(1);
    const audit = await api.db.auditEntry.findMany({ where: { leadId } });
    expect(audit).toMatchObject([{ verb: "lead_enrolled", actorKind: "api" }]);
  });

  it("enters it once when two ask at the same moment", async () => {
    const answers = await Promise.all([enrol({ leadId, sequenceId }), enrol({ leadId, sequenceId })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(await countInstances()).toBe(1);
  });

  it("enters a booked lead in a post-booking sequence and in no other", async () => {
    await buildAppointment(api.db, { leadId, standing: "live" });
    expect(await enrol({ leadId, sequenceId })).toMatchObject({
      status: 409,
      body: { error: { code: "lead_booked" } },
    });
    expect(await countInstances()).toBe(0);
    expect((await enrol({ leadId, sequenceId: postBookingId })).status).toBe(201);
  });

  it("gates a lead whose meeting was held, for as long as the workspace says", async () => {
    await buildAppointment(api.db, { leadId, standing: "held", startAt: addDays(TEST_NOW, -10) });
    expect((await enrol({ leadId, sequenceId })).body.error.code).toBe("meeting_held_recently");
    await api.db.workspace.update({ where: { id: api.workspaceId }, data: { heldGateDays: 7 } });
    expect((await enrol({ leadId, sequenceId })).status).toBe(201);
  });

  it.each([
    ["shares a booking's address", { sharedBooking: true }, "booking_shared"],
    ["is blacklisted", { status: "blacklisted" as const }, "lead_blacklisted"],
    ["is not interested", { sentiment: "not_interested" as const }, "lead_not_interested"],
    ["is snoozed", { sentiment: "snoozed" as const }, "lead_snoozed"],
  ])("refuses a lead that %s", async (_, data, code) => {
    await api.db.lead.update({ where: { id: leadId }, data });
    expect(await enrol({ leadId, sequenceId })).toMatchObject({ status: 409, body: { error: { code } } });
    expect(await countInstances()).toBe(0);
  });

  it("starts nothing in a paused workspace (R28)", async () => {
    await api.db.workspace.update({ where: { id: api.workspaceId }, data: { paused: true } });
    expect((await enrol({ leadId, sequenceId })).body.error.code).toBe("workspace_paused");
  });

  it("finds neither lead nor sequence of another workspace (R42)", async () => {
    const foreign = await buildInstance(api.db, { trigger: "manual" });
    expect((await enrol({ leadId: foreign.leadId, sequenceId })).status).toBe(404);
    expect((await enrol({ leadId, sequenceId: foreign.sequenceId })).status).toBe(404);
  });
});
