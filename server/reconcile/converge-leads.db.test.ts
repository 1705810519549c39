import { describe, expect, it } from "vitest";
import { runTransaction } from "#server/db/run-transaction.ts";
import { addDays, addMs, MINUTE_MS } from "#server/lib/duration.ts";
import type { AppointmentReading } from "#server/providers/appointment-reading.ts";
import {
  buildInstance,
  buildLead,
  buildSequence,
  buildWorkspace,
  TEST_NOW,
} from "#server/testing/factories.ts";
import { convergeLeads } from "./converge-leads.ts";
import { markVanished } from "./mark-vanished.ts";
import { passClock } from "./pass-clock.ts";
import { setLeadLabels } from "./set-lead-labels.ts";
import { buildReading, cancelReading } from "./testing/build-reading.ts";
import { APPLIED_AT, setUpRoad } from "./testing/set-up-road.ts";

const road = setUpRoad();
const minutes = (n: number) => addMs(APPLIED_AT, n * MINUTE_MS);

const passAt = (at: Date) => passClock({ db: road.db, clock: { now: () => at } });

const vanish = (reading: AppointmentReading, at: Date, askedAt = at) =>
  runTransaction(road.db, "test", (tx) =>
    markVanished(tx, { row: road.connection, provider: "calendly" }, [reading.providerId], {
      source: "reconcile",
      reason: "missing_from_list",
      askedAt,
      now: at,
    }),
  );

const accept = (leadId: string, at: Date) =>
  runTransaction(road.db, "test", (tx) =>
    convergeLeads(tx, [leadId], {
      ...road.step({ source: "operator", reason: "mismatch_accepted", now: at }),
      accepted: true,
    }),
  );

const instanceOf = (leadId: string) =>
  road.db.followUpInstance.findFirstOrThrow({ where: { leadId, trigger: "meeting_booked" } });

async function bookedLead(overrides: Partial<AppointmentReading> = {}) {
  const { id, email } = await road.lead();
  const booked = buildReading({ attendeeEmail: email, ...overrides });
  await road.apply([booked]);
  return { id, email, booked };
}

/** The no-show mark, set by the provider at `asOf`. */
const miss = (reading: AppointmentReading, asOf: Date): AppointmentReading => ({
  ...reading,
  status: "no_show",
  noShowAt: asOf,
  asOf,
});

describe("a meeting that its provider does not know any more (R5, R20a)", () => {
  it("frees those who shared its address (R13)", async () => {
    const email = "shared@lakeside.example";
    const leads = [await road.lead({ email }), await road.lead({ email })];
    const booked = buildReading({ attendeeEmail: email });
    await road.apply([booked]);
    for (const { id } of leads) expect(await road.reload(id)).toMatchObject({ sharedBooking: true });
    await vanish(booked, minutes(1));
    for (const { id } of leads) expect(await road.reload(id)).toMatchObject({ sharedBooking: false });
  });

  it("pauses what was for it and waits for a person", async () => {
    await buildSequence(road.db, { workspaceId: road.workspaceId, trigger: "meeting_booked" });
    const { id, booked } = await bookedLead();
    expect(await vanish(booked, minutes(1))).toBe(1);
    expect(await road.reload(id)).toMatchObject({
      meetingState: "vanished",
      status: "meeting_booked",
      mismatchKind: 4,
    });
    expect(await instanceOf(id)).toMatchObject({ status: "paused", endedAt: null });
    expect(await road.tasks(id)).toEqual([]);
    expect((await road.changes(id)).at(-1)).toMatchObject({
      kind: "vanished",
      fromStatus: "confirmed",
      toStatus: "vanished",
    });
  });

  it("goes on where it stopped when it is back", async () => {
    await buildSequence(road.db, { workspaceId: road.workspaceId, trigger: "meeting_booked" });
    const { id, booked } = await bookedLead();
    const { id: instanceId } = await instanceOf(id);
    await vanish(booked, minutes(1));
    await road.apply([{ ...booked, asOf: minutes(2) }], { now: minutes(3) });
    expect(await road.reload(id)).toMatchObject({ meetingState: "booked", mismatchKind: null });
    expect(await instanceOf(id)).toMatchObject({ id: instanceId, status: "active", reason: null });
    expect((await road.changes(id)).map((c) => c.kind)).toEqual(["booked", "vanished", "restored"]);
  });

  it("is believed gone only until something newer is known", async () => {
    const { id, booked } = await bookedLead();
    await road.apply([{ ...booked, title: "Intro", asOf: minutes(2) }], { now: minutes(2) });
    // Asked before, answered after.
    expect(await vanish(booked, minutes(3), minutes(1))).toBe(0);
    expect((await road.reload(id)).meetingState).toBe("booked");
  });

  it("is a canceled one once a person accepted that, and the task stays theirs", async () => {
    const { id, booked } = await bookedLead();
    await vanish(booked, minutes(1));
    await accept(id, minutes(2));
    expect(await road.reload(id)).toMatchObject({ status: "qualified", meetingState: "vanished" });
    expect((await road.appointment(booked.providerId)).status).toBe("vanished");
    // Whatever decides this lead again later must not take the task back.
    await runTransaction(road.db, "test", (tx) => convergeLeads(tx, [id], road.step({ now: minutes(3) })));
    expect(await road.tasks(id)).toMatchObject([{ type: "meeting_canceled", status: "pending" }]);
  });
});

describe("a no-show that is taken back (R3)", () => {
  it("makes its lead booked again and closes the task as restored", async () => {
    const { id, booked } = await bookedLead({ startAt: addDays(TEST_NOW, -1) });
    await road.apply([miss(booked, minutes(1))], { now: minutes(1) });
    expect(await road.reload(id)).toMatchObject({ meetingState: "no_show", status: "qualified" });
    await road.apply([{ ...booked, asOf: minutes(2) }], { now: minutes(2) });
    expect(await road.reload(id)).toMatchObject({ meetingState: "held", status: "meeting_booked" });
    expect(await road.tasks(id)).toMatchObject([
      { type: "meeting_no_show", status: "completed", closedReason: "restored_by_evidence" },
    ]);
  });

  it("and marked again asks again: nobody was asked about this loss (R17)", async () => {
    const { id, booked } = await bookedLead({ startAt: addDays(TEST_NOW, -1) });
    await road.apply([miss(booked, minutes(1))], { now: minutes(1) });
    await road.apply([{ ...booked, asOf: minutes(2) }], { now: minutes(2) });
    await road.apply([miss(booked, minutes(3))], { now: minutes(3) });
    expect((await road.tasks(id)).map((t) => t.status)).toEqual(["completed", "pending"]);
  });
});

describe("a loss that a person has dealt with", () => {
  it("is never asked again, whatever else is read of it", async () => {
    const { id, booked } = await bookedLead();
    const canceled = cancelReading(booked);
    await road.apply([canceled]);
    await road.db.task.updateMany({
      where: { leadId: id },
      data: { status: "completed", closedReason: "not_interested", closedAt: minutes(1) },
    });
    await road.apply([{ ...canceled, title: "Intro", asOf: minutes(2) }], { now: minutes(2) });
    await accept(id, minutes(3));
    expect(await road.tasks(id)).toHaveLength(1);
  });

  it("is asked again when the meeting was confirmed and canceled once more (R15)", async () => {
    const { id, booked } = await bookedLead({ provider: "highlevel" });
    await road.apply([cancelReading(booked)]);
    await road.apply([{ ...booked, asOf: minutes(1) }], { now: minutes(1) });
    expect(await road.tasks(id)).toMatchObject([{ closedReason: "restored_by_evidence" }]);
    await road.apply([cancelReading(booked, { asOf: minutes(2), canceledAt: minutes(2) })], {
      now: minutes(2),
    });
    expect((await road.tasks(id)).map((t) => t.status)).toEqual(["completed", "pending"]);
  });
});

describe("the clock pass", () => {
  it("reaches every other workspace when one cannot be written, and fails (R31)", async () => {
    const away = await buildWorkspace(road.db);
    const [{ id: here }, { id: there }] = await Promise.all([
      road.lead(),
      buildLead(road.db, { workspaceId: away.id }),
    ]);
    const due = { where: { id: { in: [here, there] } }, data: { redecideAt: TEST_NOW } };
    await road.db.$executeRaw`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$`;
    for (const [bad, good] of [
      [here, there],
      [there, here],
    ] as const) {
      await road.db.lead.updateMany(due);
      await road.db.$executeRawUnsafe(
        `CREATE TRIGGER refuse BEFORE UPDATE ON "Lead" FOR EACH ROW WHEN (OLD.id = '${bad}') EXECUTE FUNCTION refuse()`,
      );
      await expect(passAt(APPLIED_AT)).rejects.toThrow("refused");
      await road.db.$executeRaw`DROP TRIGGER refuse ON "Lead"`;
      expect(await road.reload(good)).toMatchObject({ redecideAt: null });
    }
  });

  it("turns booked into held when the meeting ends, without a word in history", async () => {
    const { id, booked } = await bookedLead();
    const [changes, audit] = [await road.changes(id), await road.audit(id)];
    await passAt(addMs(booked.endAt, -1));
    expect((await road.reload(id)).meetingState).toBe("booked");
    await passAt(booked.endAt);
    expect(await road.reload(id)).toMatchObject({
      meetingState: "held",
      status: "meeting_booked",
      redecideAt: null,
    });
    const { version } = await road.reload(id);
    expect(await passAt(addMs(booked.endAt, MINUTE_MS))).toMatchObject({ leads: 0 });
    expect((await road.reload(id)).version).toBe(version);
    expect([await road.changes(id), await road.audit(id)]).toEqual([changes, audit]);
  });

  it("leaves a kept mismatch kept: time is no new evidence (R23)", async () => {
    const { id, booked } = await bookedLead();
    await road.db.lead.update({
      where: { id },
      data: { status: "qualified", decision: "keep", decisionReason: "met in person" },
    });
    await passAt(booked.endAt);
    expect(await road.reload(id)).toMatchObject({ meetingState: "held", mismatchKind: 2, decision: "keep" });
  });

  it("makes the red task when a successor did not come in ten minutes (R16)", async () => {
    const { id, booked } = await bookedLead();
    await road.apply([
      cancelReading(booked, { status: "rescheduled", rescheduledToId: "NEVER", canceledAt: APPLIED_AT }),
    ]);
    await passAt(minutes(9));
    expect(await road.reload(id)).toMatchObject({ meetingState: "booked", status: "meeting_booked" });
    expect(await road.tasks(id)).toEqual([]);
    await passAt(minutes(10));
    expect(await road.reload(id)).toMatchObject({ meetingState: "canceled", status: "qualified" });
    expect(await road.tasks(id)).toMatchObject([{ type: "meeting_canceled", status: "pending" }]);
    expect((await road.changes(id)).map((c) => [c.kind, c.reason])).toEqual([
      ["booked", "sweep"],
      ["rescheduled", "sweep"],
      ["canceled", "successor_not_found"],
    ]);
  });

  it("closes that task again when the successor comes after all (R18)", async () => {
    const { id, email, booked } = await bookedLead();
    const next = buildReading({
      attendeeEmail: email,
      startAt: addDays(TEST_NOW, 6),
      rescheduledFromId: booked.providerId,
      providerCreatedAt: TEST_NOW,
      asOf: minutes(20),
    });
    await road.apply([
      cancelReading(booked, {
        status: "rescheduled",
        rescheduledToId: next.providerId,
        canceledAt: APPLIED_AT,
      }),
    ]);
    await passAt(minutes(10));
    await road.apply([next], { now: minutes(20) });
    expect((await road.tasks(id)).map((t) => [t.type, t.status, t.closedReason])).toEqual([
      ["meeting_canceled", "completed", "rebooked_by_evidence"],
      ["meeting_rescheduled", "pending", null],
    ]);
    expect(await road.reload(id)).toMatchObject({ status: "meeting_booked", meetingState: "booked" });
  });

  it("reads history without booking anybody by it (R16, R19)", async () => {
    const { id, email } = await road.lead();
    const nudge = await buildInstance(road.db, { leadId: id, trigger: "no_response" });
    await road.apply([
      buildReading({
        attendeeEmail: email,
        status: "rescheduled",
        rescheduledToId: "NEVER",
        startAt: addDays(TEST_NOW, -60),
        canceledAt: addDays(TEST_NOW, -61),
      }),
    ]);
    expect(await road.reload(id)).toMatchObject({ meetingState: "canceled", status: "new" });
    expect(await road.tasks(id)).toEqual([]);
    expect(await road.db.followUpInstance.findUniqueOrThrow({ where: { id: nudge.id } })).toMatchObject({
      status: "active",
    });
  });
});

describe("history and audit (R20)", () => {
  it("say each transition once, with source and reason", async () => {
    const { id, booked } = await bookedLead();
    const canceled = cancelReading(booked);
    await road.apply([canceled], { source: "webhook", reason: "invitee.canceled" });
    await road.apply([canceled], { source: "reconcile", reason: "sweep" });
    await passAt(minutes(1));
    expect((await road.changes(id)).map((c) => [c.kind, c.source, c.reason])).toEqual([
      ["booked", "reconcile", "sweep"],
      ["canceled", "webhook", "invitee.canceled"],
    ]);
    expect((await road.audit(id)).map((a) => [a.verb, a.source])).toEqual([
      ["lead_booked", "reconcile"],
      ["meeting_lost", "webhook"],
    ]);
  });

  it("are only ever added to", async () => {
    const { id, booked } = await bookedLead();
    const told = await road.changes(id);
    await road.apply([
      { ...booked, startAt: addDays(TEST_NOW, 4), endAt: addDays(TEST_NOW, 5), asOf: minutes(1) },
    ]);
    await road.apply([cancelReading(booked, { asOf: minutes(2) })]);
    await road.apply([{ ...booked, asOf: minutes(3) }]);
    const after = await road.changes(id);
    expect(after.slice(0, told.length)).toEqual(told);
    expect(after.map((c) => c.kind)).toEqual(["booked", "moved", "canceled", "restored"]);
  });

  it("hold no person's data (R43)", async () => {
    const { id, booked } = await bookedLead({ attendeeName: "Quillon Abernathy", cancelReason: null });
    await road.apply([
      cancelReading(booked, { cancelReason: "Family emergency", canceledBy: "Quillon Abernathy" }),
    ]);
    const told = JSON.stringify([await road.changes(id), await road.audit(id)], (_, value) =>
      typeof value === "bigint" ? String(value) : value,
    );
    for (const secret of ["Quillon", "emergency", booked.attendeeEmail ?? "", "312 555 0142"]) {
      expect(told).not.toContain(secret);
    }
  });
});

describe("accepting again", () => {
  it("opens nothing twice and starts nothing twice (R14, R15)", async () => {
    await buildSequence(road.db, { workspaceId: road.workspaceId, trigger: "meeting_booked" });
    const { id, booked } = await bookedLead();
    await runTransaction(road.db, "test", (tx) =>
      setLeadLabels(tx, road.step({ source: "operator" }), [{ leadId: id, sentiment: "meeting_booked" }]),
    );
    await accept(id, minutes(1));
    await accept(id, minutes(2));
    expect(await road.db.followUpInstance.count({ where: { leadId: id } })).toBe(1);
    await road.apply([cancelReading(booked)]);
    await accept(id, minutes(3));
    await accept(id, minutes(4));
    expect(await road.tasks(id)).toHaveLength(1);
  });
});

describe("what one read confirmed", () => {
  it("is not undone by an earlier read that arrives late", async () => {
    const { id, booked } = await bookedLead({ startAt: addDays(TEST_NOW, -1) });
    // Marked in between and taken back: the later read found it as it had been.
    await road.apply([{ ...booked, asOf: addMs(TEST_NOW, 3 * MINUTE_MS) }], { source: "webhook" });
    const counts = await road.apply([miss(booked, addMs(TEST_NOW, 2 * MINUTE_MS))], { source: "webhook" });
    expect(counts).toMatchObject({ stale: 1, updated: 0 });
    expect(await road.reload(id)).toMatchObject({
      meetingState: "held",
      meetingAsOf: addMs(TEST_NOW, 3 * MINUTE_MS),
    });
  });
});
