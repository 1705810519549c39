import { beforeEach, describe, expect, test } from "vitest";
import type { Role } from "#server/db/generated/enums.ts";
import type { Deps } from "#server/deps.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { addDays } from "#server/lib/duration.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import {
  buildAppointment,
  buildLead,
  buildMembership,
  buildUser,
  buildWorkspace,
  TEST_NOW,
} from "#server/testing/factories.ts";
import { unmatchedRouter } from "./unmatched.ts";

const database = setUpTestDatabase();
const clock = new SettableClock(TEST_NOW);
let workspaceId: string;
let slug: string;

beforeEach(async () => {
  ({ id: workspaceId, slug } = await buildWorkspace(database.db));
});

async function signIn(role: Role) {
  const { id, name, email } = await buildUser(database.db);
  await buildMembership(database.db, { workspaceId, userId: id, role });
  return unmatchedRouter.createCaller({
    // Nothing here asks a provider.
    deps: { db: database.db, clock } as unknown as Deps,
    user: { id, name, email, isAdmin: false, timezone: null },
  });
}

const booking = (overrides: Parameters<typeof buildAppointment>[1] = {}) =>
  buildAppointment(database.db, { workspaceId, leadId: null, ...overrides });

describe("bookings without a lead (R11)", () => {
  test("are listed, those ahead by their start, those that are over the other way round", async () => {
    const inbox = await signIn("inbox_manager");
    const [later, sooner, past, older] = [
      await booking({ startAt: addDays(TEST_NOW, 4) }),
      await booking({ startAt: addDays(TEST_NOW, 2), ambiguous: true }),
      await booking({ startAt: addDays(TEST_NOW, -1), status: "canceled" }),
      await booking({ startAt: addDays(TEST_NOW, -3) }),
    ];
    // Somebody's, moved on, of another customer, or on a type that was not chosen.
    await buildAppointment(database.db, { leadId: (await buildLead(database.db, { workspaceId })).id });
    await booking({ status: "rescheduled" });
    await booking({ onConfiguredType: false });
    await buildAppointment(database.db, {
      workspaceId: (await buildWorkspace(database.db)).id,
      leadId: null,
    });

    const ahead = await inbox.list({ workspace: slug });
    expect(ahead.rows.map(({ id, ambiguous }) => ({ id, ambiguous }))).toEqual([
      { id: sooner.id, ambiguous: true },
      { id: later.id, ambiguous: false },
    ]);
    expect(ahead).toMatchObject({ counts: { ahead: 2, over: 2 }, next: null, prev: null });
    const over = await inbox.list({ workspace: slug, when: "over" });
    expect(over.rows.map(({ id }) => id)).toEqual([past.id, older.id]);
  });

  test("go on from page to page, each once", async () => {
    const inbox = await signIn("inbox_manager");
    const ids = [];
    // Half of them at one instant.
    for (let n = 0; n < 60; n++) {
      ids.push((await booking({ startAt: addDays(TEST_NOW, 1 + Math.floor(n / 30)) })).id);
    }
    const first = await inbox.list({ workspace: slug });
    const second = await inbox.list({ workspace: slug, cursor: first.next });
    expect([first.rows.length, second.rows.length, second.next]).toEqual([50, 10, null]);
    expect(new Set([...first.rows, ...second.rows].map(({ id }) => id))).toEqual(new Set(ids));
    expect([second.from, second.prev === null]).toEqual([51, false]);
    const back = await inbox.list({ workspace: slug, cursor: second.prev });
    expect(back).toMatchObject({ rows: first.rows, from: 1, prev: null, next: first.next });
    // What is no cursor begins at the beginning.
    expect((await inbox.list({ workspace: slug, cursor: "nonsense" })).rows).toEqual(first.rows);
  });

  test("suggest whose they may be, with reasons, the likeliest first", async () => {
    const inbox = await signIn("inbox_manager");
    const { id, attendeeKey } = await booking({
      attendeeEmail: "M.Ortiz@Quillworks.example",
      attendeeName: "Maya  Ortiz",
      attendeePhone: "+1 (512) 555-0134",
      tracking: "cust-71\nnewsletter",
    });
    const plain = { workspaceId, firstName: "Noor", lastName: "Haddad", phone: null };
    const named = await buildLead(database.db, { ...plain, firstName: "maya", lastName: "Ortiz" });
    const tracked = await buildLead(database.db, { ...plain, externalId: "cust-71" });
    const sharing = await buildLead(database.db, { ...plain, email: "office@harbor.example" });
    await database.db.leadAlias.create({
      data: {
        workspaceId,
        leadId: sharing.id,
        emailKey: attendeeKey ?? "",
        source: "import",
        createdAt: TEST_NOW,
      },
    });
    const called = await buildLead(database.db, { ...plain, phone: "512.555.0134" });
    const colleague = await buildLead(database.db, { ...plain, email: "iris@quillworks.example" });
    await buildLead(database.db, { ...plain, email: "nobody@elsewhere.example" });
    const other = await buildWorkspace(database.db);
    await buildLead(database.db, { ...plain, workspaceId: other.id, externalId: "cust-71" });

    const found = await inbox.suggestions({ workspace: slug, appointmentIds: [id] });
    const reasons = found[id]?.map(({ leadId, reasons }) => [leadId, ...reasons]);
    expect(reasons).toEqual([
      [sharing.id, "address"],
      [tracked.id, "tracking"],
      [called.id, "phone"],
      [named.id, "name"],
      [colleague.id, "company"],
    ]);
  });

  test("are told whole, with who has the address already and whose they are by now", async () => {
    const inbox = await signIn("inbox_manager");
    const holder = await buildLead(database.db, { workspaceId, email: "office@harbor.example" });
    const { id } = await booking({
      attendeeEmail: "Office@Harbor.example",
      tracking: "spring\nnewsletter",
      status: "canceled",
      cancelReason: "Travelling",
    });
    const name = `${holder.firstName} ${holder.lastName}`;
    expect(await inbox.get({ workspace: slug, appointmentId: id })).toMatchObject({
      id,
      cancelReason: "Travelling",
      tracking: ["spring", "newsletter"],
      unknownWord: null,
      hasKeys: true,
      holders: [{ leadId: holder.id, name }],
      lead: null,
    });
    const somebodys = await buildAppointment(database.db, { leadId: holder.id });
    expect(await inbox.get({ workspace: slug, appointmentId: somebodys.id })).toMatchObject({
      lead: { id: holder.id, name },
    });
  });

  test("that look like one lead's are found from the lead: by name, number, shared address and chain", async () => {
    const inbox = await signIn("inbox_manager");
    const plain = { workspaceId, firstName: "Maya", lastName: "Ortiz", phone: "+1 512 555 0134" };
    const lead = await buildLead(database.db, plain);
    const moved = await buildAppointment(database.db, {
      leadId: lead.id,
      status: "rescheduled",
      rescheduledToId: "NEXT",
    });
    const expected = [
      await booking({ attendeeName: "maya ortiz", startAt: addDays(TEST_NOW, 1) }),
      await booking({ attendeePhone: "512-555-0134", startAt: addDays(TEST_NOW, 2) }),
      await booking({ attendeeEmail: lead.email, ambiguous: true, startAt: addDays(TEST_NOW, 3) }),
      await booking({
        providerId: "NEXT",
        rescheduledFromId: moved.providerId,
        startAt: addDays(TEST_NOW, 4),
      }),
    ];
    await booking();
    await booking({ attendeeName: "Maya Ortega", attendeePhone: "134" });
    const found = await inbox.list({ workspace: slug, leadId: lead.id });
    expect(found.rows.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    expect(found.counts).toEqual({ ahead: 4, over: 0 });
    const nameless = await buildLead(database.db, {
      workspaceId,
      firstName: null,
      lastName: null,
      phone: null,
    });
    await booking({ attendeeName: "", attendeePhone: "" });
    expect((await inbox.list({ workspace: slug, leadId: nameless.id })).rows).toEqual([]);
  });

  test("become a lead's by a person's word, and so does what comes later under the address", async () => {
    const inbox = await signIn("inbox_manager");
    const { id, attendeeKey } = await booking({ attendeeEmail: "m.ortiz@home.example" });
    const lead = await buildLead(database.db, { workspaceId });
    expect(await inbox.link({ workspace: slug, appointmentId: id, leadId: lead.id })).toEqual({
      isRemembered: true,
    });
    expect(await inbox.list({ workspace: slug })).toMatchObject({
      rows: [],
      counts: { ahead: 0, over: 0 },
    });
    expect(await inbox.suggestions({ workspace: slug, appointmentIds: [id] })).toEqual({});
    expect(await database.db.leadAlias.findMany({ where: { leadId: lead.id } })).toMatchObject([
      { emailKey: attendeeKey, confirmedById: expect.any(String) },
    ]);
    await inbox.unlink({ workspace: slug, appointmentId: id });
    expect((await inbox.list({ workspace: slug })).rows).toMatchObject([{ id }]);
    expect(await database.db.leadAlias.findMany({ where: { leadId: lead.id } })).toEqual([]);
  });
});

describe("who may (R42)", () => {
  test("a setter neither sees nor links them", async () => {
    const setter = await signIn("setter");
    const { id } = await booking();
    const lead = await buildLead(database.db, { workspaceId });
    const refused = { code: "FORBIDDEN" };
    await expect(setter.list({ workspace: slug })).rejects.toMatchObject(refused);
    await expect(setter.suggestions({ workspace: slug, appointmentIds: [id] })).rejects.toMatchObject(
      refused,
    );
    await expect(setter.get({ workspace: slug, appointmentId: id })).rejects.toMatchObject(refused);
    await expect(setter.unlink({ workspace: slug, appointmentId: id })).rejects.toMatchObject(refused);
    await expect(setter.link({ workspace: slug, appointmentId: id, leadId: lead.id })).rejects.toMatchObject(
      refused,
    );
  });

  test("another customer's booking and lead are not there", async () => {
    const inbox = await signIn("inbox_manager");
    const other = await buildWorkspace(database.db);
    const foreign = await buildAppointment(database.db, { workspaceId: other.id, leadId: null });
    const foreignLead = await buildLead(database.db, { workspaceId: other.id });
    const own = await booking();
    const lead = await buildLead(database.db, { workspaceId });
    const missing = { code: "NOT_FOUND" };
    for (const [appointmentId, leadId] of [
      [foreign.id, lead.id],
      [own.id, foreignLead.id],
    ] as const) {
      await expect(inbox.link({ workspace: slug, appointmentId, leadId })).rejects.toMatchObject(missing);
    }
    for (const ask of [inbox.get, inbox.unlink]) {
      await expect(ask({ workspace: slug, appointmentId: foreign.id })).rejects.toMatchObject(missing);
    }
    expect(await inbox.suggestions({ workspace: slug, appointmentIds: [foreign.id] })).toEqual({});
    expect((await inbox.list({ workspace: slug, leadId: foreignLead.id })).rows).toEqual([]);
    await expect(inbox.list({ workspace: other.slug })).rejects.toMatchObject(missing);
  });
});
