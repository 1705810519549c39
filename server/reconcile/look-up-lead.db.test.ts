import { describe, expect, it } from "vitest";
import { addDays, addMs, HOUR_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { buildLead } from "#server/testing/factories.ts";
import { lookUpLead } from "./look-up-lead.ts";
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
