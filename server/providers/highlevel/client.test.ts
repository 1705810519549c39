import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { SettableClock } from "#server/lib/clock.ts";
import { createMemoryRateLimiter } from "../memory-rate-limiter.ts";
import { setUpFakeProvider } from "../testing/start-fake-provider.ts";
import { createHighLevelClient } from "./client.ts";

const provider = setUpFakeProvider();
const NOW = new Date("2026-11-20T12:00:00Z");
const LOCATION = "ve9EPM428h8vShlRW1KT";

function readFixture(name: string) {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8"));
}

function setUp() {
  const clock = new SettableClock(NOW);
  const sleep = async () => {};
  return createHighLevelClient({
    baseUrl: `${provider.origin}/highlevel`,
    token: "t",
    locationId: LOCATION,
    clock,
    sleep,
    limiter: createMemoryRateLimiter({ clock, sleep }),
    priority: "reconcile",
  });
}

function lastCall() {
  const request = provider.seen.at(-1);
  const [path, query] = (request?.url ?? "").split("?");
  return { path, query: Object.fromEntries(new URLSearchParams(query)), version: request?.headers.version };
}

test.each([
  ["location", "location", "/highlevel/locations/ve9EPM428h8vShlRW1KT", "2021-07-28"],
  ["calendars", "calendars", "/highlevel/calendars/", "2021-04-15"],
  ["users", "users", "/highlevel/users/", "2021-07-28"],
] as const)(
  "%s() asks in the documented version, with the documented slash",
  async (call, fixture, path, version) => {
    provider.reply({ json: readFixture(fixture) });
    const reply = await setUp()[call]();
    expect(reply.asOf).toEqual(NOW);
    expect(lastCall()).toMatchObject({ path, version });
  },
);

describe("events", () => {
  test("are asked for in milliseconds, with nothing that would be refused", async () => {
    provider.reply({ json: readFixture("events") });
    const window = { startMs: Date.UTC(2026, 10, 18), endMs: Date.UTC(2026, 11, 2) };
    const { events, rejected } = await setUp().listEvents({ calendarId: "CAL1", ...window });
    expect(lastCall()).toEqual({
      path: "/highlevel/calendars/events",
      query: {
        locationId: LOCATION,
        calendarId: "CAL1",
        startTime: "1794960000000",
        endTime: "1796169600000",
      },
      version: "2021-04-15",
    });
    expect(events).toHaveLength(2);
    expect(rejected).toEqual([]);
    await setUp().listEvents({ userId: "U1", ...window });
    expect(Object.keys(lastCall().query)).toEqual(["locationId", "userId", "startTime", "endTime"]);
  });

  test("one poisoned row is set aside by its id", async () => {
    const json = readFixture("events");
    json.events[0].startTime = {};
    provider.reply({ json });
    const { events, rejected } = await setUp().listEvents({ calendarId: "C", startMs: 0, endMs: 1 });
    expect(events).toHaveLength(1);
    expect(rejected).toEqual([{ index: 0, id: "0TkCdp9PfvLeWKYRRvIz", faults: ["startTime: invalid_type"] }]);
  });

  test.each(["appointment-by-id", "appointment-documented", "appointment-deleted"])(
    "by id: %s",
    async (name) => {
      provider.reply({ json: readFixture(name) });
      const { event } = await setUp().appointment("0TkCdp9PfvLeWKYRRvIz");
      expect(event.deleted).toBe(name === "appointment-deleted");
      expect(lastCall().path).toBe("/highlevel/calendars/events/appointments/0TkCdp9PfvLeWKYRRvIz");
    },
  );

  test("ids of a series keep their form", async () => {
    provider.reply({ json: readFixture("appointment-by-id") });
    await setUp().appointment("master_1764082800000_1800");
    expect(lastCall().path).toBe("/highlevel/calendars/events/appointments/master_1764082800000_1800");
  });

  test("of a contact come with wall times", async () => {
    provider.reply({ json: readFixture("contact-appointments") });
    const { events } = await setUp().contactAppointments("C1");
    expect(events[0]?.startTime).toBe("2026-11-25 10:00:00");
    expect(lastCall()).toMatchObject({ path: "/highlevel/contacts/C1/appointments", version: "2021-07-28" });
  });
});

describe("contacts", () => {
  test("a search sends only what was asked and gives the cursor of the last row", async () => {
    provider.reply({ json: readFixture("contact-search") });
    const page = await setUp().searchContacts({ pageLimit: 9_999 });
    expect(provider.seen.at(-1)).toMatchObject({
      method: "POST",
      body: { locationId: LOCATION, pageLimit: 500 },
    });
    expect(Object.keys(provider.seen.at(-1)?.body ?? {})).toEqual(["locationId", "pageLimit"]);
    expect(page).toMatchObject({ total: 1, searchAfter: [1790856000000, "ocQHyuzHvysMo5N5VsXc"] });
    provider.reply({ json: { contacts: [], total: 1, traceId: "t" } });
    const end = await setUp().searchContacts({ searchAfter: page.searchAfter });
    expect(provider.seen.at(-1)?.body).toMatchObject({ searchAfter: page.searchAfter });
    expect(end.searchAfter).toBeNull();
  });

  test("are found by their main address, in any case", async () => {
    provider.reply({ json: readFixture("contact-search") });
    const { contacts } = await setUp().findContactsByEmail(" Mira.Lead@Example.com ");
    expect(contacts.map(({ id }) => id)).toEqual(["ocQHyuzHvysMo5N5VsXc"]);
    expect(provider.seen).toHaveLength(1);
    expect(provider.seen[0]?.body).toMatchObject({
      filters: [{ field: "email", operator: "eq", value: "mira.lead@example.com" }],
    });
  });

  test("are found by an additional address through the duplicate look-up", async () => {
    provider.reply({ json: { contacts: [], total: 0 } }, { json: readFixture("contact-by-id") });
    const { contacts } = await setUp().findContactsByEmail("m.lead@work.example");
    expect(contacts).toHaveLength(1);
    expect(lastCall()).toMatchObject({
      path: "/highlevel/contacts/search/duplicate",
      query: { locationId: LOCATION, email: "m.lead@work.example" },
    });
  });

  test("somebody else with a similar address is nobody (R8)", async () => {
    provider.reply({ json: readFixture("contact-search") }, { json: readFixture("contact-by-id") });
    expect((await setUp().findContactsByEmail("mira.lead+x@example.com")).contacts).toEqual([]);
    provider.reply({ json: { contacts: [], total: 0 } }, { json: { contact: null, traceId: "t" } });
    expect((await setUp().findContactsByEmail("nobody@example.com")).contacts).toEqual([]);
  });

  test("an unknown one is told by a 400", async () => {
    provider.reply({ status: 400, json: { statusCode: 400, message: "Contact with id C1 not found" } });
    await expect(setUp().contact("C1")).rejects.toMatchObject({ kind: "not_found" });
  });
});
