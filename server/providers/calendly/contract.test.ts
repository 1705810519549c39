import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "#server/lib/clock.ts";
import { MINUTE_MS } from "#server/lib/duration.ts";
import { createMemoryRateLimiter } from "../memory-rate-limiter.ts";
import { calendlyBucketOfToken } from "../rate-bucket.ts";
import { systemSleep } from "../sleep.ts";
import { setUpSandbox } from "../testing/set-up-sandbox.ts";
import { createCalendlyClient } from "./client.ts";
import { mapInvitee } from "./map-appointment.ts";
import { verifyCalendlySignature } from "./signature.ts";
import { lastSegment } from "./uri.ts";
import { walkPages } from "./walk-pages.ts";
import { mapDelivery, parseDelivery, SUBSCRIBED_EVENTS } from "./webhook-payload.ts";

// The sandbox answers every call that the client knows, through the same schema as the provider.

const sandbox = setUpSandbox();
const WINDOW = { minStart: new Date("2026-11-01T00:00:00Z"), maxStart: new Date("2026-12-31T00:00:00Z") };
const AT = "2026-11-02T09:00:00Z";

let organization: string;
let owner: { id: string; token: string };
let member: { id: string; token: string };

beforeAll(async () => {
  await sandbox.control("/clock", { now: "2026-11-20T12:00:00Z" });
  const made = await sandbox.control("/calendly/organizations", {
    name: "Acme",
    users: [
      { name: "Petra Host", email: "petra@acme.example" },
      { name: "Sam Seller", email: "sam@acme.example" },
    ],
    eventTypes: [
      { name: "Discovery", duration: 30 },
      { name: "Group demo", kind: "group", seats: 5 },
    ],
  });
  organization = made.organization.id;
  [owner, member] = made.users;
});

afterEach(() => sandbox.control("/faults", {}, "DELETE"));

function connect(token = owner.token, overrides: { timeoutMs?: number } = {}) {
  const limiter = createMemoryRateLimiter({ clock: systemClock, sleep: systemSleep });
  return createCalendlyClient({
    baseUrl: `${sandbox.url}/calendly/`,
    token,
    bucket: calendlyBucketOfToken(token),
    clock: systemClock,
    limiter,
    // Pauses between attempts are proven elsewhere.
    sleep: async () => {},
    priority: "live",
    ...overrides,
  });
}

let day = 1;
async function book(email: string, changes: object = {}) {
  const start = `2026-12-${String(day++).padStart(2, "0")}T15:00:00Z`;
  return await sandbox.control("/calendly/book", {
    organization,
    eventType: "Discovery",
    start,
    at: AT,
    invitee: { email, name: "Jonas Muster", timezone: "Europe/Berlin" },
    ...changes,
  });
}

async function readBooking(eventId: string, inviteeId: string) {
  const client = connect();
  const [{ event }, { invitee, asOf }] = await Promise.all([
    client.event(eventId),
    client.invitee(eventId, inviteeId),
  ]);
  return mapInvitee(event, invitee, asOf);
}

describe("who the token is", () => {
  test("its owner, organization, members and event types", async () => {
    const client = connect();
    const { user } = await client.me();
    expect(lastSegment(user.uri)).toBe(owner.id);
    expect(lastSegment(user.current_organization ?? "")).toBe(organization);
    expect((await client.organization(user.current_organization ?? "")).organization.name).toBe("Acme");
    const { memberships } = await client.memberships({ organization });
    expect(memberships.map(({ role, user: { email } }) => [role, email]).sort()).toEqual([
      ["owner", "petra@acme.example"],
      ["user", "sam@acme.example"],
    ]);
    const { eventTypes } = await client.eventTypes({ organization });
    expect(eventTypes.map(({ name }) => name).sort()).toEqual(["Discovery", "Group demo"]);
  });

  test("one that is unknown, revoked, without the scope or without the role is told apart", async () => {
    await expect(connect("made-up").me()).rejects.toMatchObject({ kind: "unauthorized" });
    const narrow = await sandbox.control("/calendly/tokens", {
      organization,
      user: "petra@acme.example",
      scopes: ["users:read"],
    });
    await connect(narrow.token).me();
    await expect(connect(narrow.token).listEvents({ organization, ...WINDOW })).rejects.toMatchObject({
      kind: "scope",
      details: { reason: "scope", requiredScopes: ["scheduled_events:read"] },
    });
    await sandbox.control(`/calendly/tokens/${narrow.token}/revoke`);
    await expect(connect(narrow.token).me()).rejects.toMatchObject({ kind: "unauthorized" });
    await expect(connect(member.token).listEvents({ organization, ...WINDOW })).rejects.toMatchObject({
      kind: "scope",
      details: { reason: "role" },
    });
    expect((await connect(member.token).listEvents({ user: member.id, ...WINDOW })).events).toEqual([]);
  });
});

describe("bookings through their life", () => {
  test("booked, no-show, restored", async () => {
    const start = "2026-11-10T15:00:00Z";
    const { eventId, inviteeId } = await book("jonas@lead.example", { start });
    expect(await readBooking(eventId, inviteeId)).toMatchObject({
      providerId: inviteeId,
      eventId,
      status: "confirmed",
      unrecognised: false,
      startAt: new Date(start),
      attendeeEmail: "jonas@lead.example",
      organizerEmail: "petra@acme.example",
    });
    await sandbox.control("/calendly/no-show", { invitee: inviteeId });
    expect(await readBooking(eventId, inviteeId)).toMatchObject({
      status: "no_show",
      noShowAt: expect.any(Date),
    });
    await sandbox.control("/calendly/no-show/undo", { invitee: inviteeId });
    expect(await readBooking(eventId, inviteeId)).toMatchObject({ status: "confirmed", noShowAt: null });
  });

  test("canceled, by whom, when and why", async () => {
    const { eventId, inviteeId } = await book("cancel@lead.example");
    await sandbox.control("/calendly/cancel", { event: eventId, by: "host", reason: "Ill", at: AT });
    expect(await readBooking(eventId, inviteeId)).toMatchObject({
      status: "canceled",
      canceledAt: new Date(AT),
      canceledByType: "host",
      cancelReason: "Ill",
    });
  });

  test("rescheduled: both ends of the chain name each other (R16)", async () => {
    const { eventId, inviteeId } = await book("move@lead.example");
    const moved = await sandbox.control("/calendly/reschedule", {
      invitee: inviteeId,
      start: "2026-12-20T09:00:00Z",
    });
    expect(await readBooking(eventId, inviteeId)).toMatchObject({
      status: "rescheduled",
      rescheduledToId: moved.inviteeId,
      rescheduledToEventId: moved.eventId,
    });
    expect(await readBooking(moved.eventId, moved.inviteeId)).toMatchObject({
      status: "confirmed",
      rescheduledFromId: inviteeId,
    });
  });

  test("one seat of a group canceled, the other kept (R13)", async () => {
    const start = "2026-12-21T15:00:00Z";
    const first = await book("a@lead.example", { eventType: "Group demo", start });
    const second = await book("b@lead.example", { eventType: "Group demo", start });
    expect(second.eventId).toBe(first.eventId);
    await sandbox.control("/calendly/cancel", { invitee: first.inviteeId });
    const { invitees } = await connect().listInvitees(first.eventId);
    const { event, asOf } = await connect().event(first.eventId);
    expect(invitees.map((invitee) => mapInvitee(event, invitee, asOf).status).sort()).toEqual([
      "canceled",
      "confirmed",
    ]);
    const { invitees: found } = await connect().listInvitees(first.eventId, { email: "b@lead.example" });
    expect(found.map(({ uri }) => lastSegment(uri))).toEqual([second.inviteeId]);
  });

  test("removed for good: proven gone (R5)", async () => {
    const { eventId, inviteeId } = await book("gone@lead.example");
    await sandbox.control("/calendly/delete", { event: eventId });
    await expect(connect().event(eventId)).rejects.toMatchObject({ kind: "not_found" });
    await expect(connect().invitee(eventId, inviteeId)).rejects.toMatchObject({ kind: "not_found" });
  });

  test("a word Calendly never used before is kept", async () => {
    const { eventId, inviteeId } = await book("odd@lead.example");
    await sandbox.control("/calendly/patch", { invitee: inviteeId, fields: { status: "tentative" } });
    expect(await readBooking(eventId, inviteeId)).toMatchObject({ status: "confirmed", unrecognised: true });
  });
});

async function readAll(query: { inviteeEmail?: string; status?: "active" | "canceled" } = {}) {
  const events = [];
  const read = (pageToken?: string) => connect().listEvents({ organization, ...WINDOW, ...query, pageToken });
  for await (const page of walkPages(read)) events.push(...page.events);
  return events;
}

describe("lists", () => {
  test("all pages, canceled ones too, in the order of their start", async () => {
    const bookings = Array.from({ length: 130 }, (_, i) => ({
      organization,
      eventType: "Discovery",
      start: new Date(Date.UTC(2026, 10, 21, 0, 30 * i)).toISOString(),
      invitee: { email: `bulk-${i}@lead.example`, name: "Bulk" },
    }));
    const { booked } = await sandbox.control("/calendly/bulk-book", bookings);
    await sandbox.control("/calendly/cancel", { event: booked[7].eventId });
    const events = await readAll();
    const ids = events.map(({ uri }) => lastSegment(uri));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(booked.map(({ eventId }: { eventId: string }) => eventId)));
    const starts = events.map((event) => event.start_time.getTime());
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    expect((await readAll({ status: "canceled" })).map(({ uri }) => lastSegment(uri))).toContain(
      booked[7].eventId,
    );
  });

  test("the events of one person, a plus sign in the address included", async () => {
    const { eventId } = await book("lead+demo@lead.example");
    const events = await readAll({ inviteeEmail: "lead+demo@lead.example" });
    expect(events.map(({ uri }) => lastSegment(uri))).toEqual([eventId]);
  });
});

describe("misbehaviour", () => {
  const list = () => connect(owner.token, { timeoutMs: 300 }).listEvents({ organization, ...WINDOW });
  const fault = (body: object) => sandbox.control("/faults", { provider: "calendly", ...body });

  test.each([
    ["a server error", { kind: "status", status: 503, times: 1 }],
    ["a reset connection", { kind: "reset", times: 1 }],
    ["a cut-off body", { kind: "truncate", times: 1 }],
    ["an empty body", { kind: "empty_body", times: 1 }],
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
    ["a field that vanished", { kind: "drop_field", field: "start_time" }, { kind: "unexpected" }],
    ["a refusal for too many calls", { kind: "429" }, { kind: "rate_limited", retryAt: expect.any(Date) }],
    ["a refused question", { kind: "status", status: 400 }, { kind: "unexpected", httpStatus: 400 }],
  ])("%s is said so", async (_sentence, body, expected) => {
    await fault(body);
    await expect(list()).rejects.toMatchObject(expected);
  });
});

test("a page that names itself as the next ends the walk", async () => {
  await sandbox.control("/faults", { provider: "calendly", kind: "repeat_token" });
  await expect(readAll()).rejects.toMatchObject({ details: { reason: "repeated_token" } });
});

describe("signed deliveries", () => {
  const KEY = "signing-key-of-ours";
  const received: { header: string | undefined; rawBody: Buffer }[] = [];
  const receiver = createServer(async (request, response) => {
    const header = request.headers["calendly-webhook-signature"];
    received.push({ header: String(header), rawBody: await buffer(request) });
    response.end();
  });
  beforeAll(async () => {
    await new Promise<void>((done) => receiver.listen(0, "127.0.0.1", done));
    const { port } = receiver.address() as AddressInfo; // a TCP server has no other form
    const url = `http://127.0.0.1:${port}/api/webhooks/calendly/w2`;
    await connect().createWebhook({
      url,
      scope: "organization",
      organization,
      signingKey: KEY,
      events: SUBSCRIBED_EVENTS,
    });
  });
  afterAll(() => {
    receiver.closeAllConnections();
    receiver.close();
  });

  test("verify with our key, and say what a fresh reading says", async () => {
    const { eventId, inviteeId } = await book("hook@lead.example");
    const { now } = await sandbox.control("/clock", {}, "GET");
    await sandbox.control("/deliveries/flush");
    const { header, rawBody } = received.at(-1) ?? { rawBody: Buffer.alloc(0) };
    const facts = { header, rawBody, now: new Date(now), toleranceMs: MINUTE_MS };
    const verify = (keys: string[]) => verifyCalendlySignature({ ...facts, keys });
    expect(verify([KEY])).toEqual({ verdict: "valid", keyIndex: 0 });
    expect(verify(["another"])).toEqual({ verdict: "refused", reason: "wrong" });

    const delivery = parseDelivery(JSON.parse(rawBody.toString()));
    if (delivery.kind !== "invitee") throw new Error(`read as ${delivery.kind}`);
    expect(delivery.event).toBe("invitee.created");
    const fresh = await readBooking(eventId, inviteeId);
    expect({ ...mapDelivery(delivery), asOf: fresh.asOf }).toEqual(fresh);
  });

  test.each([
    ["a cancellation", "/calendly/cancel", {}, ["invitee.canceled"]],
    [
      "a reschedule",
      "/calendly/reschedule",
      { start: "2026-12-28T09:00:00Z" },
      ["invitee.canceled", "invitee.created"],
    ],
  ])("%s", async (_sentence, path, body, events) => {
    const { inviteeId } = await book("hook2@lead.example", { webhooks: false });
    received.length = 0;
    await sandbox.control(path, { invitee: inviteeId, ...body });
    await sandbox.control("/deliveries/flush");
    const deliveries = received.map(({ rawBody }) => parseDelivery(JSON.parse(rawBody.toString())));
    expect(deliveries.map((one) => one.kind === "invitee" && one.event).sort()).toEqual(events);
  });
});

test("a webhook subscription is made, found, refused twice, read and removed", async () => {
  const client = connect();
  const input = {
    url: "https://console.example/api/webhooks/calendly/w1",
    scope: "organization",
    organization,
    signingKey: "key",
    events: SUBSCRIBED_EVENTS,
  } as const;
  const { webhook } = await client.createWebhook(input);
  expect(webhook).toMatchObject({ callback_url: input.url, state: "active", retry_started_at: null });
  await expect(client.createWebhook(input)).rejects.toMatchObject({ kind: "conflict", httpStatus: 409 });
  const { webhooks } = await client.listWebhooks({ organization, scope: "organization" });
  expect(webhooks.map(({ uri }) => uri)).toContain(webhook.uri);
  await sandbox.control(`/calendly/webhooks/${lastSegment(webhook.uri)}/disable`);
  expect((await client.webhook(webhook.uri)).webhook.state).toBe("disabled");
  await client.deleteWebhook(webhook.uri);
  await expect(client.webhook(webhook.uri)).rejects.toMatchObject({ kind: "not_found" });
  await expect(connect(member.token).createWebhook(input)).rejects.toMatchObject({ kind: "scope" });
  const own = await connect(member.token).createWebhook({ ...input, scope: "user", user: member.id });
  expect(lastSegment(own.webhook.user ?? "")).toBe(member.id);
});
