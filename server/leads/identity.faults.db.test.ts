import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SYSTEM } from "#server/audit/actor.ts";
import { createQueue, type Queue } from "#server/db/queue.ts";
import { addDays, addMs, HOUR_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { createLog } from "#server/lib/log.ts";
import { sweepConnection } from "#server/reconcile/sweep-connection.ts";
import { setUpReconcile } from "#server/reconcile/testing/set-up-reconcile.ts";
import { buildLead } from "#server/testing/factories.ts";
import { upsertLeads } from "./upsert-leads.ts";

// People who are more than one address, and addresses that are more than one person.

const test = setUpReconcile();
let queue: Queue;
beforeAll(async () => {
  queue = await createQueue(test.database.url, createLog("error"));
});
afterAll(() => queue.stop(0));

const at = (days: number) => addMs(addDays(startOfUtcDay(new Date()), days), 10 * HOUR_MS).toISOString();

const sweep = (provider: "calendly" | "highlevel") =>
  sweepConnection(test.deps, { connectionId: test.world[provider].id, tier: "warm", trigger: "test" });
const lead = (email: string, overrides = {}) =>
  buildLead(test.db, { workspaceId: test.world.workspaceId, email, ...overrides });
const reload = (id: string) => test.db.lead.findUniqueOrThrow({ where: { id } });
const bookings = () =>
  test.db.appointment.findMany({
    where: { workspaceId: test.world.workspaceId },
    orderBy: { startAt: "asc" },
  });

function book(email: string, start = at(3)) {
  return test.sandbox.control("/calendly/book", {
    organization: test.world.organization.organization.id,
    eventType: "Intro call",
    start,
    invitee: { email, name: "Sam Porter" },
  });
}

const contact = (fields: Record<string, unknown>) =>
  test.sandbox.control("/highlevel/contact", { location: test.world.location.location.id, ...fields });

function bookAtHighLevel(contactId: string, start = at(3)) {
  return test.sandbox.control("/highlevel/book", {
    location: test.world.location.location.id,
    calendar: "Discovery",
    contact: contactId,
    start,
  });
}

describe("40: one address of several, several addresses of one", () => {
  it("gives a shared inbox's booking to nobody and gates all who share it", async () => {
    const first = await lead("office@ridgeline.example");
    const second = await lead("Office@Ridgeline.example");
    await book("OFFICE@ridgeline.example");
    await sweep("calendly");
    expect(await bookings()).toMatchObject([{ leadId: null, ambiguous: true }]);
    for (const { id } of [first, second]) {
      expect(await reload(id)).toMatchObject({ meetingState: "none", sharedBooking: true });
    }
  });

  it("takes a plus-address for an address of its own", async () => {
    const plain = await lead("maya@ridgeline.example");
    const plus = await lead("maya+sales@ridgeline.example");
    await book("Maya+Sales@ridgeline.example");
    await sweep("calendly");
    expect(await bookings()).toMatchObject([{ leadId: plus.id, ambiguous: false }]);
    expect(await reload(plain.id)).toMatchObject({ meetingState: "none", sharedBooking: false });
  });

  it("knows a contact whose second address was put over its first by both, until it gets one that was never its", async () => {
    const { id } = await lead("noor@ridgeline.example");
    const addresses = { email: "noor@ridgeline.example", additionalEmails: ["private@noor.example"] };
    const made = await contact({ ...addresses, firstName: "Noor" });
    await bookAtHighLevel(made.id);
    await sweep("highlevel");
    expect(await bookings()).toMatchObject([{ leadId: id }]);

    await contact({ id: made.id, email: "private@noor.example", additionalEmails: [] });
    await sweep("highlevel");
    await contact({ id: made.id, lastName: "Adeyemi" });
    await sweep("highlevel");
    await bookAtHighLevel(made.id, at(5));
    await sweep("highlevel");
    expect(await bookings()).toMatchObject([{ leadId: id }, { leadId: id }]);

    await contact({ id: made.id, email: "somebody.else@ridgeline.example" });
    await sweep("highlevel");
    // Nobody has that address: a person is asked, and nothing is guessed.
    expect(await bookings()).toMatchObject([
      { leadId: null, ambiguous: false },
      { leadId: null, ambiguous: false },
    ]);
  });

  it("leaves a booking that is a lead's by its contact id alone, whatever becomes of the addresses", async () => {
    const { id } = await lead("dana@ridgeline.example");
    const made = await contact({ email: "dana@ridgeline.example", firstName: "Dana" });
    await test.db.leadContact.create({
      data: { workspaceId: test.world.workspaceId, contactId: made.id, leadId: id },
    });
    await bookAtHighLevel(made.id);
    await sweep("highlevel");
    await contact({ id: made.id, email: "somebody.else@ridgeline.example" });
    await sweep("highlevel");
    expect(await bookings()).toMatchObject([{ leadId: id, linkedBy: "contact" }]);
  });
});

describe("41: leads that are merged or point elsewhere", () => {
  it("keep what was booked under the address that the surviving lead gave up, and their history", async () => {
    const { workspaceId } = test.world;
    const survivor = await lead("maya.old@ridgeline.example", { externalId: "crm-1" });
    await book("maya.old@ridgeline.example");
    await sweep("calendly");
    const before = await test.db.appointmentChange.findMany({ where: { leadId: survivor.id } });
    expect(before).not.toEqual([]);

    await upsertLeads(
      { ...test.deps, queue },
      workspaceId,
      [{ externalId: "crm-1", email: "maya.new@ridgeline.example" }],
      { actor: SYSTEM, source: "import" },
    );
    await book("maya.old@ridgeline.example", at(5));
    await book("maya.new@ridgeline.example", at(6));
    await sweep("calendly");
    expect((await bookings()).map(({ leadId }) => leadId)).toEqual([survivor.id, survivor.id, survivor.id]);
    const after = await test.db.appointmentChange.findMany({ where: { leadId: survivor.id } });
    expect(after.slice(0, before.length)).toEqual(before);
  });

  it("follow a contact that HighLevel merged into another one", async () => {
    const { id } = await lead("noor@ridgeline.example");
    const old = await contact({ email: "noor@ridgeline.example", firstName: "Noor" });
    const booked = await bookAtHighLevel(old.id);
    await sweep("highlevel");
    expect(await bookings()).toMatchObject([{ leadId: id, contactId: old.id }]);

    const surviving = await contact({
      email: "n.adeyemi@ridgeline.example",
      additionalEmails: ["noor@ridgeline.example"],
      firstName: "Noor",
    });
    await test.sandbox.control("/highlevel/update", { id: booked.id, contact: surviving.id });
    await sweep("highlevel");
    expect(await bookings()).toMatchObject([{ leadId: id, contactId: surviving.id, status: "confirmed" }]);
    expect(await reload(id)).toMatchObject({ meetingState: "booked" });
    expect(await test.db.task.count({ where: { leadId: id } })).toBe(0);
  });
});
