import { beforeEach, describe, expect, test } from "vitest";
import { operator } from "#server/audit/actor.ts";
import type { WorkspaceRole } from "#server/auth/permissions.ts";
import type { Db } from "#server/db/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { addDays, addMs, MINUTE_MS } from "#server/lib/duration.ts";
import { readWorld } from "#server/mismatches/testing/mismatch-world.ts";
import { convergeLeads } from "#server/reconcile/converge-leads.ts";
import { rematchLeads } from "#server/reconcile/rematch-leads.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import {
  buildAppointment,
  buildInstance,
  buildLead,
  buildMembership,
  buildSequence,
  buildUser,
  buildWorkspace,
  TEST_NOW,
} from "#server/testing/factories.ts";
import { linkBooking } from "./link-booking.ts";
import { loadTimeline } from "./load-timeline.ts";
import { unlinkBooking } from "./unlink-booking.ts";

const database = setUpTestDatabase();
const clock = new SettableClock(TEST_NOW);
let db: Db;
let workspaceId: string;
let ines: string;

beforeEach(async () => {
  db = database.db;
  clock.set(TEST_NOW);
  workspaceId = (await buildWorkspace(db)).id;
  ines = await addPerson("inbox_manager");
});

async function addPerson(role: "inbox_manager" | "ops_lead"): Promise<string> {
  const { id } = await buildUser(db);
  await buildMembership(db, { workspaceId, userId: id, role });
  return id;
}

const link = (
  appointmentId: string,
  leadId: string,
  rememberAlias: boolean | "if_possible" = "if_possible",
  userId = ines,
) =>
  linkBooking(
    { db, clock },
    { workspaceId, actor: operator(userId) },
    { appointmentId, leadId, rememberAlias },
  );

const unlink = (appointmentId: string, userId = ines, role: WorkspaceRole = "inbox_manager") =>
  unlinkBooking({ db, clock }, { workspaceId, userId, role }, appointmentId);

const refusal = (code: string) => expect.objectContaining({ code });

async function converge(leadId: string): Promise<void> {
  const step = { workspaceId, source: "reconcile", reason: "test", now: clock.now() } as const;
  await runTransaction(db, "converge", (tx) => convergeLeads(tx, [leadId], step));
}

/** A lead whose only meeting was canceled yesterday: qualified, with a red task, and courted again by hand. */
async function addLostLead() {
  await buildSequence(db, { workspaceId, trigger: "meeting_booked" });
  const lead = await buildLead(db, { workspaceId, status: "meeting_booked", responseMode: "person" });
  await buildAppointment(db, {
    leadId: lead.id,
    status: "canceled",
    canceledAt: addDays(TEST_NOW, -1),
    lossSeenAt: addDays(TEST_NOW, -1),
  });
  await converge(lead.id);
  await buildInstance(db, { leadId: lead.id, trigger: "manual" });
  return lead;
}

const booking = (overrides: Parameters<typeof buildAppointment>[1] = {}) =>
  buildAppointment(db, {
    workspaceId,
    leadId: null,
    attendeeEmail: "m.ortiz@home.example",
    startAt: addDays(TEST_NOW, 4),
    ...overrides,
  });

async function readAll() {
  return {
    ...(await readWorld(db, workspaceId)),
    appointments: await db.appointment.findMany({
      where: { workspaceId },
      omit: { updatedAt: true },
      orderBy: { id: "asc" },
    }),
    aliases: await db.leadAlias.findMany({ where: { workspaceId } }),
    contacts: await db.leadContact.findMany({ where: { workspaceId } }),
  };
}

const lead = (id: string) => db.lead.findUniqueOrThrow({ where: { id } });
const appointment = (id: string) => db.appointment.findUniqueOrThrow({ where: { id } });

describe("a booking that a person linked (R11)", () => {
  test("books its lead, answers the red task and the sequences; taken back, everything reads as before", async () => {
    const { id: leadId } = await addLostLead();
    const { id } = await booking();
    // Another one under the same address: the alias brings it along.
    const { id: other } = await booking({ startAt: addDays(TEST_NOW, 6) });
    const before = await readAll();
    expect(before.leads).toMatchObject([{ status: "qualified", meetingState: "canceled" }]);
    expect(before.tasks).toMatchObject([{ type: "meeting_canceled", status: "pending" }]);

    clock.set(addMs(TEST_NOW, MINUTE_MS));
    expect(await link(id, leadId)).toEqual({ isRemembered: true });
    const linked = await readAll();
    expect(linked.leads).toMatchObject([{ status: "meeting_booked", meetingState: "booked", primaryId: id }]);
    expect(linked.tasks).toMatchObject([{ status: "completed", closedReason: "rebooked_by_evidence" }]);
    expect(linked.instances.map(({ trigger, status }) => `${trigger} ${status}`).sort()).toEqual([
      "manual completed",
      "meeting_booked active",
    ]);
    expect(linked.aliases).toMatchObject([{ emailKey: "m.ortiz@home.example", confirmedById: ines }]);
    expect(await appointment(other)).toMatchObject({ leadId, linkedBy: "alias" });
    const timeline = await loadTimeline(db, { workspaceId, leadId }, { limit: 20, acts: "none" });
    expect(timeline.filter(({ meeting }) => meeting?.id === id).map(({ kind }) => kind)).toEqual(["linked"]);

    clock.set(addMs(TEST_NOW, 2 * MINUTE_MS));
    await unlink(id);
    expect(await readAll()).toEqual(before);
    expect(
      await db.appointmentChange.findMany({ where: { appointmentId: id }, orderBy: { id: "asc" } }),
    ).toMatchObject([
      { kind: "linked", leadId },
      { kind: "unlinked", leadId, reason: "booking_unlinked" },
    ]);
    expect(await db.auditEntry.findMany({ where: { verb: "booking_unlinked" } })).toMatchObject([
      {
        actorId: ines,
        leadId,
        before: { leadId, status: "meeting_booked" },
        after: { leadId: null, status: "qualified" },
      },
    ]);
    await expect(unlink(id)).rejects.toEqual(refusal("not_linked"));
  });

  test("moves its whole chain, there and back (R16)", async () => {
    const { id: leadId } = await buildLead(db, { workspaceId });
    const old = await booking({
      status: "rescheduled",
      startAt: addDays(TEST_NOW, 1),
      rescheduledToId: "NEW",
    });
    const next = await booking({ providerId: "NEW", rescheduledFromId: old.providerId });
    const before = await readAll();
    for (const half of [old.id, next.id]) {
      await link(half, leadId, false);
      expect([(await appointment(old.id)).leadId, (await appointment(next.id)).leadId]).toEqual([
        leadId,
        leadId,
      ]);
      expect(await lead(leadId)).toMatchObject({ meetingState: "booked", primaryId: next.id });
      await unlink(half);
      expect(await readAll()).toEqual(before);
    }
  });

  test("takes the gate off who shared its address, and puts it back (R13)", async () => {
    const email = "office@ridgeline.example";
    const first = await buildLead(db, { workspaceId, email });
    const second = await buildLead(db, { workspaceId, email });
    const { id } = await booking({ attendeeEmail: email });
    await runTransaction(db, "match", (tx) =>
      rematchLeads(
        tx,
        { workspaceId, leadIds: [first.id, second.id], emailKeys: [email], contactIds: [] },
        { workspaceId, source: "reconcile", reason: "test", now: TEST_NOW },
      ),
    );
    expect(await appointment(id)).toMatchObject({ leadId: null, ambiguous: true });
    const before = await readAll();
    // One address of two people is nobody's alias.
    expect(await link(id, first.id)).toEqual({ isRemembered: false });
    expect(await lead(first.id)).toMatchObject({ meetingState: "booked", sharedBooking: false });
    expect(await lead(second.id)).toMatchObject({ meetingState: "none", sharedBooking: false });
    await unlink(id);
    expect(await readAll()).toEqual(before);
    expect(before.leads).toMatchObject([{ sharedBooking: true }, { sharedBooking: true }]);
  });

  test("belongs by its address again where that said so before, and the alias stays", async () => {
    const { id: leadId } = await buildLead(db, { workspaceId });
    const emailKey = "m.ortiz@home.example";
    await db.leadAlias.create({
      data: { workspaceId, leadId, emailKey, createdAt: TEST_NOW, source: "import" },
    });
    const { id } = await booking({ leadId, linkedBy: "alias" });
    await converge(leadId);
    const before = await readAll();
    await link(id, leadId);
    expect(await appointment(id)).toMatchObject({ leadId, linkedBy: "operator" });
    await unlink(id);
    expect(await readAll()).toEqual(before);
  });
});

describe("it stays as it is", () => {
  test("where somebody worked on what it answered, or some evidence came since", async () => {
    const { id: leadId } = await addLostLead();
    const { id } = await booking();
    await link(id, leadId);
    const task = await db.task.findFirstOrThrow({ where: { leadId } });
    await db.task.update({ where: { id: task.id }, data: { note: "Called them anyway" } });
    await expect(unlink(id)).rejects.toEqual(refusal("task_worked_on"));

    await db.task.update({ where: { id: task.id }, data: { note: task.note } });
    const own = await buildAppointment(db, { leadId, startAt: addDays(TEST_NOW, 9) });
    await converge(leadId);
    const linked = await readAll();
    await expect(unlink(id)).rejects.toEqual(refusal("changed_since"));
    expect(await readAll()).toEqual(linked);

    await db.appointment.delete({ where: { id: own.id } });
    await converge(leadId);
    await db.lead.update({ where: { id: leadId }, data: { status: "unqualified" } });
    await expect(unlink(id)).rejects.toEqual(refusal("changed_since"));
  });

  test("for who did not link it, unless they may undo others' words (R42)", async () => {
    const { id: leadId } = await buildLead(db, { workspaceId });
    const { id } = await booking();
    await link(id, leadId);
    await expect(unlink(id, await addPerson("inbox_manager"))).rejects.toEqual(refusal("forbidden"));
    await unlink(id, await addPerson("ops_lead"), "ops_lead");
    expect(await appointment(id)).toMatchObject({ leadId: null, linkedBy: null });
  });

  test("where two people link it at once: one of them is told", async () => {
    const [first, second] = [await buildLead(db, { workspaceId }), await buildLead(db, { workspaceId })];
    const { id } = await booking();
    const answers = await Promise.allSettled([
      link(id, first.id),
      link(id, second.id, "if_possible", await addPerson("ops_lead")),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(answers.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { code: "already_linked" },
    });
    const { leadId } = await appointment(id);
    expect(await db.leadAlias.findMany({ where: { workspaceId } })).toMatchObject([{ leadId }]);
    // And taken back twice at once, it is taken back once.
    const ops = await addPerson("ops_lead");
    const undone = await Promise.allSettled([unlink(id, ops, "ops_lead"), unlink(id, ops, "ops_lead")]);
    expect(undone.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await db.auditEntry.count({ where: { verb: "booking_unlinked", workspaceId } })).toBe(1);
  });

  test("where it is another customer's", async () => {
    const { id: leadId } = await buildLead(db, { workspaceId });
    const { id } = await booking();
    await link(id, leadId);
    const other = await buildWorkspace(db);
    await expect(
      unlinkBooking({ db, clock }, { workspaceId: other.id, userId: ines, role: "admin" }, id),
    ).rejects.toEqual(refusal("not_found"));
    expect(await appointment(id)).toMatchObject({ leadId });
  });
});
