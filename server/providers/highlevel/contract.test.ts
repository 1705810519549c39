import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "#server/lib/clock.ts";
import { createMemoryRateLimiter } from "../memory-rate-limiter.ts";
import { systemSleep } from "../sleep.ts";
import { setUpSandbox } from "../testing/set-up-sandbox.ts";
import { createHighLevelClient } from "./client.ts";
import { mapEvent } from "./map-appointment.ts";
import { mapContact } from "./map-contact.ts";
import { mapUsers } from "./map-user.ts";

// The sandbox answers every call that the client knows, through the same schema as the provider.

const sandbox = setUpSandbox();
const TIMEZONE = "America/New_York";
const WINDOW = { startMs: Date.UTC(2026, 10, 1), endMs: Date.UTC(2026, 11, 31) };

let locationId: string;
let token: string;
let calendarId: string;
let hosts: { id: string; email: string }[];
let contactId: string;

beforeAll(async () => {
  await sandbox.control("/clock", { now: "2026-11-20T12:00:00Z" });
  const made = await sandbox.control("/highlevel/locations", {
    name: "North Studio",
    timezone: TIMEZONE,
    users: [
      { name: "Ada Admin", email: "ada@acme.example" },
      { name: "Hugo Host", email: "hugo@acme.example" },
    ],
    calendars: [{ name: "Strategy", slotMinutes: 45 }],
    contacts: [
      {
        firstName: "Mira",
        lastName: "Lead",
        email: "Mira.Lead@Example.com",
        additionalEmails: ["m.lead@work.example"],
        phone: "+14155550123",
        timezone: "America/Denver",
      },
    ],
  });
  locationId = made.location.id;
  token = made.token;
  calendarId = made.calendars[0].id;
  hosts = made.users;
  contactId = made.contacts[0].id;
});

afterEach(async () => {
  await sandbox.control("/faults", {}, "DELETE");
  await sandbox.control("/settings", {}, "DELETE");
});

function connect(changes: { token?: string; locationId?: string; timeoutMs?: number } = {}) {
  const limiter = createMemoryRateLimiter({ clock: systemClock, sleep: systemSleep });
  const baseUrl = `${sandbox.url}/highlevel`;
  return createHighLevelClient({
    baseUrl,
    token,
    locationId,
    clock: systemClock,
    limiter,
    // Pauses between attempts are proven elsewhere.
    sleep: async () => {},
    priority: "live",
    ...changes,
  });
}

let day = 1;
async function book(changes: object = {}): Promise<string> {
  const start = `2026-12-${String(day++).padStart(2, "0")}T15:00:00Z`;
  const booking = { location: locationId, calendar: calendarId, contact: contactId, start, ...changes };
  return (await sandbox.control("/highlevel/book", booking)).id;
}

async function readById(id: string) {
  const { event, asOf } = await connect().appointment(id);
  return mapEvent(event, { timezone: TIMEZONE, asOf });
}

async function readList() {
  const { events, rejected, asOf } = await connect().listEvents({ calendarId, ...WINDOW });
  expect(rejected).toEqual([]);
  return new Map(events.map((event) => [event.id, mapEvent(event, { timezone: TIMEZONE, asOf })]));
}

describe("what the token reaches", () => {
  test("its location, calendars and users", async () => {
    const client = connect();
    expect((await client.location()).location).toMatchObject({ id: locationId, timezone: TIMEZONE });
    expect((await client.calendars()).calendars).toMatchObject([{ id: calendarId, name: "Strategy" }]);
    expect((await client.users()).users.map(({ email }) => email).sort()).toEqual(
      hosts.map(({ email }) => email).sort(),
    );
  });

  test.each([
    ["an unknown one", { token: "pit-made-up" }, { kind: "unauthorized" }],
    [
      "one for another location",
      { locationId: "somewhere-else" },
      { kind: "scope", details: { reason: "location" } },
    ],
  ])("%s is told", async (_sentence, changes, expected) => {
    await expect(connect(changes).calendars()).rejects.toMatchObject(expected);
  });

  test("one without the scope, one of an agency and a revoked one are told apart", async () => {
    const narrow = await sandbox.control("/highlevel/tokens", {
      location: locationId,
      scopes: ["locations.readonly"],
    });
    await connect({ token: narrow.token }).location();
    await expect(connect({ token: narrow.token }).calendars()).rejects.toMatchObject({
      kind: "scope",
      httpStatus: 401,
      details: { reason: "scope" },
    });
    await sandbox.control(`/highlevel/tokens/${narrow.token}/revoke`);
    await expect(connect({ token: narrow.token }).location()).rejects.toMatchObject({ kind: "unauthorized" });
    const agency = await sandbox.control("/highlevel/tokens", {
      location: locationId,
      kind: "oauth_company",
    });
    await expect(connect({ token: agency.token }).calendars()).rejects.toMatchObject({
      kind: "scope",
      details: { reason: "token_kind" },
    });
  });
});

describe("appointments through their life", () => {
  test.each([
    ["new", "confirmed"],
    ["confirmed", "confirmed"],
    ["cancelled", "canceled"],
    ["showed", "showed"],
    ["noshow", "no_show"],
    ["invalid", "canceled"],
    ["completed", "confirmed"],
  ])("%s reads as %s, in the list, by id and of the contact", async (word, status) => {
    const id = await book({ status: word });
    const byId = await readById(id);
    expect(byId).toMatchObject({ status, providerStatus: word, unrecognised: false, contactId });
    const listed = (await readList()).get(id);
    expect({ ...listed, asOf: byId.asOf }).toEqual(byId);
    const { events } = await connect().contactAppointments(contactId);
    const own = events.find((event) => event.id === id);
    expect(own && mapEvent(own, { timezone: TIMEZONE, asOf: byId.asOf })).toMatchObject({
      status,
      startAt: byId.startAt,
      endAt: byId.endAt,
    });
  });

  test("moved: the same id at another time (R16)", async () => {
    const id = await book();
    await sandbox.control("/highlevel/update", { id, start: "2026-12-24T15:00:00Z" });
    expect(await readById(id)).toMatchObject({ providerId: id, startAt: new Date("2026-12-24T15:00:00Z") });
  });

  test("deleted: gone from the list, canceled by id (R4)", async () => {
    const id = await book();
    await sandbox.control("/highlevel/delete", { id });
    expect((await readList()).has(id)).toBe(false);
    const deleted = { status: "canceled", cancelReason: "deleted", providerStatus: "confirmed" };
    expect(await readById(id)).toMatchObject(deleted);
    await sandbox.control("/settings", { listDeletedAppointments: true });
    expect((await readList()).get(id)).toMatchObject(deleted);
  });

  test("deleted for good: proven gone (R5)", async () => {
    const id = await book();
    await sandbox.control("/highlevel/delete", { id, forever: true });
    await expect(connect().appointment(id)).rejects.toMatchObject({ kind: "not_found" });
  });

  test("in the documented wrapper too", async () => {
    const id = await book();
    await sandbox.control("/settings", { appointmentWrapper: "event" });
    expect((await readById(id)).providerId).toBe(id);
  });

  test("without a contact, and hosted by somebody else than the assignee", async () => {
    const [admin, host] = hosts;
    const id = await book({ contact: null, assignedUserId: admin?.id, userIds: [host?.id] });
    const { event, asOf } = await connect().appointment(id);
    const { users } = await connect().users();
    expect(mapEvent(event, { timezone: TIMEZONE, asOf, users: mapUsers(users) })).toMatchObject({
      contactId: null,
      organizerEmail: "hugo@acme.example",
    });
  });

  test("windows overlap: an event across the edge is in both", async () => {
    const id = await book({ start: "2026-11-25T14:45:00Z" });
    const edge = Date.parse("2026-11-25T15:00:00Z");
    for (const window of [
      { startMs: edge - 3_600_000, endMs: edge },
      { startMs: edge, endMs: edge + 3_600_000 },
    ]) {
      const { events } = await connect().listEvents({ calendarId, ...window });
      expect(events.map((event) => event.id)).toContain(id);
    }
  });

  test("of one host, whichever the calendar", async () => {
    const id = await book({ assignedUserId: hosts[1]?.id });
    const { events } = await connect().listEvents({ userId: hosts[1]?.id ?? "", ...WINDOW });
    expect(events.map((event) => event.id)).toContain(id);
  });
});

describe("contacts", () => {
  test("by id, with the zone that searches leave out", async () => {
    const { contact } = await connect().contact(contactId);
    expect(mapContact(contact)).toMatchObject({
      email: "mira.lead@example.com",
      additionalEmails: ["m.lead@work.example"],
      name: "Mira Lead",
      timezone: "America/Denver",
    });
  });

  test("an unknown one is not found, in each of the two calls", async () => {
    await expect(connect().contact("nobody")).rejects.toMatchObject({ kind: "not_found", httpStatus: 400 });
    await expect(connect().contactAppointments("nobody")).rejects.toMatchObject({ kind: "not_found" });
  });

  test("by address, in any case", async () => {
    const { contacts } = await connect().findContactsByEmail("MIRA.LEAD@example.com");
    expect(contacts.map(({ id }) => id)).toEqual([contactId]);
    expect((await connect().findContactsByEmail("nobody@example.com")).contacts).toEqual([]);
  });

  test("all of them, by cursor", async () => {
    for (let i = 0; i < 7; i++) {
      await sandbox.control("/highlevel/contact", {
        location: locationId,
        firstName: "N",
        email: `n${i}@example.com`,
      });
    }
    const ids: string[] = [];
    let searchAfter = null;
    do {
      const page = await connect().searchContacts({ searchAfter, pageLimit: 3 });
      ids.push(...page.contacts.map(({ id }) => id));
      searchAfter = page.searchAfter;
    } while (searchAfter);
    expect(ids).toHaveLength(8);
    expect(new Set(ids).size).toBe(8);
  });
});

describe("misbehaviour", () => {
  const list = () => connect({ timeoutMs: 300 }).listEvents({ calendarId, ...WINDOW });
  const fault = (body: object) => sandbox.control("/faults", { provider: "highlevel", ...body });

  test.each([
    ["a server error", { kind: "status", status: 503, times: 1 }],
    ["a reset connection", { kind: "reset", times: 1 }],
    ["a cut-off body", { kind: "truncate", times: 1 }],
  ])("%s is survived once", async (_sentence, body) => {
    await fault(body);
    expect((await list()).events.length).toBeGreaterThan(0);
  });

  test.each([
    ["a server error that stays", { kind: "status", status: 500 }, { kind: "unavailable" }],
    ["no answer", { kind: "timeout" }, { kind: "unavailable", details: { reason: "timeout" } }],
    ["a page of HTML", { kind: "html" }, { kind: "unexpected", details: { reason: "not_json" } }],
    [
      "an error inside a 200",
      { kind: "error_body_200" },
      { kind: "unexpected", details: { reason: "schema" } },
    ],
    ["a field that vanished", { kind: "drop_field", field: "startTime" }, { kind: "unexpected" }],
    [
      "an overloaded search",
      { kind: "429", body: { message: "Too many open point in time" } },
      { kind: "unavailable" },
    ],
  ])("%s is said so", async (_sentence, body, expected) => {
    await fault(body);
    await expect(list()).rejects.toMatchObject(expected);
  });

  test("a small quota is learned before it is used up", async () => {
    await sandbox.control("/settings", { highlevelLimit: 25 });
    const client = connect();
    await client.location();
    const results = await Promise.allSettled(Array.from({ length: 22 }, () => client.calendars()));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(21);
  });
});
