import { describe, expect, it } from "vitest";
import { addDays, addMs, HOUR_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { buildLead } from "#server/testing/factories.ts";
import { sweepConnection } from "./sweep-connection.ts";
import { setUpReconcile } from "./testing/set-up-reconcile.ts";

const test = setUpReconcile();

/** Ten in the morning UTC, some days from today. */
const at = (days: number) => addMs(addDays(startOfUtcDay(new Date()), days), 10 * HOUR_MS).toISOString();
const inviteeOf = (booked: { invitee: { uri: string } }) => booked.invitee.uri.split("/").at(-1) ?? "";

async function book(name: string, days: number, overrides: Record<string, unknown> = {}) {
  return test.sandbox.control("/calendly/book", {
    organization: test.world.organization.organization.id,
    eventType: "Intro call",
    start: at(days),
    invitee: { email: `${name}@harbor.example`, name },
    ...overrides,
  });
}

/** One meeting a day of one lead each, `count` in all. */
async function bookDays(count: number) {
  const booked = [];
  for (let day = 1; day <= count; day++) {
    await buildLead(test.db, { workspaceId: test.world.workspaceId, email: `guest${day}@harbor.example` });
    booked.push(await book(`guest${day}`, day));
  }
  return booked;
}

const sweep = (provider: "calendly" | "highlevel" = "calendly") =>
  sweepConnection(test.deps, { connectionId: test.world[provider].id, tier: "warm", trigger: "test" });
const fault = (rule: Record<string, unknown>) =>
  test.sandbox.control("/faults", { provider: "calendly", ...rule });
const heal = () => test.sandbox.control("/faults", {}, "DELETE");
const setting = (settings: Record<string, unknown>) => test.sandbox.control("/settings", settings);
const countBooked = () =>
  test.db.lead.count({ where: { workspaceId: test.world.workspaceId, meetingState: "booked" } });
const countVerified = () => test.db.coverage.count({ where: { connectionId: test.world.calendly.id } });
const readVerifiedAt = async () =>
  (await test.db.coverage.findFirst({ where: { connectionId: test.world.calendly.id } }))?.verifiedAt;
const readEvidence = () =>
  test.db.appointment.findMany({
    where: { workspaceId: test.world.workspaceId },
    orderBy: { providerId: "asc" },
  });

describe("an answer that is none (15)", () => {
  it.each<[string, Record<string, unknown>]>([
    // What an error says may be about somebody: only the names of its fields are kept.
    ["error_body_200", { reason: "schema", keys: ["title", "message"] }],
    ["html", { reason: "not_json" }],
    ["empty_body", { reason: "not_json" }],
    ["truncate", { reason: "not_json" }],
  ])("a 200 with %s loses nothing and verifies nothing", async (kind, shape) => {
    await bookDays(2);
    await sweep();
    const before = { evidence: await readEvidence(), verifiedAt: await readVerifiedAt() };
    await fault({ kind, match: { path: "/scheduled_events" } });
    await expect(sweep()).rejects.toMatchObject({ kind: "unexpected", details: shape });
    expect({ evidence: await readEvidence(), verifiedAt: await readVerifiedAt() }).toEqual(before);
    const readIncidents = () =>
      test.db.incident.findMany({ where: { connectionId: test.world.calendly.id } });
    const [incident] = await readIncidents();
    expect(incident).toMatchObject({ kind: "unreadable_answer", cause: shape.reason, closedAt: null });
    expect(incident?.details).toMatchObject(shape.keys ? { keys: shape.keys } : {});
    await heal();
    expect(await sweep()).toMatchObject({ known: 2, vanished: 0 });
    expect((await readIncidents()).every(({ closedAt }) => closedAt !== null)).toBe(true);
  });
});

describe("pages", () => {
  it("goes on behind short pages and empty ones until no token is named (16)", async () => {
    await bookDays(5);
    await setting({ calendlyPageSize: 2 });
    await fault({ kind: "empty_page", match: { path: "^/scheduled_events$" }, skip: 1, times: 1 });
    // What the empty page left out is not there as far as this pass can know, and is found by the next.
    expect(await sweep()).toMatchObject({ pages: 3, created: 3 });
    expect(await sweep()).toMatchObject({ pages: 3, created: 2 });
    expect(await countBooked()).toBe(5);
  });

  it("begins again where a token was worn out, and applies nothing twice (17)", async () => {
    await bookDays(5);
    await setting({ calendlyPageSize: 2 });
    await fault({ kind: "expired_page_token", match: { path: "^/scheduled_events$" }, skip: 1, times: 1 });
    await expect(sweep()).rejects.toMatchObject({ kind: "unexpected" });
    expect(await countVerified()).toBe(0);
    expect(await sweep()).toMatchObject({ created: 3, known: 2 });
    expect(await countBooked()).toBe(5);
    expect(await test.db.appointmentChange.count({ where: { workspaceId: test.world.workspaceId } })).toBe(5);
  });

  it("stops at a list that names the same page again, and says so at its connection (17)", async () => {
    await bookDays(5);
    await setting({ calendlyPageSize: 2 });
    await fault({ kind: "repeat_token", match: { path: "^/scheduled_events$" } });
    for (let pass = 1; pass <= 2; pass++) {
      await expect(sweep()).rejects.toMatchObject({ details: { reason: "repeated_token" } });
    }
    expect(await countVerified()).toBe(0);
    const incidents = await test.db.incident.findMany({ where: { connectionId: test.world.calendly.id } });
    expect(incidents.find(({ kind }) => kind === "page_token_repeated")).toMatchObject({
      count: 2,
      closedAt: null,
    });
    await heal();
    await sweep();
    expect(await countBooked()).toBe(5);
  });

  it("stops at a list of people that names the same page again (17)", async () => {
    await setting({ calendlyPageSize: 1 });
    for (const name of ["ann", "bob", "cat"]) await book(name, 3, { eventType: "Workshop" });
    await fault({ kind: "repeat_token", match: { path: "^/scheduled_events/.+/invitees" } });
    await expect(sweep()).rejects.toMatchObject({ details: { reason: "repeated_token" } });
    await heal();
    expect(await sweep()).toMatchObject({ created: 3 });
  });

  it("reads HighLevel's people one by one where their list goes round (17)", async () => {
    const location = test.world.location.location.id;
    for (let index = 0; index < 22; index++) {
      const { contact } = await test.sandbox.control("/highlevel/contact", {
        location,
        email: `guest${index}@harbor.example`,
        firstName: "Sam",
      });
      const start = addMs(new Date(at(2)), index * HOUR_MS).toISOString();
      await test.sandbox.control("/highlevel/book", {
        location,
        calendar: "Discovery",
        contact: contact.id,
        start,
      });
    }
    await fault({ provider: "highlevel", kind: "short_page", match: { path: "/contacts/search" } });
    await fault({ provider: "highlevel", kind: "repeat_token", match: { path: "/contacts/search" } });
    expect(await sweep("highlevel")).toMatchObject({ created: 22 });
  });
});

describe("a calendar that shifts while it is read (18)", () => {
  it("loses no meeting that slipped over the edge of a page, and counts none twice", async () => {
    const booked = await bookDays(5);
    await setting({ calendlyPageSize: 2, calendlyPaging: "offset" });
    await sweep();
    // While the second page is on its way, the first meeting goes: the third slips onto the page that was read.
    await fault({
      kind: "latency",
      latencyMs: 400,
      match: { path: "^/scheduled_events$" },
      skip: 1,
      times: 1,
    });
    const sweeping = sweep();
    await expect.poll(async () => (await test.sandbox.control("/faults", {}, "GET")).faults).toEqual([]);
    await test.sandbox.control("/calendly/delete", { event: booked[0].eventId });
    expect(await sweeping).toMatchObject({ asked: 1, vanished: 0 });
    expect(await countBooked()).toBe(5);
    expect(await sweep()).toMatchObject({ created: 0, updated: 0, vanished: 1 });
    expect(await countBooked()).toBe(4);
  });
});

describe("what a default filter would hide (19)", () => {
  it("finds every status without having seen it before", async () => {
    const canceled = await book("canceled", 2);
    const moved = await book("moved", 3);
    const missed = await book("missed", -1, { at: addDays(new Date(), -5).toISOString() });
    await book("stands", 4);
    await test.sandbox.control("/calendly/cancel", { invitee: inviteeOf(canceled) });
    await test.sandbox.control("/calendly/reschedule", { invitee: inviteeOf(moved), start: at(6) });
    await test.sandbox.control("/calendly/no-show", { invitee: inviteeOf(missed) });
    await sweep();
    const location = test.world.location.location.id;
    for (const status of ["confirmed", "cancelled", "showed", "noshow", "invalid", "new"]) {
      await test.sandbox.control("/highlevel/book", {
        location,
        calendar: "Discovery",
        contact: null,
        start: at(2),
        status,
      });
    }
    await sweep("highlevel");
    const words = async (provider: "calendly" | "highlevel") =>
      (await readEvidence())
        .filter((row) => row.provider === provider)
        .map(({ status }) => status)
        .sort();
    expect(await words("calendly")).toEqual(["canceled", "confirmed", "confirmed", "no_show", "rescheduled"]);
    expect(await words("highlevel")).toEqual([
      "canceled",
      "canceled",
      "confirmed",
      "confirmed",
      "no_show",
      "showed",
    ]);
  });
});

describe("a form that nobody knows (24)", () => {
  it("keeps an unknown word as it is, shows it as unrecognised, and reads the rest of the page", async () => {
    const [odd] = await bookDays(2);
    await test.sandbox.control("/calendly/patch", {
      invitee: inviteeOf(odd),
      fields: { status: "tentative" },
    });
    await sweep();
    expect(await countBooked()).toBe(2);
    const [row] = (await readEvidence()).filter(({ unrecognised }) => unrecognised);
    expect(row).toMatchObject({ status: "confirmed", providerStatus: "tentative" });
  });

  it("does so at HighLevel too, and takes no record that it cannot read for one that is gone", async () => {
    const location = test.world.location.location.id;
    for (const [index, status] of ["confirmed", "Tentative"].entries()) {
      const { contact } = await test.sandbox.control("/highlevel/contact", {
        location,
        email: `guest${index}@harbor.example`,
        firstName: "Sam",
      });
      const start = addMs(new Date(at(2)), index * HOUR_MS).toISOString();
      await test.sandbox.control("/highlevel/book", {
        location,
        calendar: "Discovery",
        contact: contact.id,
        start,
        status,
      });
    }
    await sweep("highlevel");
    const words = (await readEvidence()).map(({ providerStatus, unrecognised }) => ({
      providerStatus,
      unrecognised,
    }));
    expect(words).toContainEqual({ providerStatus: "Tentative", unrecognised: true });
    await fault({
      provider: "highlevel",
      kind: "drop_field",
      field: "startTime",
      match: { path: "/calendars/events" },
    });
    // Two records, listed under their calendar and under their host.
    expect(await sweep("highlevel")).toMatchObject({ rejected: 4, asked: 2, vanished: 0 });
  });

  it("sets what it cannot read aside, record by record, and reads the rest of the page", async () => {
    const [noStart, noDate, noYear, noStatus, ...odd] = await bookDays(9);
    const patch = (subject: Record<string, unknown>, fields: Record<string, unknown>) =>
      test.sandbox.control("/calendly/patch", { ...subject, fields });
    await patch({ event: noStart.eventId }, { start_time: null });
    await patch({ event: noDate.eventId }, { start_time: "soon" });
    await patch({ event: noYear.eventId }, { start_time: "9999999-01-01T00:00:00Z" });
    await patch({ invitee: inviteeOf(noStatus) }, { status: null });
    // What only helps is worth less than the meeting.
    const counter = (total: unknown, active: unknown) => ({ invitees_counter: { total, active, limit: 1 } });
    await patch({ event: odd[0].eventId }, counter(1, 9e15));
    await patch({ event: odd[1].eventId }, counter(0.5, 1));
    await patch({ event: odd[2].eventId }, counter("many", null));
    await patch({ event: odd[3].eventId }, { updated_at: 7 });
    expect(await sweep()).toMatchObject({ rejected: 4, created: 5 });
    expect(await countBooked()).toBe(5);
    expect(await countVerified()).toBeGreaterThan(0);
  });
});

describe("an account that lost what it could (23)", () => {
  it("says that the plan no longer allows it, and works again by itself when it does", async () => {
    await bookDays(1);
    const body = { title: "Permission Denied", message: "Please upgrade to a paid Calendly account." };
    await fault({ kind: "status", status: 403, body });
    await expect(sweep()).rejects.toMatchObject({ kind: "scope" });
    const load = () => test.db.connection.findUniqueOrThrow({ where: { id: test.world.calendly.id } });
    expect(await load()).toMatchObject({ state: "action_needed", reasonCode: "plan" });
    expect(await countVerified()).toBe(0);
    await heal();
    await sweep();
    expect(await load()).toMatchObject({ state: "polling", failures: 0 });
    expect(await countBooked()).toBe(1);
  });
});
