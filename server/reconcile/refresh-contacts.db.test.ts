import { describe, expect, it } from "vitest";
import { addDays, startOfUtcDay } from "#server/lib/duration.ts";
import { buildLead } from "#server/testing/factories.ts";
import { openConnection } from "./open-connection.ts";
import { refreshContacts } from "./refresh-contacts.ts";
import { sweepConnection } from "./sweep-connection.ts";
import { setUpReconcile } from "./testing/set-up-reconcile.ts";

const test = setUpReconcile();

const at = (days: number) => addDays(startOfUtcDay(new Date()), days).toISOString();
const sweep = (tier: "hot" | "warm" = "warm") =>
  sweepConnection(test.deps, { connectionId: test.world.highlevel.id, tier, trigger: "test" });
const lead = (email: string) => buildLead(test.db, { workspaceId: test.world.workspaceId, email });
const stateOf = async (id: string) => (await test.db.lead.findUniqueOrThrow({ where: { id } })).meetingState;
const connection = () => test.db.connection.findUniqueOrThrow({ where: { id: test.world.highlevel.id } });

function saveContact(fields: Record<string, unknown>) {
  return test.sandbox.control("/highlevel/contact", {
    location: test.world.location.location.id,
    firstName: "Sam",
    ...fields,
  });
}

async function book(email: string) {
  const { contact } = await saveContact({ email });
  await test.sandbox.control("/highlevel/book", {
    location: test.world.location.location.id,
    calendar: "Discovery",
    contact: contact.id,
    start: at(3),
  });
  return contact.id as string;
}

describe("contacts that change (R8)", () => {
  it("give their bookings to the lead whose address they have now", async () => {
    const [before, after] = [await lead("omar@harbor.example"), await lead("omar@ridgeline.example")];
    const id = await book("omar@harbor.example");
    await sweep();
    expect([await stateOf(before.id), await stateOf(after.id)]).toEqual(["booked", "none"]);

    await saveContact({ id, email: "omar@ridgeline.example" });
    expect(await sweep()).toMatchObject({ contactsChanged: 1 });
    expect([await stateOf(before.id), await stateOf(after.id)]).toEqual(["none", "booked"]);
    expect(await test.db.rememberedContact.findFirst({ where: { contactId: id } })).toMatchObject({
      emails: ["omar@ridgeline.example"],
    });
  });

  it("are read late where a booking names one that nobody could read, though no list names the booking (R36)", async () => {
    const contactId = await book("late@harbor.example");
    await sweep();
    await test.db.rememberedContact.deleteMany({ where: { contactId } });
    const { id: leadId } = await lead("late@harbor.example");
    const { providerId } = await test.db.appointment.findFirstOrThrow({ where: { contactId } });
    await test.sandbox.control("/highlevel/delete", { id: providerId, forever: true });
    expect(await sweep()).toMatchObject({ contactsChanged: 1, vanished: 1 });
    expect(await stateOf(leadId)).toBe("vanished");
  });

  it("are found by an address that is added to them", async () => {
    const { id: leadId } = await lead("second@ridgeline.example");
    const id = await book("omar@harbor.example");
    await sweep();
    await saveContact({ id, additionalEmails: ["second@ridgeline.example"] });
    await sweep();
    expect(await stateOf(leadId)).toBe("booked");
  });

  it("are not looked for while nobody is remembered, nor with every hot pass", async () => {
    expect(await sweep()).toMatchObject({ calls: 4 });
    await book("omar@harbor.example");
    await sweep();
    expect(await sweep("hot")).not.toHaveProperty("contactsChanged");
  });

  it("keep their zone, which a search does not tell", async () => {
    const id = await book("omar@harbor.example");
    await sweep();
    await test.db.rememberedContact.updateMany({ data: { timezone: "Europe/Berlin" } });
    await saveContact({ id, email: "omar@ridgeline.example" });
    await sweep();
    expect(await test.db.rememberedContact.findFirst({ where: { contactId: id } })).toMatchObject({
      timezone: "Europe/Berlin",
    });
  });

  it("are walked through in parts when a whole location was changed at once", async () => {
    const { id: leadId } = await lead("omar@ridgeline.example");
    const id = await book("omar@harbor.example");
    await sweep();
    // Below these lies the one that matters.
    await saveContact({ id, email: "omar@ridgeline.example" });
    for (let n = 0; n < 5; n++) await saveContact({ email: `guest${n}@harbor.example` });

    const walk = async () => {
      const open = await openConnection(test.deps, test.world.highlevel.id, { priority: "reconcile" });
      if (open.provider !== "highlevel") throw new Error("This is about HighLevel.");
      return refreshContacts(test.deps, open, { bounds: { pages: 1, contactsPerPage: 2 } });
    };
    expect(await walk()).toEqual({ calls: 1, contactsChanged: 0 });
    expect(await connection()).toMatchObject({ contactsWalkAt: expect.any(Date) });
    const parts = [await walk(), await walk(), await walk()];
    expect(parts.reduce((sum, part) => sum + part.contactsChanged, 0)).toBe(1);
    expect(await stateOf(leadId)).toBe("booked");
    expect(await connection()).toMatchObject({ contactsWalkAt: null, contactsCursor: null });
  });
});
