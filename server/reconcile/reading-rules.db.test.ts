import { describe, expect, it } from "vitest";
import { runTransaction } from "#server/db/run-transaction.ts";
import { addDays, addMs, HOUR_MS, MINUTE_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { buildAppointment, buildLead } from "#server/testing/factories.ts";
import { applyReadings } from "./apply-readings.ts";
import { lookUpLead } from "./look-up-lead.ts";
import { markVanished } from "./mark-vanished.ts";
import { openConnection } from "./open-connection.ts";
import { reconcileAppointment } from "./reconcile-appointment.ts";
import { sweepConnection } from "./sweep-connection.ts";
import { buildReading } from "./testing/build-reading.ts";
import { setUpReconcile } from "./testing/set-up-reconcile.ts";

// What a single clause of a rule promises, where no other test would notice its loss.
const test = setUpReconcile();

const at = (days: number) => addMs(addDays(startOfUtcDay(new Date()), days), 10 * HOUR_MS).toISOString();
const lead = (email: string) => buildLead(test.db, { workspaceId: test.world.workspaceId, email });
const sweep = (provider: "calendly" | "highlevel" = "calendly") =>
  sweepConnection(test.deps, { connectionId: test.world[provider].id, tier: "warm", trigger: "test" });
const lookUp = (leadId: string) => lookUpLead(test.deps, leadId, { priority: "live" });

function book(email: string, eventType = "Intro call", more: Record<string, unknown> = {}) {
  return test.sandbox.control("/calendly/book", {
    organization: test.world.organization.organization.id,
    eventType,
    start: at(3),
    invitee: { email, name: "Sam Porter" },
    ...more,
  });
}

async function bookAtHighLevel(email: string, days = 5) {
  const location = test.world.location.location.id;
  const { id: contact } = await test.sandbox.control("/highlevel/contact", { location, email });
  return test.sandbox.control("/highlevel/book", {
    location,
    calendar: "Discovery",
    contact,
    start: at(days),
  });
}

describe("reconciling reads (R0)", () => {
  it("leaves what it reads as it was, by whatever way", async () => {
    const dana = await lead("dana@harbor.example");
    const omar = await lead("omar@harbor.example");
    const booked = await book("dana@harbor.example");
    const other = await bookAtHighLevel("omar@harbor.example");
    await test.sandbox.control("/calls/reset");
    for (const provider of ["calendly", "highlevel"] as const) await sweep(provider);
    for (const { id } of [dana, omar]) await lookUp(id);
    for (const [provider, eventId, providerId] of [
      ["calendly", booked.eventId, booked.inviteeId],
      ["highlevel", other.id, other.id],
    ] as const) {
      const connectionId = test.world[provider].id;
      await reconcileAppointment(test.deps, {
        connectionId,
        eventId,
        providerId,
        source: "webhook",
        reason: "test",
      });
    }
    const calls = await test.sandbox.control("/calls", undefined, "GET");
    const families = [...Object.keys(calls.calendly.families), ...Object.keys(calls.highlevel.families)];
    expect(families.length).toBeGreaterThan(5);
    // A search is asked for by POST and changes nothing.
    expect(families.filter((family) => !/^GET |^POST \/contacts\/search$/.test(family))).toEqual([]);
  });
});

describe("what vanished (R5)", () => {
  it("stays what it is where it was read after the provider was asked for it", async () => {
    const { id: leadId } = await lead("dana@harbor.example");
    const connection = test.world.calendly;
    const askedAt = new Date();
    const meeting = { leadId, connectionId: connection.id, status: "confirmed" as const };
    const before = await buildAppointment(test.db, { ...meeting, asOf: addMs(askedAt, -MINUTE_MS) });
    const since = await buildAppointment(test.db, { ...meeting, asOf: addMs(askedAt, 1) });
    const open = await openConnection(test.deps, connection.id, { priority: "reconcile" });
    const lost = await runTransaction(test.db, "test", (tx) =>
      markVanished(tx, open, [before.providerId, since.providerId], {
        source: "reconcile",
        reason: "test",
        askedAt,
        now: addMs(askedAt, MINUTE_MS),
      }),
    );
    expect(lost).toBe(1);
    const rows = await test.db.appointment.findMany({ where: { leadId }, orderBy: { asOf: "asc" } });
    expect(rows.map(({ id, status }) => ({ id, status }))).toEqual([
      { id: before.id, status: "vanished" },
      { id: since.id, status: "confirmed" },
    ]);
  });
});

describe("what lists leave out (R5)", () => {
  it.each(["showed", "noshow", "confirmed"])("is asked for and counts as gone, %s too", async (word) => {
    const { id: leadId } = await lead("omar@harbor.example");
    const { id } = await bookAtHighLevel("omar@harbor.example", -3);
    await test.sandbox.control("/highlevel/update", { id, status: word });
    await sweep("highlevel");
    await test.sandbox.control("/highlevel/delete", { id, forever: true });
    await sweep("highlevel");
    expect(await test.db.appointment.findMany({ where: { leadId } })).toMatchObject([{ status: "vanished" }]);
  });
});

describe("a pair at both providers (R7)", () => {
  it("stays a pair where the copy moves to the time of another meeting", async () => {
    const { id: leadId, email } = await lead("dana@harbor.example");
    const step = {
      workspaceId: test.world.workspaceId,
      source: "reconcile" as const,
      reason: "test",
      now: addMs(new Date(), MINUTE_MS),
      configuredTypes: null,
    };
    const apply = (provider: "calendly" | "highlevel", readings: ReturnType<typeof buildReading>[]) =>
      runTransaction(test.db, "test", (tx) =>
        applyReadings(tx, readings, { ...step, connectionId: test.world[provider].id }),
      );
    const [first, second] = [4, 6].map((days) =>
      buildReading({ attendeeEmail: email, startAt: new Date(at(days)), asOf: new Date() }),
    );
    if (!first || !second) throw new Error("two were built");
    const copy = buildReading({
      provider: "highlevel",
      attendeeEmail: email,
      startAt: first.startAt,
      endAt: first.endAt,
    });
    await apply("calendly", [first, second]);
    await apply("highlevel", [copy]);
    await apply("highlevel", [
      {
        ...copy,
        startAt: second.startAt,
        endAt: second.endAt,
        asOf: new Date(),
        providerUpdatedAt: new Date(),
      },
    ]);
    const rows = await test.db.appointment.findMany({ where: { leadId } });
    const idOf = (providerId: string) => rows.find((row) => row.providerId === providerId)?.id;
    expect(rows.find((row) => row.providerId === copy.providerId)).toMatchObject({
      startAt: second.startAt,
      mirrorOfId: idOf(first.providerId),
      standing: "copy",
    });
  });
});

describe("a lookup (R8)", () => {
  it("takes from a meeting of many the one person who was asked for", async () => {
    const asked = await lead("dana@harbor.example");
    const other = await lead("omar@harbor.example");
    const { eventId } = await book("Dana@Harbor.example", "Workshop", {
      tracking: { utm_content: "cust-71" },
    });
    await book("omar@harbor.example", "Workshop", { eventId });
    await book("dana+vip@harbor.example", "Workshop", { eventId });
    await lookUp(asked.id);
    const read = () =>
      test.db.appointment.findMany({
        where: { workspaceId: test.world.workspaceId },
        orderBy: { firstSeenAt: "asc" },
        select: { leadId: true, attendeeEmail: true, tracking: true },
      });
    expect(await read()).toEqual([
      { leadId: asked.id, attendeeEmail: "Dana@Harbor.example", tracking: "cust-71" },
    ]);
    await lookUp(other.id);
    expect((await read()).map(({ leadId }) => leadId)).toEqual([asked.id, other.id]);
  });
});

describe("chosen event types (R10, R11)", () => {
  /** Of both accounts everything but one type of the first is left out. */
  async function choose(strictEventTypes: boolean) {
    const { workspaceId, organization, calendly, highlevel } = test.world;
    const [intro] = organization.eventTypes;
    const chosen = { selected: true, seenAt: new Date() };
    await test.db.connectionEventType.create({
      data: { connectionId: calendly.id, providerId: intro.id, name: intro.name, ...chosen },
    });
    await test.db.connectionEventType.create({
      data: { connectionId: highlevel.id, providerId: "another", name: "Another", ...chosen },
    });
    await test.db.connection.updateMany({ where: { workspaceId }, data: { eventTypesChosenAt: new Date() } });
    await test.db.workspace.update({ where: { id: workspaceId }, data: { strictEventTypes } });
  }

  async function readAll() {
    const { id: leadId } = await lead("dana@harbor.example");
    const single = await book("dana@harbor.example", "Workshop", { start: at(4) });
    await book("dana@harbor.example");
    await bookAtHighLevel("dana@harbor.example");
    for (const provider of ["calendly", "highlevel"] as const) await sweep(provider);
    await lookUp(leadId);
    await reconcileAppointment(test.deps, {
      connectionId: test.world.calendly.id,
      eventId: single.eventId,
      providerId: single.inviteeId,
      source: "webhook",
      reason: "test",
    });
    return test.db.appointment.findMany({
      where: { leadId },
      orderBy: { startAt: "asc" },
      select: { provider: true, title: true, onConfiguredType: true },
    });
  }

  it("are best effort: another booking of a known lead is evidence all the same, and marked", async () => {
    await choose(false);
    expect(await readAll()).toEqual([
      { provider: "calendly", title: "Intro call", onConfiguredType: true },
      { provider: "calendly", title: "Workshop", onConfiguredType: false },
      { provider: "highlevel", title: null, onConfiguredType: false },
    ]);
  });

  it("are all there is where the workspace is strict, by whatever way", async () => {
    await choose(true);
    expect(await readAll()).toEqual([{ provider: "calendly", title: "Intro call", onConfiguredType: true }]);
  });

  it("leave what is evidence already to be followed to its end, and take nothing new of it", async () => {
    await choose(false);
    await readAll();
    const { workspaceId } = test.world;
    await test.db.workspace.update({ where: { id: workspaceId }, data: { strictEventTypes: true } });
    const others = { workspaceId, onConfiguredType: false };
    for (const { provider, providerId } of await test.db.appointment.findMany({ where: others })) {
      if (provider === "highlevel")
        await test.sandbox.control("/highlevel/update", { id: providerId, status: "cancelled" });
      else await test.sandbox.control("/calendly/cancel", { invitee: providerId });
    }
    await book("dana@harbor.example", "Workshop", { start: at(5) });
    for (const provider of ["calendly", "highlevel"] as const) await sweep(provider);
    expect(await test.db.appointment.findMany({ where: others })).toMatchObject([
      { status: "canceled" },
      { status: "canceled" },
    ]);
  });
});
