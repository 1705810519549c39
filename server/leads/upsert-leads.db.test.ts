import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createQueue, type Queue } from "#server/db/queue.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { createLog } from "#server/lib/log.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import {
  buildAppointment,
  buildInstance,
  buildLead,
  buildWorkspace,
  TEST_NOW,
} from "#server/testing/factories.ts";
import { upsertLeads } from "./upsert-leads.ts";

const test = setUpTestDatabase();
const clock = new SettableClock(TEST_NOW);
let queue: Queue;
let workspaceId: string;

beforeAll(async () => {
  queue = await createQueue(test.url, createLog("error"));
});
afterAll(() => queue.stop(0));
beforeEach(async () => {
  clock.set(TEST_NOW);
  ({ id: workspaceId } = await buildWorkspace(test.db));
});

function upsert(items: unknown[], workspace = workspaceId) {
  const actor = { kind: "api" as const, id: "key-1" };
  return upsertLeads({ db: test.db, clock, queue }, workspace, items, { actor, source: "import" });
}

const findLead = (externalId: string) =>
  test.db.lead.findFirstOrThrow({ where: { workspaceId, externalId } });

describe("upsertLeads", () => {
  it("creates, updates and leaves alone, and says how many", async () => {
    const items = [
      { externalId: "c-1", email: "maya@ridgeline.example", firstName: "Maya", aliases: ["m@home.example"] },
      { externalId: "c-2", email: "jonas@ridgeline.example", ghlContactId: "contact-2" },
    ];
    expect(await upsert(items)).toEqual({ created: 2, updated: 0, unchanged: 0, errors: [] });
    const [first, ...rest] = items;
    expect(await upsert([{ ...first, firstName: "May" }, ...rest])).toMatchObject({
      updated: 1,
      unchanged: 1,
    });
    expect(await findLead("c-1")).toMatchObject({ firstName: "May", version: 2 });
    expect(await test.db.leadAlias.findMany({ where: { workspaceId } })).toMatchObject([
      { emailKey: "m@home.example", source: "import" },
    ]);
    expect(await test.db.leadContact.count({ where: { workspaceId } })).toBe(1);
  });

  it("lets no later import read all leads for each new one, where few were known of many", async () => {
    const { db } = test;
    const invent = (name: string, count: number) =>
      Array.from({ length: count }, (_, n) => ({ email: `${name}${n}@ridgeline.example` }));
    const readInFull = async () => {
      await db.$queryRaw`SELECT pg_stat_force_next_flush()::text`;
      const [row] = await db.$queryRaw<{ rows: number }[]>`
        SELECT seq_tup_read::float8 AS rows FROM pg_stat_user_tables WHERE relname = 'Lead'`;
      return row?.rows ?? 0;
    };
    await upsert(invent("few", 30));
    await db.$executeRaw`ANALYZE "Lead"`;
    // Sessions keep a plan from the sixth check on.
    await upsert(invent("some", 10));
    await upsert(invent("many", 1_500));
    const before = await readInFull();
    await upsert(invent("later", 100));
    expect((await readInFull()) - before).toBeLessThan(10_000);
  });

  it("writes nothing when nothing changed", async () => {
    const items = [{ externalId: "c-1", email: "maya@ridgeline.example", sentiment: "interested" }];
    await upsert(items);
    const before = await findLead("c-1");
    const audits = await test.db.auditEntry.count({ where: { workspaceId } });
    clock.advance(60_000);
    expect(await upsert(items)).toMatchObject({ unchanged: 1 });
    expect(await findLead("c-1")).toEqual(before);
    expect(await test.db.auditEntry.count({ where: { workspaceId } })).toBe(audits);
  });

  it("leaves one audit line for the request and one for each known lead whose words changed", async () => {
    await upsert([{ externalId: "c-1", email: "maya@ridgeline.example" }]);
    await upsert([{ externalId: "c-1", status: "qualified" }]);
    const verbs = await test.db.auditEntry.findMany({ where: { workspaceId }, orderBy: { id: "asc" } });
    expect(verbs.map((entry) => entry.verb)).toEqual(["leads_upserted", "leads_upserted", "lead_labeled"]);
  });

  it("never sees another workspace", async () => {
    const foreign = await buildLead(test.db, { externalId: "c-1", email: "maya@ridgeline.example" });
    expect(await upsert([{ externalId: "c-1", email: "maya@ridgeline.example" }])).toMatchObject({
      created: 1,
    });
    expect(await test.db.lead.findUniqueOrThrow({ where: { id: foreign.id } })).toEqual(foreign);
  });

  it("keeps what an operator did between two imports", async () => {
    await upsert([{ externalId: "c-1", email: "maya@ridgeline.example" }]);
    await test.db.lead.updateMany({ where: { workspaceId }, data: { status: "not_interested", version: 7 } });
    await upsert([{ externalId: "c-1", firstName: "Maya" }]);
    expect(await findLead("c-1")).toMatchObject({ status: "not_interested", firstName: "Maya", version: 8 });
  });
});

describe("bookings find their leads", () => {
  const booking = { leadId: null, attendeeEmail: "Maya@Ridgeline.example" };

  it("links what was nobody's, with everything that follows (R8, R14)", async () => {
    const { id } = await buildAppointment(test.db, { workspaceId, ...booking });
    await upsert([{ externalId: "c-1", email: "maya@ridgeline.example" }]);
    const lead = await findLead("c-1");
    expect(lead).toMatchObject({ meetingState: "booked", primaryId: id, status: "meeting_booked" });
    expect(await test.db.appointmentChange.findMany({ where: { appointmentId: id } })).toMatchObject([
      { kind: "linked", leadId: lead.id, toStatus: "confirmed", source: "import" },
    ]);
  });

  it("links by an alias and by a remembered contact", async () => {
    await buildAppointment(test.db, { workspaceId, leadId: null, attendeeEmail: "m@home.example" });
    await test.db.rememberedContact.create({
      data: { workspaceId, contactId: "contact-9", emails: ["jonas@ridgeline.example"], readAt: TEST_NOW },
    });
    await buildAppointment(test.db, {
      workspaceId,
      leadId: null,
      provider: "highlevel",
      attendeeEmail: null,
      contactId: "contact-9",
    });
    await upsert([
      { externalId: "c-1", email: "maya@ridgeline.example", aliases: ["m@home.example"] },
      { externalId: "c-2", email: "jonas@ridgeline.example" },
    ]);
    expect(await findLead("c-1")).toMatchObject({ meetingState: "booked" });
    expect(await findLead("c-2")).toMatchObject({ meetingState: "booked" });
  });

  it("ends what runs for a lead that is blacklisted or unqualified now, and for no other (R28)", async () => {
    const lead = (externalId: string, status: string) => ({
      externalId,
      email: `${externalId}@ridgeline.example`,
      status,
    });
    const items = ["c-1", "c-2", "c-3"].map((externalId) => lead(externalId, "qualified"));
    await upsert(items);
    for (const { externalId } of items) {
      await buildInstance(test.db, { leadId: (await findLead(externalId)).id });
    }
    await upsert([lead("c-1", "blacklisted"), lead("c-2", "unqualified"), lead("c-3", "meeting_requested")]);
    const instances = await test.db.followUpInstance.findMany({
      where: { workspaceId },
      select: { status: true, reason: true, lead: { select: { externalId: true } } },
      orderBy: { lead: { externalId: "asc" } },
    });
    expect(instances.map(({ lead, status, reason }) => [lead.externalId, status, reason])).toEqual([
      ["c-1", "canceled", "lead_blacklisted"],
      ["c-2", "canceled", "lead_unqualified"],
      ["c-3", "active", null],
    ]);
  });

  it("takes a booking from a lead when a second one has its address, and gates both (R13)", async () => {
    const { id } = await buildAppointment(test.db, { workspaceId, ...booking });
    await upsert([{ externalId: "c-1", email: "maya@ridgeline.example" }]);
    await upsert([{ externalId: "c-2", email: "maya@ridgeline.example" }]);
    const appointment = await test.db.appointment.findUniqueOrThrow({ where: { id } });
    expect(appointment).toMatchObject({ leadId: null, ambiguous: true });
    expect(await findLead("c-1")).toMatchObject({ meetingState: "none", sharedBooking: true });
    expect(await findLead("c-2")).toMatchObject({ meetingState: "none", sharedBooking: true });
    const changes = await test.db.appointmentChange.findMany({
      where: { appointmentId: id },
      orderBy: { id: "asc" },
    });
    expect(changes.map((change) => change.kind)).toEqual(["linked", "unlinked"]);
  });

  it("keeps a booking with a lead that changes its address", async () => {
    await buildAppointment(test.db, { workspaceId, ...booking });
    await upsert([{ externalId: "c-1", email: "maya@ridgeline.example" }]);
    await upsert([{ externalId: "c-1", email: "maya@new.example" }]);
    expect(await findLead("c-1")).toMatchObject({ email: "maya@new.example", meetingState: "booked" });
  });
});
