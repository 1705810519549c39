import { describe, expect, it } from "vitest";
import { addDays, addMs, DAY_MS, HOUR_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { buildInstance, buildLead } from "#server/testing/factories.ts";
import { lookUpLead } from "./look-up-lead.ts";
import { sweepConnection } from "./sweep-connection.ts";
import { setUpReconcile } from "./testing/set-up-reconcile.ts";

const test = setUpReconcile();

/** Ten in the morning UTC, some days from today. */
const at = (days: number) => addMs(addDays(startOfUtcDay(new Date()), days), 10 * 3_600_000).toISOString();

function book(email: string, start = at(3), overrides: Record<string, unknown> = {}) {
  return test.sandbox.control("/calendly/book", {
    organization: test.world.organization.organization.id,
    eventType: "Intro call",
    start,
    invitee: { email, name: "Sam Porter" },
    ...overrides,
  });
}

async function bookAtHighLevel(email: string, start = at(3), status = "confirmed") {
  const location = test.world.location.location.id;
  const { contact } = await test.sandbox.control("/highlevel/contact", { location, email, firstName: "Sam" });
  return test.sandbox.control("/highlevel/book", {
    location,
    calendar: "Discovery",
    contact: contact.id,
    start,
    status,
  });
}

const sweep = (provider: "calendly" | "highlevel" = "calendly", tier: "hot" | "warm" = "warm") =>
  sweepConnection(test.deps, { connectionId: test.world[provider].id, tier, trigger: "test" });
const lead = (email: string, overrides = {}) =>
  buildLead(test.db, { workspaceId: test.world.workspaceId, email, ...overrides });
const reload = (id: string) => test.db.lead.findUniqueOrThrow({ where: { id } });
const inviteeOf = (booked: { invitee: { uri: string } }) => booked.invitee.uri.split("/").at(-1) ?? "";

describe("a Calendly sweep", () => {
  it("finds a booking and, when it was canceled, makes the red task", async () => {
    const { id } = await lead("dana@harbor.example");
    const booked = await book("dana@harbor.example");
    await sweep();
    expect(await reload(id)).toMatchObject({ meetingState: "booked", status: "meeting_booked" });

    await test.sandbox.control("/calendly/cancel", {
      invitee: inviteeOf(booked),
      reason: "Something came up",
    });
    const counts = await sweep("calendly", "hot");
    expect(counts).toMatchObject({ updated: 1, redCreated: 1 });
    expect(await reload(id)).toMatchObject({ meetingState: "canceled", status: "qualified" });
  });

  it("reads an event again whose people came short of its counter", async () => {
    const { id } = await lead("dana@harbor.example");
    await book("dana@harbor.example");
    await test.sandbox.control("/faults", { provider: "calendly", kind: "empty_list", skip: 1, times: 1 });
    await sweep();
    expect(await reload(id)).toMatchObject({ meetingState: "none" });
    await sweep();
    expect(await reload(id)).toMatchObject({ meetingState: "booked" });
  });

  it("stops reading an event with every sweep whose list never comes up to its counter", async () => {
    await lead("dana@harbor.example");
    const booked = await book("dana@harbor.example", at(3), { eventType: "Workshop" });
    await test.sandbox.control("/calendly/patch", {
      event: booked.event.uri.split("/").at(-1),
      fields: { invitees_counter: { total: 3, active: 3, limit: 20 } },
    });
    const calls = [];
    for (let n = 0; n < 8; n++) calls.push((await sweep("calendly", "hot")).calls);
    // The first pass is warm; from the sixth reading on, the event has to wait.
    expect(calls).toEqual([2, 2, 2, 2, 2, 2, 1, 1]);
    await test.db.eventWatermark.updateMany({ data: { inviteesReadAt: addMs(new Date(), -DAY_MS) } });
    expect((await sweep("calendly", "hot")).calls).toBe(2);
  });

  it("asks for a person whom the list of a group leaves out, and loses only that one (R5, R13)", async () => {
    const [stays, leaves] = [await lead("dana@harbor.example"), await lead("sam@harbor.example")];
    await book("dana@harbor.example", at(3), { eventType: "Workshop" });
    const booked = await book("sam@harbor.example", at(3), { eventType: "Workshop" });
    await sweep();
    await test.sandbox.control("/calendly/delete", { invitee: inviteeOf(booked) });
    expect(await sweep()).toMatchObject({ asked: 1, vanished: 1 });
    expect(await reload(leaves.id)).toMatchObject({ meetingState: "vanished" });
    expect(await reload(stays.id)).toMatchObject({ meetingState: "booked" });
  });

  it("does not take a meeting for unlisted whose list of people leaves somebody out (R30)", async () => {
    const { id } = await lead("dana@harbor.example");
    const booked = await book("dana@harbor.example", at(3), { eventType: "Workshop" });
    await sweep();
    await test.db.eventWatermark.deleteMany();
    await test.sandbox.control("/faults", {
      provider: "calendly",
      kind: "empty_list",
      match: { path: `/scheduled_events/${booked.eventId}/invitees` },
      times: 1,
    });
    expect(await sweep()).toMatchObject({ asked: 1, vanished: 0 });
    expect(await test.db.appointment.findMany({ where: { leadId: id } })).toMatchObject([
      { status: "confirmed", unlisted: false },
    ]);
  });

  it("costs one call when nothing moved", async () => {
    await lead("dana@harbor.example");
    await book("dana@harbor.example");
    await sweep();
    const counts = await sweep();
    expect(counts).toMatchObject({ calls: 1, known: 1, created: 0, updated: 0 });
  });

  it("finds a no-show mark that did not move the event, a day later (R17)", async () => {
    const { id } = await lead("dana@harbor.example");
    const booked = await book("dana@harbor.example", at(-1), { at: addDays(new Date(), -5).toISOString() });
    await sweep();
    expect((await reload(id)).meetingState).toBe("held");
    await test.sandbox.control("/calendly/no-show", { invitee: inviteeOf(booked) });
    await test.db.eventWatermark.updateMany({ data: { inviteesReadAt: addDays(new Date(), -2) } });
    const counts = await sweep();
    expect(counts).toMatchObject({ redCreated: 1 });
    expect((await reload(id)).meetingState).toBe("no_show");
  });

  it("looks for no-show marks on a budget of its own", async () => {
    const organization = test.world.organization.organization.id;
    const bookings = Array.from({ length: 25 }, (_, n) => ({
      organization,
      eventType: "Intro call",
      start: addMs(new Date(at(-2)), n * HOUR_MS).toISOString(),
      at: addDays(new Date(), -5).toISOString(),
      invitee: { email: `guest${n}@harbor.example`, name: "Guest" },
    }));
    await test.sandbox.control("/calendly/bulk-book", bookings);
    await sweep();
    await test.db.eventWatermark.updateMany({ data: { inviteesReadAt: addDays(new Date(), -2) } });
    expect([(await sweep()).calls, (await sweep()).calls, (await sweep()).calls]).toEqual([21, 6, 1]);
  });

  it("keeps a rescheduled lead booked when the successor lies outside the window (R16)", async () => {
    const { id } = await lead("dana@harbor.example");
    const booked = await book("dana@harbor.example");
    await sweep();
    await test.sandbox.control("/calendly/reschedule", {
      invitee: inviteeOf(booked),
      start: at(120),
      email: "assistant@harbor.example",
    });
    await sweep();
    expect(await reload(id)).toMatchObject({ meetingState: "booked", meetingStartAt: new Date(at(120)) });
  });

  it("believes a meeting gone only when Calendly says so by id (R5)", async () => {
    const { id } = await lead("dana@harbor.example");
    const booked = await book("dana@harbor.example");
    await sweep();
    await test.sandbox.control("/faults", {
      provider: "calendly",
      match: { path: "/scheduled_events" },
      kind: "empty_list",
      times: 1,
    });
    await sweep();
    expect((await reload(id)).meetingState).toBe("booked");

    await test.sandbox.control("/calendly/delete", { invitee: inviteeOf(booked) });
    const counts = await sweep();
    expect(counts).toMatchObject({ vanished: 1 });
    expect(await reload(id)).toMatchObject({
      meetingState: "vanished",
      status: "meeting_booked",
      mismatchKind: 4,
    });
  });

  it("loses nothing and opens an incident when most of the calendar is missing (R5)", async () => {
    for (let i = 0; i < 12; i++) {
      await lead(`guest${i}@harbor.example`);
      await book(`guest${i}@harbor.example`, at(i + 1));
    }
    await sweep();
    await test.sandbox.control("/faults", {
      provider: "calendly",
      match: { path: "/scheduled_events" },
      kind: "empty_list",
      times: 1,
    });
    const before = await test.db.coverage.findMany();
    const counts = await sweep();
    expect(counts).toMatchObject({ guarded: 1, vanished: 0 });
    expect(
      await test.db.lead.count({ where: { meetingState: "booked", workspaceId: test.world.workspaceId } }),
    ).toBe(12);
    expect(await test.db.coverage.findMany()).toEqual(before);
    expect(await test.db.incident.findMany({ where: { workspaceId: test.world.workspaceId } })).toMatchObject(
      [{ kind: "suspicious_drop", count: 1, closedAt: null }],
    );
  });

  it("rests its own connection after a failure and says what needs a person (R31)", async () => {
    await test.sandbox.control("/faults", { provider: "calendly", kind: "status", status: 401 });
    await expect(sweep()).rejects.toMatchObject({ kind: "unauthorized" });
    const row = await test.db.connection.findUniqueOrThrow({ where: { id: test.world.calendly.id } });
    expect(row).toMatchObject({ state: "action_needed", reasonCode: "unauthorized", failures: 1 });
    expect(row.breakerUntil?.getTime()).toBeGreaterThan(Date.now());
    await sweep("highlevel");
    await test.sandbox.control("/faults", {}, "DELETE");
    await sweep();
    expect(
      await test.db.connection.findUniqueOrThrow({ where: { id: test.world.calendly.id } }),
    ).toMatchObject({ state: "polling", failures: 0, breakerUntil: null });
  });
});

describe("a HighLevel sweep", () => {
  it("finds bookings through remembered contacts (R8)", async () => {
    const { id } = await lead("omar@harbor.example");
    await bookAtHighLevel("omar@harbor.example");
    const first = await sweep("highlevel");
    const second = await sweep("highlevel");
    expect(await reload(id)).toMatchObject({ meetingState: "booked", meetingProvider: "highlevel" });
    expect(first.calls).toBe(5);
    // Calendars, users, one calendar, one user, and what changed among contacts: a page and the empty one behind it.
    expect(second.calls).toBe(6);
    expect(second).toMatchObject({ created: 0, updated: 0, contactsChanged: 0 });
    expect((await sweep("highlevel", "hot")).calls).toBe(4);
  });

  it("reads a deleted appointment by id and counts it as canceled (R4)", async () => {
    const { id } = await lead("omar@harbor.example");
    const booked = await bookAtHighLevel("omar@harbor.example");
    await sweep("highlevel");
    await test.sandbox.control("/highlevel/delete", { id: booked.appointment.id });
    const counts = await sweep("highlevel");
    expect(counts).toMatchObject({ asked: 1, redCreated: 1 });
    expect((await reload(id)).meetingState).toBe("canceled");
  });

  it("follows a meeting that moves in place (R16)", async () => {
    const { id } = await lead("omar@harbor.example");
    const booked = await bookAtHighLevel("omar@harbor.example");
    await sweep("highlevel");
    await test.sandbox.control("/highlevel/update", {
      id: booked.appointment.id,
      start: at(6),
      end: new Date(Date.parse(at(6)) + 1_800_000).toISOString(),
    });
    await sweep("highlevel");
    expect(await reload(id)).toMatchObject({ meetingState: "booked", meetingStartAt: new Date(at(6)) });
    expect(await test.db.task.findMany({ where: { leadId: id } })).toMatchObject([
      { type: "meeting_rescheduled" },
    ]);
  });
});

describe("the record of a pass (R30)", () => {
  it("says which way and why, and what either way takes", async () => {
    for (let n = 0; n < 5; n++) await lead(`guest${n}@harbor.example`);
    const courted = await lead("dana@harbor.example");
    await buildInstance(test.db, { leadId: courted.id });
    const connectionId = test.world.calendly.id;
    const passes = async () =>
      (await test.db.jobRun.findMany({ where: { connectionId }, orderBy: { id: "asc" } })).map(
        ({ way, why, counters }) => ({ way, why, counters }),
      );
    for (const tier of ["hot", "warm", "warm", "hot", "hot"] as const) await sweep("calendly", tier);
    // The first of a tier has no example; every lead of the workspace would be looked up, or those in a sequence.
    expect(await passes()).toMatchObject([
      { way: "sweep", why: "first pass over the whole window", counters: { estimatedLookupCalls: 8 } },
      { way: "sweep", why: "warm tier is due", counters: { estimatedLookupCalls: 8 } },
      { why: "warm tier is due", counters: { estimatedSweepCalls: 1, estimatedLookupCalls: 8 } },
      { way: "sweep", why: "hot tier is due", counters: { estimatedLookupCalls: 2 } },
      { why: "hot tier is due", counters: { calls: 1, estimatedSweepCalls: 1, estimatedLookupCalls: 2 } },
    ]);
  });
});

describe("claims (R22)", () => {
  it("are unknown until every connection has verified the whole window, and mismatches after", async () => {
    const { id } = await lead("claims@harbor.example", {
      sentiment: "meeting_booked",
      status: "meeting_booked",
      sentimentAt: addMs(new Date(), -DAY_MS),
      statusAt: addMs(new Date(), -DAY_MS),
    });
    expect(await reload(id)).toMatchObject({ mismatchKind: null, claimUnverified: true });
    await sweep("calendly");
    expect(await reload(id)).toMatchObject({ mismatchKind: null, claimUnverified: true });
    const counts = await sweep("highlevel");
    expect(counts.claimsChecked).toBe(1);
    expect(await reload(id)).toMatchObject({ mismatchKind: 1, claimUnverified: false });
  });

  it("are checked by a lookup of the lead alone, at the cost of that lead", async () => {
    const { id } = await lead("solo@harbor.example", {
      sentiment: "meeting_booked",
      sentimentAt: addMs(new Date(), -DAY_MS),
    });
    const { calls } = await lookUpLead(test.deps, id, { priority: "live" });
    expect(calls).toBe(2);
    expect(await reload(id)).toMatchObject({ mismatchKind: 1, claimUnverified: false });
  });
});

describe("sweep and lookup (R30)", () => {
  it("leave the same evidence", async () => {
    const emails = ["a@harbor.example", "b@harbor.example", "c@harbor.example", "d@harbor.example"];
    const [a, b, c, d] = await Promise.all(emails.map((email) => book(email, at(4))));
    await test.sandbox.control("/calendly/cancel", { invitee: inviteeOf(a) });
    await test.sandbox.control("/calendly/reschedule", {
      invitee: inviteeOf(b),
      start: at(9),
      email: "b2@harbor.example",
    });
    await bookAtHighLevel("c@harbor.example", at(4));
    await bookAtHighLevel("d@harbor.example", at(7), "cancelled");
    expect([c, d].every(Boolean)).toBe(true);

    for (const email of emails) await lead(email);
    await sweep("calendly");
    await sweep("highlevel");
    const swept = await evidence();

    await test.db.appointment.deleteMany({ where: { workspaceId: test.world.workspaceId } });
    await test.db.lead.deleteMany({ where: { workspaceId: test.world.workspaceId } });
    for (const email of emails) {
      const { id } = await lead(email);
      await lookUpLead(test.deps, id, { priority: "reconcile" });
    }
    expect(await evidence()).toEqual(swept);
  });
});

/** Evidence and rollups without our own ids and clocks. */
async function evidence() {
  const leads = await test.db.lead.findMany({
    where: { workspaceId: test.world.workspaceId },
    select: {
      email: true,
      status: true,
      meetingState: true,
      meetingStartAt: true,
      meetingCanceledAt: true,
      appointments: {
        select: {
          provider: true,
          providerId: true,
          status: true,
          startAt: true,
          standing: true,
          canceledAt: true,
          linkedBy: true,
        },
        orderBy: { providerId: "asc" },
      },
      tasks: { select: { type: true, status: true } },
    },
    orderBy: { email: "asc" },
  });
  return leads;
}
