import { describe, expect, it } from "vitest";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { addDays, addMs, HOUR_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { buildLead } from "#server/testing/factories.ts";
import { lookUpLead } from "./look-up-lead.ts";
import { reconcileAppointment } from "./reconcile-appointment.ts";
import { sweepConnection } from "./sweep-connection.ts";
import { setUpReconcile } from "./testing/set-up-reconcile.ts";

const test = setUpReconcile();

const at = (days: number) => addMs(addDays(startOfUtcDay(new Date()), days), 10 * HOUR_MS).toISOString();
const lead = (email: string) => buildLead(test.db, { workspaceId: test.world.workspaceId, email });
const reload = (id: string) => test.db.lead.findUniqueOrThrow({ where: { id } });
const lookUp = (leadId: string) => lookUpLead(test.deps, leadId, { priority: "live" });

async function addContact(email: string, additionalEmails: string[] = []): Promise<string> {
  const location = test.world.location.location.id;
  return (await test.sandbox.control("/highlevel/contact", { location, email, additionalEmails })).id;
}

function bookAtHighLevel(contact: string) {
  const location = test.world.location.location.id;
  return test.sandbox.control("/highlevel/book", { location, calendar: "Discovery", contact, start: at(3) });
}

describe("looking a lead up at one of two accounts (R22, R30)", () => {
  const claim = () =>
    buildLead(test.db, {
      workspaceId: test.world.workspaceId,
      email: "claims@harbor.example",
      sentiment: "meeting_booked",
      sentimentAt: addDays(new Date(), -1),
    });
  const lookUpAtHighLevel = (leadId: string) =>
    lookUpLead(test.deps, leadId, { priority: "reconcile", connectionIds: [test.world.highlevel.id] });

  it("asks nobody else, and checks nothing while the other was never swept", async () => {
    const { id } = await claim();
    await test.sandbox.control("/calls/reset");
    await lookUpAtHighLevel(id);
    expect((await test.sandbox.control("/calls", undefined, "GET")).calendly.total).toBe(0);
    expect(await reload(id)).toMatchObject({ lookedUpAt: null, claimUnverified: true });
  });

  it("counts as of the other's sweep, which is the older witness", async () => {
    const { id } = await claim();
    await sweepConnection(test.deps, {
      connectionId: test.world.calendly.id,
      tier: "warm",
      trigger: "test",
    });
    const verifiedAt = addMs(new Date(), -HOUR_MS);
    await test.db.coverage.updateMany({ data: { verifiedAt } });
    await lookUpAtHighLevel(id);
    expect(await reload(id)).toMatchObject({
      lookedUpAt: verifiedAt,
      claimCheckedAt: verifiedAt,
      mismatchKind: 1,
    });
  });

  it("checks no claim that is newer than the other's sweep", async () => {
    const { id } = await claim();
    await sweepConnection(test.deps, {
      connectionId: test.world.calendly.id,
      tier: "warm",
      trigger: "test",
    });
    await test.db.coverage.updateMany({ data: { verifiedAt: addDays(new Date(), -2) } });
    await lookUpAtHighLevel(id);
    expect(await reload(id)).toMatchObject({ claimUnverified: true, mismatchKind: null });
  });
});

describe("looking a lead up", () => {
  it("finds what another contact booked under its address, beside the contact it is known by (R8)", async () => {
    const { id } = await lead("omar@harbor.example");
    const contactId = await addContact("omar.old@harbor.example");
    await test.db.leadContact.create({
      data: { workspaceId: test.world.workspaceId, leadId: id, contactId },
    });
    await bookAtHighLevel(await addContact("omar@harbor.example"));
    await lookUp(id);
    expect((await reload(id)).meetingState).toBe("booked");
  });

  it("finds what a remembered contact booked that has its address as a further one (R8)", async () => {
    const { id } = await lead("omar@harbor.example");
    const contactId = await addContact("office@harbor.example", ["omar@harbor.example"]);
    await test.db.rememberedContact.create({
      data: {
        workspaceId: test.world.workspaceId,
        contactId,
        emails: ["office@harbor.example", "omar@harbor.example"],
        readAt: new Date(),
      },
    });
    await bookAtHighLevel(contactId);
    await lookUp(id);
    expect((await reload(id)).meetingState).toBe("booked");
  });

  it.each(["a lookup", "its delivery"])(
    "tells of a HighLevel meeting what a sweep would tell, found by %s: the next sweep adds nothing (R20)",
    async (way) => {
      const { id } = await lead("omar@harbor.example");
      const { workspaceId, highlevel } = test.world;
      const contactId = await addContact("omar.private@harbor.example");
      await test.db.leadContact.create({ data: { workspaceId, leadId: id, contactId } });
      const { appointment } = await bookAtHighLevel(contactId);
      const find = () =>
        way === "a lookup"
          ? lookUp(id)
          : reconcileAppointment(test.deps, {
              connectionId: highlevel.id,
              providerId: appointment.id,
              eventId: appointment.id,
              source: "webhook",
              reason: "delivery",
            });
      await find();
      const [found] = await test.db.appointment.findMany({ where: { workspaceId } });
      expect(found).toMatchObject({
        leadId: id,
        organizerEmail: "dana@northwind.example",
        organizerName: "Dana Ruiz",
        attendeeEmail: "omar.private@harbor.example",
      });
      await sweepConnection(test.deps, { connectionId: highlevel.id, tier: "warm", trigger: "test" });
      expect(await test.db.appointmentChange.findMany({ where: { workspaceId } })).toMatchObject([
        { kind: "booked" },
      ]);

      // What stands as it stood costs no call for its host.
      const membersRead = async () =>
        (await test.sandbox.control("/calls", undefined, "GET")).highlevel.families["GET /users/"];
      const before = await membersRead();
      await find();
      expect(await membersRead()).toBe(before);
      await test.sandbox.control("/highlevel/update", { id: appointment.id, start: at(5) });
      await find();
      expect(await membersRead()).toBe(before + 1);
    },
  );

  it("follows a meeting that was moved twice under other addresses to where it is now (R16)", async () => {
    const { id } = await lead("dana@harbor.example");
    await moveTwice(at(4), at(5));
    await lookUp(id);
    expect(await reload(id)).toMatchObject({ meetingState: "booked", meetingStartAt: new Date(at(5)) });
  });
});

it("a sweep follows a meeting that was moved twice, out of its window (R16)", async () => {
  const { id } = await lead("dana@harbor.example");
  await moveTwice(at(120), at(121));
  await sweepConnection(test.deps, { connectionId: test.world.calendly.id, tier: "warm", trigger: "test" });
  expect(await reload(id)).toMatchObject({ meetingState: "booked", meetingStartAt: new Date(at(121)) });
});

/** Booked by the lead, moved by an assistant, moved again by somebody else. */
async function moveTwice(first: string, second: string): Promise<void> {
  let { inviteeId } = await test.sandbox.control("/calendly/book", {
    organization: test.world.organization.organization.id,
    eventType: "Intro call",
    start: at(3),
    invitee: { email: "dana@harbor.example", name: "Dana Cole" },
  });
  for (const [start, email] of [
    [first, "assistant@harbor.example"],
    [second, "office@harbor.example"],
  ]) {
    ({ inviteeId } = await test.sandbox.control("/calendly/reschedule", {
      invitee: inviteeId,
      start,
      email,
    }));
  }
}

const sweep = () =>
  sweepConnection(test.deps, { connectionId: test.world.highlevel.id, tier: "warm", trigger: "test" });

it.each([
  ["a lookup", lookUp],
  ["a sweep", sweep],
])("dates what %s found when it had its turn, though it came before", async (_, read) => {
  const { id, workspaceId } = await lead("waits@harbor.example");
  await bookAtHighLevel(await addContact("waits@harbor.example"));
  const isWaiting = async () => {
    const locks = await test.db.$queryRaw<unknown[]>`
      SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    return locks.length;
  };
  const { reading, endedAt } = await test.db.$transaction(
    async (tx) => {
      await lockWorkspace(tx, workspaceId);
      const reading = read(id);
      await expect.poll(isWaiting, { timeout: 15_000 }).toBe(1);
      return { reading, endedAt: new Date() };
    },
    { timeout: 60_000 },
  );
  await reading;
  const [entry] = await test.db.auditEntry.findMany({ where: { leadId: id } });
  expect(entry?.at.getTime()).toBeGreaterThanOrEqual(endedAt.getTime());
});
