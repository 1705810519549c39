import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { addAcme, bookIntro, type OpenSandbox, openReceiver, openSandbox } from "./testing/open-sandbox.ts";

const NOW = "2026-11-20T10:00:00Z";
const EVENTS = ["invitee.created", "invitee.canceled", "invitee_no_show.created", "invitee_no_show.deleted"];
const HOUR_MS = 3_600_000;

async function openSubscribed(subscription: Record<string, unknown> = {}, token = "ada-token") {
  const sandbox = await openSandbox({ now: NOW });
  const acme = await addAcme(sandbox);
  const receiver = await openReceiver();
  const made = await sandbox.calendly("POST", "/webhook_subscriptions", token, {
    url: receiver.url,
    events: EVENTS,
    organization: acme.organization,
    scope: "organization",
    signing_key: "a-signing-key",
    ...subscription,
  });
  return { sandbox, acme, receiver, made, id: made.body?.resource?.uri?.split("/").at(-1) as string };
}

async function flush(sandbox: OpenSandbox) {
  return (await sandbox.control("POST", "/deliveries/flush")).body;
}

async function readSubscription(sandbox: OpenSandbox, id: string) {
  return (await sandbox.calendly("GET", `/webhook_subscriptions/${id}`, "ada-token")).body.resource;
}

describe("subscriptions", () => {
  test("never show their key, and name the address as callback_url", async () => {
    const { made, receiver, sandbox, acme } = await openSubscribed();
    expect(made.status).toBe(201);
    expect(made.body.resource).toMatchObject({
      callback_url: receiver.url,
      state: "active",
      retry_started_at: null,
      scope: "organization",
      organization: acme.organization,
      user: null,
    });
    expect(made.text).not.toContain("a-signing-key");
    const path = `/webhook_subscriptions?organization=${acme.organization}&scope=organization`;
    expect((await sandbox.calendly("GET", path, "ada-token")).body.collection).toHaveLength(1);
  });

  test("refuse the same address twice, and forget a deleted one", async () => {
    const { sandbox, acme, receiver, id } = await openSubscribed();
    const again = {
      url: receiver.url,
      events: EVENTS,
      organization: acme.organization,
      scope: "organization",
    };
    const twin = await sandbox.calendly("POST", "/webhook_subscriptions", "ada-token", again);
    expect([twin.status, twin.body]).toEqual([
      409,
      { title: "Already Exists", message: "Hook with this url already exists" },
    ]);
    expect((await sandbox.calendly("DELETE", `/webhook_subscriptions/${id}`, "ada-token")).status).toBe(204);
    expect((await sandbox.calendly("POST", "/webhook_subscriptions", "ada-token", again)).status).toBe(201);
  });

  test("let a member subscribe to their own meetings only", async () => {
    const refused = await openSubscribed({}, "ben-token");
    expect(refused.made.status).toBe(403);
    const { sandbox, acme, receiver } = refused;
    const own = await sandbox.calendly("POST", "/webhook_subscriptions", "ben-token", {
      url: receiver.url,
      events: EVENTS,
      organization: acme.organization,
      scope: "user",
      user: acme.member,
    });
    expect(own.status).toBe(201);
    await bookIntro(sandbox);
    await bookIntro(sandbox, { eventType: "Ben's call" });
    await flush(sandbox);
    expect(receiver.received).toHaveLength(1);
  });

  test("need the read scope of what they name", async () => {
    const sandbox = await openSandbox();
    const acme = await addAcme(sandbox);
    const scopes = ["webhooks:write"];
    await sandbox.control("POST", "/calendly/tokens", {
      organization: "Acme",
      user: "ada@acme.example",
      token: "hooks",
      scopes,
    });
    const refused = await sandbox.calendly("POST", "/webhook_subscriptions", "hooks", {
      url: "http://127.0.0.1:9/",
      events: ["invitee.created"],
      organization: acme.organization,
      scope: "organization",
    });
    expect(refused.body.required_scopes).toEqual(["scheduled_events:read"]);
  });
});

describe("a delivery", () => {
  test("is signed over its raw bytes and carries the invitee with the event inside", async () => {
    const { sandbox, acme, receiver } = await openSubscribed();
    const booked = await bookIntro(sandbox);
    await flush(sandbox);
    const [delivery] = receiver.received;
    expect(delivery?.headers["user-agent"]).toBe("Calendly");
    const [, t, v1] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(delivery?.headers["calendly-webhook-signature"])) ?? [];
    expect(Number(t)).toBe(Date.parse(NOW) / 1000);
    expect(v1).toBe(createHmac("sha256", "a-signing-key").update(`${t}.${delivery?.raw}`).digest("hex"));
    const body = JSON.parse(delivery?.raw ?? "");
    expect(body).toMatchObject({
      event: "invitee.created",
      created_at: "2026-11-20T10:00:00.000000Z",
      created_by: acme.owner,
      payload: {
        uri: booked.invitee.uri,
        event: booked.event.uri,
        scheduled_event: { uri: booked.event.uri, event_memberships: [{ user: acme.owner }] },
      },
    });
    expect(body.payload.scheduled_event).not.toHaveProperty("calendar_event");
    expect(body.payload.scheduled_event.event_memberships[0]).not.toHaveProperty("buffered_start_time");
  });

  test("follows every act: cancellation, both halves of a move, no-show and its undoing", async () => {
    const { sandbox, receiver } = await openSubscribed();
    const first = await bookIntro(sandbox, { start: "2026-11-20T09:00:00Z" });
    await sandbox.control("POST", "/calendly/no-show", { invitee: first.inviteeId });
    await sandbox.control("POST", "/calendly/no-show/undo", { invitee: first.inviteeId });
    const moved = await sandbox.control("POST", "/calendly/reschedule", {
      invitee: first.inviteeId,
      start: "2026-12-02T15:00:00Z",
    });
    await sandbox.control("POST", "/calendly/cancel", { invitee: moved.body.inviteeId, by: "host" });
    await flush(sandbox);
    const events = receiver.received.map(({ raw }) => JSON.parse(raw));
    expect(events.map(({ event }) => event).sort()).toEqual([
      "invitee.canceled",
      "invitee.canceled",
      "invitee.created",
      "invitee.created",
      "invitee_no_show.created",
      "invitee_no_show.deleted",
    ]);
    expect(events.filter(({ payload }) => payload.rescheduled).map(({ event }) => event)).toEqual([
      "invitee.canceled",
    ]);
  });

  test.each([
    ["canceled_first", ["invitee.canceled", "invitee.created"]],
    ["created_first", ["invitee.created", "invitee.canceled"]],
  ])("of a move keeps the order %s", async (order, expected) => {
    const { sandbox, receiver } = await openSubscribed();
    const { inviteeId } = await bookIntro(sandbox, { webhooks: false });
    await sandbox.control("POST", "/calendly/reschedule", {
      invitee: inviteeId,
      start: "2026-12-02T15:00:00Z",
      order,
    });
    await flush(sandbox);
    expect(receiver.received.map(({ raw }) => JSON.parse(raw).event)).toEqual(expected);
  });
});

describe("a receiver in trouble", () => {
  test.each([500, 302])("gets a delivery answered with %d again, later each time", async (status) => {
    const { sandbox, receiver, id } = await openSubscribed();
    receiver.state.status = status;
    await bookIntro(sandbox);
    await flush(sandbox);
    expect((await readSubscription(sandbox, id)).retry_started_at).toBe("2026-11-20T10:00:00.000000Z");
    const [row] = (await sandbox.control("GET", "/deliveries")).body.deliveries;
    expect([row.state, row.nextAttemptMs - Date.parse(NOW)]).toEqual(["pending", 1_000]);
    await sandbox.control("POST", "/clock", { advanceMs: 1_000 });
    await flush(sandbox);
    expect((await sandbox.control("GET", "/deliveries")).body.deliveries[0].nextAttemptMs).toBe(
      Date.parse(NOW) + 3_000,
    );
    receiver.state.status = 204;
    await sandbox.control("POST", "/clock", { advanceMs: 2_000 });
    await flush(sandbox);
    expect(receiver.received).toHaveLength(3);
    expect((await readSubscription(sandbox, id)).retry_started_at).toBeNull();
  });

  test("loses its subscription after a day without success, and what happens then", async () => {
    const { sandbox, receiver, id } = await openSubscribed();
    receiver.state.status = 503;
    await bookIntro(sandbox);
    await flush(sandbox);
    await sandbox.control("POST", "/clock", { advanceMs: 23 * HOUR_MS });
    await flush(sandbox);
    expect((await readSubscription(sandbox, id)).state).toBe("active");
    await sandbox.control("POST", "/clock", { advanceMs: HOUR_MS });
    await flush(sandbox);
    expect((await readSubscription(sandbox, id)).state).toBe("disabled");
    receiver.state.status = 200;
    const before = receiver.received.length;
    await bookIntro(sandbox, { start: "2026-12-09T15:00:00Z" });
    expect(await flush(sandbox)).toMatchObject({ pending: 0, lost: 1 });
    expect(receiver.received).toHaveLength(before);
  });

  test("does not hold up other deliveries", async () => {
    const { sandbox, receiver } = await openSubscribed();
    receiver.state.status = 500;
    await bookIntro(sandbox);
    await flush(sandbox);
    receiver.state.status = 200;
    await bookIntro(sandbox, { start: "2026-12-09T15:00:00Z" });
    expect(await flush(sandbox)).toMatchObject({ pending: 1, delivered: 1 });
  });
});

describe("delivery faults", () => {
  const fault = (sandbox: OpenSandbox, rule: Record<string, unknown>) =>
    sandbox.control("POST", "/deliveries/faults", rule);
  const signatureAge = (raw: unknown) => Date.parse(NOW) / 1000 - Number(/t=(\d+)/.exec(String(raw))?.[1]);

  test("drop, duplicate and delay", async () => {
    const { sandbox, receiver } = await openSubscribed();
    await fault(sandbox, { drop: true, times: 1 });
    await bookIntro(sandbox);
    await fault(sandbox, { duplicate: 2, times: 1 });
    await bookIntro(sandbox, { start: "2026-12-02T15:00:00Z" });
    await fault(sandbox, { delayMs: 60_000, times: 1 });
    await bookIntro(sandbox, { start: "2026-12-03T15:00:00Z" });
    expect(await flush(sandbox)).toMatchObject({ dropped: 1, delivered: 3, pending: 1 });
    expect(new Set(receiver.received.map(({ raw }) => raw)).size).toBe(1);
    await sandbox.control("POST", "/clock", { advanceMs: 60_000 });
    expect(await flush(sandbox)).toMatchObject({ pending: 0, delivered: 4 });
  });

  test("sign with another key, or with an old timestamp", async () => {
    const { sandbox, receiver } = await openSubscribed();
    await fault(sandbox, { badSignature: true, times: 1 });
    await bookIntro(sandbox);
    await fault(sandbox, { oldTimestamp: 400_000, times: 1 });
    await bookIntro(sandbox, { start: "2026-12-02T15:00:00Z" });
    await flush(sandbox);
    const [wrong, old] = receiver.received.map(({ headers, raw }) => {
      const header = String(headers["calendly-webhook-signature"]);
      const [, t, v1] = /^t=(\d+),v1=(.+)$/.exec(header) ?? [];
      const right = createHmac("sha256", "a-signing-key").update(`${t}.${raw}`).digest("hex");
      return { isRight: v1 === right, age: signatureAge(header) };
    });
    expect(wrong).toEqual({ isRight: false, age: 0 });
    expect(old).toEqual({ isRight: true, age: 400 });
  });

  test("let a single delivery wait for the next one", async () => {
    const { sandbox, receiver } = await openSubscribed();
    await fault(sandbox, { swapOrder: true, times: 1 });
    const booked = await bookIntro(sandbox);
    await flush(sandbox);
    expect(receiver.received).toHaveLength(0);
    await sandbox.control("POST", "/calendly/cancel", { invitee: booked.inviteeId });
    await flush(sandbox);
    expect(receiver.received.map(({ raw }) => JSON.parse(raw).event)).toEqual([
      "invitee.canceled",
      "invitee.created",
    ]);
  });

  test("make the receiver unreachable until they are lifted, and send by hand on demand", async () => {
    const { sandbox, receiver } = await openSubscribed();
    await fault(sandbox, { refuseAfter: 1 });
    await bookIntro(sandbox);
    await flush(sandbox);
    await bookIntro(sandbox, { start: "2026-12-02T15:00:00Z" });
    expect(await flush(sandbox)).toMatchObject({ delivered: 1, pending: 1 });
    await sandbox.control("DELETE", "/faults");
    const [waiting] = (await sandbox.control("GET", "/deliveries?state=pending")).body.deliveries;
    const sent = await sandbox.control("POST", `/deliveries/${waiting.id}/resend`);
    expect(sent.body.state).toBe("delivered");
    expect(receiver.received).toHaveLength(2);
  });

  test("keep the first timestamp for retries when asked to", async () => {
    const { sandbox, receiver } = await openSubscribed();
    await sandbox.control("POST", "/settings", { retryTimestamp: "original" });
    receiver.state.status = 500;
    await bookIntro(sandbox);
    await flush(sandbox);
    await sandbox.control("POST", "/clock", { advanceMs: 5_000 });
    await flush(sandbox);
    const headers = receiver.received.map((row) => row.headers["calendly-webhook-signature"]);
    expect(headers).toHaveLength(2);
    expect(headers[0]).toBe(headers[1]);
  });
});
