import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { SettableClock } from "#server/lib/clock.ts";
import { createMemoryRateLimiter } from "../memory-rate-limiter.ts";
import { calendlyBucket } from "../rate-bucket.ts";
import { setUpFakeProvider } from "../testing/start-fake-provider.ts";
import { createCalendlyClient } from "./client.ts";

const provider = setUpFakeProvider();
const NOW = new Date("2026-11-20T12:00:00Z");
const WINDOW = { minStart: new Date("2026-11-18T00:00:00Z"), maxStart: new Date("2026-12-02T00:00:00Z") };

function readFixture(name: string) {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8"));
}

function setUp() {
  const clock = new SettableClock(NOW);
  const sleep = async () => {};
  return createCalendlyClient({
    baseUrl: `${provider.origin}/calendly`,
    token: "t",
    bucket: calendlyBucket("u"),
    clock,
    sleep,
    limiter: createMemoryRateLimiter({ clock, sleep }),
    priority: "reconcile",
  });
}

function lastQuery() {
  const [path, query] = (provider.seen.at(-1)?.url ?? "").split("?");
  return { path, query: Object.fromEntries(new URLSearchParams(query)) };
}

describe("listing events", () => {
  test("asks for both statuses, by full URIs, a hundred a page", async () => {
    provider.reply({ json: readFixture("page-of-events") });
    const page = await setUp().listEvents({ organization: "ORG1", ...WINDOW });
    expect(lastQuery()).toEqual({
      path: "/calendly/scheduled_events",
      query: {
        organization: "https://api.calendly.com/organizations/ORG1",
        min_start_time: "2026-11-18T00:00:00.000Z",
        max_start_time: "2026-12-02T00:00:00.000Z",
        sort: "start_time:asc",
        count: "100",
      },
    });
    expect(page).toMatchObject({ asOf: NOW, nextPageToken: "bmV4dA==", rejected: [] });
    expect(page.events.map(({ status }) => status)).toEqual(["active", "canceled"]);
  });

  test("sends the same question again with the token", async () => {
    provider.reply({
      json: { collection: [], pagination: { count: 0, next_page: null, next_page_token: null } },
    });
    const page = await setUp().listEvents({
      user: "https://api.calendly.com/users/U1",
      ...WINDOW,
      inviteeEmail: "a+b@lead.example",
      status: "active",
      pageToken: "bmV4dA==",
    });
    expect(lastQuery().query).toMatchObject({
      user: "https://api.calendly.com/users/U1",
      invitee_email: "a+b@lead.example",
      status: "active",
      page_token: "bmV4dA==",
      min_start_time: "2026-11-18T00:00:00.000Z",
    });
    expect(provider.seen.at(-1)?.url).toContain("a%2Bb%40lead.example");
    expect(page.nextPageToken).toBeNull();
  });

  test.each([
    [
      "the token of an old reply is inside its address",
      { next_page: "https://api.calendly.com/x?page_token=abc" },
      "abc",
    ],
    ["an empty page may have another behind it", { next_page: null, next_page_token: "abc" }, "abc"],
    ["no token is the end", { count: 0 }, null],
  ])("%s", async (_sentence, pagination, nextPageToken) => {
    provider.reply({ json: { collection: [], pagination } });
    expect((await setUp().listEvents({ organization: "O", ...WINDOW })).nextPageToken).toBe(nextPageToken);
  });

  test.each([
    ["no pagination", { collection: [] }],
    [
      "a next page without a token",
      { collection: [], pagination: { next_page: "https://api.calendly.com/x" } },
    ],
    ["an error in a 200", { title: "Internal Server Error" }],
  ])("a page that would pass for the last one is refused: %s", async (_sentence, json) => {
    provider.reply({ json });
    await expect(setUp().listEvents({ organization: "O", ...WINDOW })).rejects.toMatchObject({
      kind: "unexpected",
    });
  });

  test("one poisoned row is set aside by its id, and the page goes on", async () => {
    const json = readFixture("page-of-events");
    json.collection[0].start_time = "soon";
    provider.reply({ json });
    const page = await setUp().listEvents({ organization: "O", ...WINDOW });
    expect(page.events).toHaveLength(1);
    expect(page.rejected).toEqual([
      { index: 0, id: "6d3f5a1e-2b0c-4c7e-9a55-0e6f1c2b7a10", faults: ["start_time: invalid_format"] },
    ]);
  });

  test("a page of nothing but unreadable rows is a changed format", async () => {
    const [row] = readFixture("page-of-events").collection;
    const collection = Array.from({ length: 5 }, () => ({ ...row, start_time: 1 }));
    provider.reply({ json: { collection, pagination: {} } });
    await expect(setUp().listEvents({ organization: "O", ...WINDOW })).rejects.toMatchObject({
      kind: "unexpected",
      details: { faults: ["start_time: invalid_type"] },
    });
  });
});

describe("single things", () => {
  test("the token's owner", async () => {
    provider.reply({ json: readFixture("user-me") });
    const { user } = await setUp().me();
    expect(user.current_organization).toBe("https://api.calendly.com/organizations/EBGBDCAADAEDCRZ1");
    expect(lastQuery().path).toBe("/calendly/users/me");
  });

  test("ids and URIs are the same in arguments", async () => {
    const { event, invitee } = readFixture("active");
    provider.reply({ json: { resource: invitee } });
    await setUp().invitee(event.uri, invitee.uri);
    const byUri = lastQuery().path;
    await setUp().invitee(event.uri.split("/").at(-1), invitee.uri.split("/").at(-1));
    expect(lastQuery().path).toBe(byUri);
    provider.reply({ json: { resource: event } });
    expect((await setUp().event(event.uri)).event.uri).toBe(event.uri);
  });

  test("invitees are filtered by `email`, the events by `invitee_email`", async () => {
    provider.reply({ json: { collection: [readFixture("active").invitee], pagination: {} } });
    const { invitees } = await setUp().listInvitees("E1", { email: "a@lead.example" });
    expect(invitees).toHaveLength(1);
    expect(lastQuery()).toMatchObject({
      path: "/calendly/scheduled_events/E1/invitees",
      query: { email: "a@lead.example" },
    });
  });

  test("a known id that is gone is proven gone", async () => {
    provider.reply({ status: 404, json: { title: "Resource Not Found", message: "…" } });
    await expect(setUp().event("E1")).rejects.toMatchObject({ kind: "not_found", httpStatus: 404 });
  });
});

describe("webhook subscriptions", () => {
  const SUBSCRIPTION = {
    uri: "https://api.calendly.com/webhook_subscriptions/W1",
    callback_url: "https://console.example/api/webhooks/calendly/w1",
    created_at: "2026-11-20T12:00:00.000000Z",
    updated_at: "2026-11-20T12:00:00.000000Z",
    retry_started_at: null,
    state: "active",
    events: ["invitee.created"],
    scope: "organization",
    organization: "https://api.calendly.com/organizations/O1",
    user: null,
    group: null,
    creator: "https://api.calendly.com/users/U1",
  };

  test.each([
    ["organization", undefined],
    ["user", "https://api.calendly.com/users/U1"],
  ] as const)("creating one for %s scope names its owner", async (scope, user) => {
    provider.reply({ status: 201, json: { resource: SUBSCRIPTION } });
    const { webhook } = await setUp().createWebhook({
      url: SUBSCRIPTION.callback_url,
      scope,
      organization: "O1",
      user: "U1",
      signingKey: "k",
      events: ["invitee.created"],
    });
    expect(webhook.state).toBe("active");
    expect(provider.seen.at(-1)?.body).toEqual({
      url: SUBSCRIPTION.callback_url,
      events: ["invitee.created"],
      scope,
      organization: "https://api.calendly.com/organizations/O1",
      signing_key: "k",
      ...(user ? { user } : {}),
    });
  });

  test("they are listed, read and removed", async () => {
    const client = setUp();
    provider.reply({ json: { collection: [SUBSCRIPTION], pagination: {} } });
    const { webhooks } = await client.listWebhooks({ organization: "O1", scope: "organization" });
    expect(webhooks.map(({ state }) => state)).toEqual(["active"]);
    provider.reply({
      json: { resource: { ...SUBSCRIPTION, retry_started_at: "2026-11-20T11:00:00.000000Z" } },
    });
    const { webhook } = await client.webhook("W1");
    expect(webhook.retry_started_at).toEqual(new Date("2026-11-20T11:00:00Z"));
    provider.reply({ status: 204 });
    await client.deleteWebhook(SUBSCRIPTION.uri);
    expect(provider.seen.at(-1)).toMatchObject({
      method: "DELETE",
      url: "/calendly/webhook_subscriptions/W1",
    });
  });
});

test("memberships and event types are listed for an organization", async () => {
  const client = setUp();
  const user = readFixture("user-me").resource;
  const { current_organization: _inside, ...embedded } = user;
  const member = {
    uri: "https://api.calendly.com/organization_memberships/M1",
    role: "owner",
    user: embedded,
  };
  provider.reply({ json: { collection: [member], pagination: {} } });
  const { memberships } = await client.memberships({ organization: "O1" });
  expect(memberships.map(({ role }) => role)).toEqual(["owner"]);
  const type = { uri: "https://api.calendly.com/event_types/T1", name: "Demo", active: true, profile: null };
  provider.reply({ json: { collection: [type], pagination: {} } });
  const { eventTypes } = await client.eventTypes({ organization: "O1" });
  expect(eventTypes.map(({ name }) => name)).toEqual(["Demo"]);
});
