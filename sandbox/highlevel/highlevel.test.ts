import { describe, expect, test } from "vitest";
import { type OpenSandbox, openSandbox } from "../testing/open-sandbox.ts";

const NOW = "2026-11-20T10:00:00Z";
const TOKEN = "pit-lumen";
const WIDE = `startTime=0&endTime=9999999999999`;

async function openLumen() {
  const sandbox = await openSandbox({ now: NOW });
  const { body } = await sandbox.control("POST", "/highlevel/locations", {
    name: "Lumen",
    timezone: "America/Denver",
    token: TOKEN,
    users: [
      { name: "Grant Okafor", email: "grant@lumen.example" },
      { name: "Wendy Tsai", email: "wendy@lumen.example" },
    ],
    calendars: [{ name: "Consult" }, { name: "Hidden", isListed: false, team: ["wendy@lumen.example"] }],
    contacts: [
      { firstName: "Noor", lastName: "Haddad", email: "Noor.Haddad@buyer.example", phone: "+12025550100" },
    ],
  });
  return {
    sandbox,
    location: body.location.id as string,
    calendar: body.calendars[0].id as string,
    hidden: body.calendars[1].id as string,
    user: body.users[1].id as string,
    contact: body.contacts[0].id as string,
  };
}

type Lumen = Awaited<ReturnType<typeof openLumen>>;

async function book(lumen: Lumen, fields: Record<string, unknown> = {}): Promise<string> {
  const { body } = await lumen.sandbox.control("POST", "/highlevel/book", {
    location: "Lumen",
    calendar: "Consult",
    contact: lumen.contact,
    start: "2026-12-01T17:00:00Z",
    ...fields,
  });
  return body.id;
}

async function listIds(lumen: Lumen, query: string): Promise<string[]> {
  const path = `/calendars/events?locationId=${lumen.location}&${query}`;
  const { body } = await lumen.sandbox.highlevel("GET", path, TOKEN);
  return body.events.map((row: { id: string }) => row.id);
}

describe("the door", () => {
  test.each([
    ["no Version header", {}, 401, /version header was not found/],
    ["an unknown Version", { version: "2030-01-01" }, 400, /version segment/],
  ])("refuses %s", async (_case, headers, status, message) => {
    const lumen = await openLumen();
    const answer = await lumen.sandbox.highlevel(
      "GET",
      `/locations/${lumen.location}`,
      TOKEN,
      undefined,
      headers,
    );
    expect(answer.status).toBe(status);
    expect(answer.body.message).toMatch(message);
    expect(answer.body.traceId).toBeTruthy();
  });

  test.each(["legacy", "2021-04-15", "2021-07-28", "2023-02-21", "v3"])(
    "takes Version %s",
    async (version) => {
      const lumen = await openLumen();
      const answer = await lumen.sandbox.highlevel("GET", `/locations/${lumen.location}`, TOKEN, undefined, {
        version,
      });
      expect(answer.body.location.timezone).toBe("America/Denver");
    },
  );

  test("answers 401 to a missing scope, 403 to another location, and looks at the scope first", async () => {
    const lumen = await openLumen();
    await lumen.sandbox.control("POST", "/highlevel/locations", {
      name: "Elsewhere",
      token: "pit-elsewhere",
    });
    await lumen.sandbox.control("POST", "/highlevel/tokens", {
      location: "Elsewhere",
      token: "pit-narrow",
      scopes: ["contacts.readonly"],
    });
    const path = `/locations/${lumen.location}`;
    const cases: [string | undefined, number, string][] = [
      ["pit-elsewhere", 403, "The token does not have access to this location."],
      ["pit-narrow", 401, "The token is not authorized for this scope."],
      ["pit-unknown", 401, "Invalid Private Integration token"],
      [undefined, 401, "Invalid Private Integration token"],
    ];
    for (const [token, status, message] of cases) {
      const answer = await lumen.sandbox.highlevel("GET", path, token);
      expect([answer.status, answer.body.statusCode, answer.body.message]).toEqual([status, status, message]);
    }
    await lumen.sandbox.control("POST", `/highlevel/tokens/${TOKEN}/revoke`);
    expect((await lumen.sandbox.highlevel("GET", path, TOKEN)).status).toBe(401);
  });

  test("counts in windows and answers 429 without Retry-After", async () => {
    const lumen = await openLumen();
    await lumen.sandbox.control("POST", "/settings", { highlevelLimit: 1 });
    const path = `/locations/${lumen.location}`;
    const first = await lumen.sandbox.highlevel("GET", path, TOKEN);
    expect(Object.fromEntries(first.headers)).toMatchObject({
      "x-ratelimit-limit-daily": "200000",
      "x-ratelimit-daily-remaining": "199999",
      "x-ratelimit-interval-milliseconds": "10000",
      "x-ratelimit-max": "1",
      "x-ratelimit-remaining": "0",
    });
    const second = await lumen.sandbox.highlevel("GET", path, TOKEN);
    expect([second.status, second.body.statusCode, second.headers.get("retry-after")]).toEqual([
      429,
      429,
      null,
    ]);
  });

  test("says that it cannot go where no route leads", async () => {
    const { sandbox } = await openLumen();
    const answer = await sandbox.highlevel("GET", "/opportunities/x", TOKEN);
    expect([answer.status, answer.body.message]).toEqual([404, "Cannot GET /opportunities/x"]);
  });
});

describe("the list of events", () => {
  test("has the wire's spellings, times in the location's offset and dates in UTC", async () => {
    const lumen = await openLumen();
    const id = await book(lumen, { assignedUserId: null, userIds: [] });
    const path = `/calendars/events?locationId=${lumen.location}&calendarId=${lumen.calendar}&${WIDE}`;
    const { body } = await lumen.sandbox.highlevel("GET", path, TOKEN);
    expect(body.traceId).toBeTruthy();
    expect(body.events[0]).toMatchObject({
      id,
      appointmentStatus: "confirmed",
      appoinmentStatus: "confirmed",
      startTime: "2026-12-01T10:00:00-07:00",
      endTime: "2026-12-01T10:30:00-07:00",
      dateAdded: "2026-11-20T10:00:00.000Z",
      deleted: false,
    });
    for (const key of ["groupId", "assignedUserId", "users"]) expect(body.events[0]).not.toHaveProperty(key);
  });

  test("holds what overlaps the window, in the order of ids", async () => {
    const lumen = await openLumen();
    const at = (iso: string) => Date.parse(iso);
    const early = await book(lumen, { start: "2026-12-01T17:00:00Z", end: "2026-12-01T18:00:00Z" });
    const late = await book(lumen, { start: "2026-12-01T19:00:00Z" });
    const window = (from: string, to: string) =>
      listIds(lumen, `calendarId=${lumen.calendar}&startTime=${at(from)}&endTime=${at(to)}`);
    expect(await window("2026-12-01T17:30:00Z", "2026-12-01T17:45:00Z")).toEqual([early]);
    expect(await window("2026-12-01T18:00:00Z", "2026-12-01T19:00:00Z")).toEqual([]);
    expect(await window("2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z")).toEqual([early, late].sort());
  });

  test("lies with an empty list when it is asked in anything but milliseconds", async () => {
    const lumen = await openLumen();
    await book(lumen);
    const iso = "startTime=2026-01-01T00:00:00Z&endTime=2027-01-01T00:00:00Z";
    expect(await listIds(lumen, `calendarId=${lumen.calendar}&${iso}`)).toEqual([]);
  });

  test.each([
    ["an unknown property", `calendarId=x&limit=5&${WIDE}`, ["property limit should not exist"]],
    ["no selector", WIDE, "Either of userId, groupId or calendarId is required"],
    ["no end", "calendarId=x&startTime=0", ["endTime should not be empty"]],
  ])("refuses %s with 422", async (_case, query, message) => {
    const lumen = await openLumen();
    const path = `/calendars/events?locationId=${lumen.location}&${query}`;
    const { status, body } = await lumen.sandbox.highlevel("GET", path, TOKEN);
    expect([status, body.message, body.error]).toEqual([422, message, "Unprocessable Entity"]);
  });

  test("finds events of an unlisted calendar through their user", async () => {
    const lumen = await openLumen();
    const id = await book(lumen, { calendar: "Hidden" });
    const calendars = await lumen.sandbox.highlevel("GET", `/calendars/?locationId=${lumen.location}`, TOKEN);
    expect(calendars.body.calendars.map((row: { name: string }) => row.name)).toEqual(["Consult"]);
    expect(calendars.body.calendars[0].openHours).toEqual({});
    expect(await listIds(lumen, `userId=${lumen.user}&${WIDE}`)).toEqual([id]);
  });

  test("hides deleted ones, which still answer by id with their old word", async () => {
    const lumen = await openLumen();
    const id = await book(lumen);
    const removed = await lumen.sandbox.highlevel("DELETE", `/calendars/events/${id}`, TOKEN);
    expect([removed.status, removed.body.succeeded]).toEqual([200, true]);
    expect(await listIds(lumen, `calendarId=${lumen.calendar}&${WIDE}`)).toEqual([]);
    const byId = await lumen.sandbox.highlevel("GET", `/calendars/events/appointments/${id}`, TOKEN);
    expect(byId.status).toBe(200);
    expect(byId.body.appointment).toMatchObject({ deleted: true, appointmentStatus: "confirmed" });
    await lumen.sandbox.control("POST", "/settings", { listDeletedAppointments: true });
    expect(await listIds(lumen, `calendarId=${lumen.calendar}&${WIDE}`)).toEqual([id]);
    await lumen.sandbox.control("POST", "/highlevel/delete", { id, forever: true });
    expect((await lumen.sandbox.highlevel("GET", `/calendars/events/appointments/${id}`, TOKEN)).status).toBe(
      404,
    );
  });
});

describe("writing", () => {
  const slot = (lumen: Lumen, fields: Record<string, unknown> = {}) => ({
    locationId: lumen.location,
    calendarId: lumen.calendar,
    contactId: lumen.contact,
    startTime: "2026-12-01T10:00:00-07:00",
    ...fields,
  });

  test("answers flat, without the times", async () => {
    const lumen = await openLumen();
    const { status, body } = await lumen.sandbox.highlevel(
      "POST",
      "/calendars/events/appointments",
      TOKEN,
      slot(lumen),
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: "booked",
      appointmentStatus: "confirmed",
      contactId: lumen.contact,
    });
    expect(body).not.toHaveProperty("startTime");
  });

  test("lets one of two simultaneous equal bookings win", async () => {
    const lumen = await openLumen();
    const answers = await Promise.all(
      [1, 2].map(() => lumen.sandbox.highlevel("POST", "/calendars/events/appointments", TOKEN, slot(lumen))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
  });

  test("refuses a slot that is spelled in UTC, unless told to ignore slots", async () => {
    const lumen = await openLumen();
    const utc = slot(lumen, { startTime: "2026-12-01T17:00:00Z" });
    const refused = await lumen.sandbox.highlevel("POST", "/calendars/events/appointments", TOKEN, utc);
    expect([refused.status, refused.body.error]).toEqual([400, "Bad Request"]);
    const forced = await lumen.sandbox.highlevel("POST", "/calendars/events/appointments", TOKEN, {
      ...utc,
      ignoreFreeSlotValidation: true,
    });
    expect(forced.status).toBe(200);
  });

  test("cancels and moves by PUT under the same id", async () => {
    const lumen = await openLumen();
    const id = await book(lumen);
    const path = `/calendars/events/appointments/${id}`;
    await lumen.sandbox.control("POST", "/clock", { advanceMs: 60_000 });
    await lumen.sandbox.highlevel("PUT", path, TOKEN, { startTime: "2026-12-03T11:00:00-07:00" });
    await lumen.sandbox.highlevel("PUT", path, TOKEN, { appointmentStatus: "cancelled" });
    const { body } = await lumen.sandbox.highlevel("GET", path, TOKEN);
    expect(body.appointment).toMatchObject({
      id,
      appointmentStatus: "cancelled",
      startTime: "2026-12-03T11:00:00-07:00",
      endTime: "2026-12-03T11:30:00-07:00",
      dateUpdated: "2026-11-20T10:01:00.000Z",
    });
    const from = Date.parse("2026-12-03T00:00:00Z");
    expect(
      await listIds(lumen, `calendarId=${lumen.calendar}&startTime=${from}&endTime=${from + 86_400_000}`),
    ).toEqual([id]);
    const unknown = await lumen.sandbox.highlevel("PUT", path, TOKEN, {
      colour: "red",
      appointmentStatus: "active",
    });
    expect([unknown.status, unknown.body.message]).toEqual([422, ["property colour should not exist"]]);
    const word = await lumen.sandbox.highlevel("PUT", path, TOKEN, { appointmentStatus: "active" });
    expect(word.status).toBe(422);
  });
});

describe("contacts", () => {
  test("show their appointments in the location's wall time, under the contacts scope", async () => {
    const lumen = await openLumen();
    await book(lumen);
    await lumen.sandbox.control("POST", "/highlevel/tokens", {
      location: "Lumen",
      token: "pit-contacts",
      scopes: ["contacts.readonly"],
    });
    const path = `/contacts/${lumen.contact}/appointments`;
    const { body } = await lumen.sandbox.highlevel("GET", path, "pit-contacts");
    expect(body.events[0]).toMatchObject({
      startTime: "2026-12-01 10:00:00",
      endTime: "2026-12-01 10:30:00",
      status: "booked",
      appointmentStatus: "confirmed",
    });
  });

  test("are a bad request when unknown", async () => {
    const lumen = await openLumen();
    for (const path of ["/contacts/nobody", "/contacts/nobody/appointments"]) {
      const { status, body } = await lumen.sandbox.highlevel("GET", path, TOKEN);
      expect([status, body.message]).toEqual([400, "Contact with id nobody not found"]);
    }
  });

  test("keep their typed case by id and miss what is unset", async () => {
    const lumen = await openLumen();
    const { body } = await lumen.sandbox.highlevel("GET", `/contacts/${lumen.contact}`, TOKEN);
    expect(body.contact).toMatchObject({
      email: "Noor.Haddad@buyer.example",
      emailLowerCase: "noor.haddad@buyer.example",
      phone: "+12025550100",
    });
    expect(body.contact).not.toHaveProperty("companyName");
  });

  test("are found by address and number, and page by searchAfter", async () => {
    const lumen = await openLumen();
    for (let at = 0; at < 5; at += 1) {
      await lumen.sandbox.control("POST", "/highlevel/contact", {
        location: "Lumen",
        firstName: `Person${at}`,
        email: `person${at}@buyer.example`,
        additionalEmails: [`other${at}@buyer.example`],
      });
    }
    const search = (fields: Record<string, unknown>) =>
      lumen.sandbox.highlevel("POST", "/contacts/search", TOKEN, {
        locationId: lumen.location,
        pageLimit: 2,
        ...fields,
      });
    const byEmail = await search({
      filters: [{ field: "email", operator: "eq", value: "noor.haddad@buyer.example" }],
    });
    expect(byEmail.body).toMatchObject({
      total: 1,
      contacts: [{ id: lumen.contact, timezone: null, businessName: null }],
    });

    const seen: string[] = [];
    let searchAfter: unknown;
    for (let page = 0; page < 5; page += 1) {
      const { body } = await search(searchAfter ? { searchAfter } : {});
      expect(body.total).toBe(6);
      if (body.contacts.length === 0) break;
      seen.push(...body.contacts.map((row: { id: string }) => row.id));
      searchAfter = body.contacts.at(-1).searchAfter;
    }
    expect(new Set(seen).size).toBe(6);
    expect(seen).toHaveLength(6);
    await lumen.sandbox.control("POST", "/faults", { provider: "highlevel", kind: "repeat_token", times: 1 });
    const again = await search({ searchAfter });
    expect(again.body.contacts.map((row: { id: string }) => row.id)).toEqual(seen.slice(0, 2));
    const { body } = await search({ query: "person3" });
    expect(body.contacts[0].additionalEmails).toEqual([{ email: "other3@buyer.example" }]);

    expect((await search({ pageLimit: undefined })).status).toBe(422);
    expect((await search({ filters: { field: "email" } })).status).toBe(422);
    expect((await search({ page: 1, searchAfter: [1, "x"] })).status).toBe(422);
    expect((await search({ filters: [{ field: "shoe", operator: "eq", value: "9" }] })).status).toBe(400);
    expect(
      (await search({ filters: [{ field: "email", operator: "contains", value: "noor" }] })).status,
    ).toBe(400);
  });

  test("have a duplicate look-up that tries the address, then the number", async () => {
    const lumen = await openLumen();
    const look = async (query: string) => {
      const path = `/contacts/search/duplicate?locationId=${lumen.location}&${query}`;
      return (await lumen.sandbox.highlevel("GET", path, TOKEN)).body;
    };
    expect(await look("email=noor.haddad@buyer.example")).toMatchObject({
      contact: { id: lumen.contact },
      matchingField: "email",
    });
    expect(await look("number=%2B12025550100")).toMatchObject({ matchingField: "phone" });
    expect((await look("email=nobody@buyer.example")).contact).toBeNull();
  });
});

test("lists the users of the location", async () => {
  const lumen = await openLumen();
  const ask = (sandbox: OpenSandbox) =>
    sandbox.highlevel("GET", `/users/?locationId=${lumen.location}`, TOKEN);
  expect((await ask(lumen.sandbox)).body.users).toMatchObject([
    { email: "grant@lumen.example" },
    { id: lumen.user },
  ]);
});
