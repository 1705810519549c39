import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { signDelivery } from "#server/connections/test-webhook.ts";
import { setUpConnections } from "#server/connections/testing/set-up-connections.ts";
import { addMs, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { buildConnection, buildWorkspace, TEST_NOW } from "#server/testing/factories.ts";
import { createWebhookRouter } from "./create-webhook-router.ts";
import { receiveCalendlyDelivery } from "./receive-calendly-delivery.ts";
import { withoutLine } from "./testing/without-line.ts";

const KEY = "current-signing-key";
const OLD_KEY = "previous-signing-key";
const FIXTURE = JSON.parse(
  readFileSync(
    new URL("../providers/calendly/fixtures/delivery-invitee-created.json", import.meta.url),
    "utf8",
  ),
);

const setUp = setUpConnections({ receiver: createWebhookRouter });

async function connect(workspaceId = setUp.world.workspace.id, key = KEY) {
  return buildConnection(setUp.db, {
    workspaceId,
    tokenSealed: setUp.secrets.seal("token"),
    signingKeySealed: setUp.secrets.seal(key),
    previousSigningKeySealed: setUp.secrets.seal(OLD_KEY),
    previousKeyUntil: addMs(TEST_NOW, HOUR_MS),
  });
}

function sign(body: string, { key = KEY, at = TEST_NOW } = {}): string {
  return signDelivery(key, at, body);
}

async function post(body: string, signature: string | null, workspaceId = setUp.world.workspace.id) {
  const response = await fetch(`${setUp.publicUrl}/api/webhooks/calendly/${workspaceId}`, {
    method: "POST",
    body,
    headers: {
      "content-type": "text/plain",
      ...(signature === null ? {} : { "calendly-webhook-signature": signature }),
    },
  });
  return { status: response.status, body: await response.text() };
}

const booked = JSON.stringify(FIXTURE);
const deliveries = () => setUp.db.webhookDelivery.findMany({ orderBy: { receivedAt: "asc" } });

describe("R36: verify, store, answer", () => {
  test("a signed delivery is stored sealed and put in line, whatever content type it claims", async () => {
    const connection = await connect();
    expect((await post(booked, sign(booked))).status).toBe(200);
    const [row, ...others] = await deliveries();
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      workspaceId: setUp.world.workspace.id,
      connectionId: connection.id,
      eventType: "invitee.created",
      result: "accepted",
      resultReason: null,
      keyIndex: 0,
      processedAt: null,
    });
    expect(row?.bodySealed).not.toContain("invitee.created");
    expect(setUp.secrets.open(row?.bodySealed ?? "")).toBe(booked);
    expect(await setUp.waiting("process-delivery")).toBe(1);
  });

  test("a repeat is counted on the first one and works nothing twice", async () => {
    await connect();
    for (let i = 0; i < 3; i++) expect((await post(booked, sign(booked))).status).toBe(200);
    expect(await deliveries()).toMatchObject([{ duplicates: 2 }]);
    expect(await setUp.waiting("process-delivery")).toBe(1);
  });

  test("thirty at once are still one", async () => {
    await connect();
    const answers = await Promise.all(Array.from({ length: 30 }, () => post(booked, sign(booked))));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await deliveries()).toMatchObject([{ duplicates: 29 }]);
    expect(await setUp.waiting("process-delivery")).toBe(1);
  });

  test("an unknown event is kept as ignored, with its name", async () => {
    await connect();
    const body = JSON.stringify({ ...FIXTURE, event: "routing_form_submission.created" });
    expect((await post(body, sign(body))).status).toBe(200);
    expect(await deliveries()).toMatchObject([
      { result: "ignored", resultReason: "unknown_event", eventType: "routing_form_submission.created" },
    ]);
    expect(await setUp.waiting("process-delivery")).toBe(0);
  });

  test("signed nonsense is kept as failed and answered 2xx: a repeat would be the same bytes", async () => {
    await connect();
    expect((await post("{nonsense", sign("{nonsense"))).status).toBe(200);
    expect(await deliveries()).toMatchObject([{ result: "failed", resultReason: "malformed" }]);
  });
});

describe("R34: who is believed", () => {
  test.each([
    ["five minutes old", 5 * MINUTE_MS],
    ["a day old", 24 * HOUR_MS],
  ])("a delivery signed %s is a trigger only", async (_sentence, ageMs) => {
    await connect();
    expect((await post(booked, sign(booked, { at: addMs(TEST_NOW, -ageMs) }))).status).toBe(200);
    expect(await deliveries()).toMatchObject([{ result: "accepted", resultReason: "late" }]);
  });

  test("how old it may be is a setting", async () => {
    await connect();
    const config = { ...setUp.deps.config, calendlyWebhookToleranceMs: 10 * MINUTE_MS };
    const request = {
      workspaceId: setUp.world.workspace.id,
      signature: sign(booked, { at: addMs(TEST_NOW, -5 * MINUTE_MS) }),
      headers: {},
      rawBody: Buffer.from(booked),
    };
    expect(await receiveCalendlyDelivery({ ...setUp.deps, config }, request)).toBe("stored");
    expect(await deliveries()).toMatchObject([{ result: "accepted", resultReason: null }]);
  });

  test("the key before the rotation is accepted, and which one matched is recorded", async () => {
    await connect();
    expect((await post(booked, sign(booked, { key: OLD_KEY }))).status).toBe(200);
    expect(await deliveries()).toMatchObject([{ keyIndex: 1 }]);
  });

  test("until its time is over", async () => {
    await connect();
    setUp.clock.advance(HOUR_MS + 1_000);
    const signature = sign(booked, { key: OLD_KEY, at: setUp.clock.now() });
    expect((await post(booked, signature)).status).toBe(401);
  });

  test.each<[string, () => string | null]>([
    ["unsigned", () => null],
    ["signed with another key", () => sign(booked, { key: "somebody else's" })],
    ["signed over other bytes", () => sign(`${booked} `)],
    ["older than a day and an hour", () => sign(booked, { at: addMs(TEST_NOW, -26 * HOUR_MS) })],
    ["from the future", () => sign(booked, { at: addMs(TEST_NOW, 10 * MINUTE_MS) })],
  ])("%s: 401, remembered without its body, never worked on", async (_sentence, signature) => {
    await connect();
    expect((await post(booked, signature())).status).toBe(401);
    expect(await deliveries()).toMatchObject([{ result: "refused", bodySealed: null, dedupeKey: null }]);
    expect(await setUp.waiting("process-delivery")).toBe(0);
  });

  test("a refused one is kept by hash, size and the form of its headers", async () => {
    await connect();
    await post(booked, sign(booked, { key: "somebody else's" }));
    const [row] = await deliveries();
    expect(row).toMatchObject({
      bodyHash: createHash("sha256").update(booked).digest("hex"),
      bodyBytes: Buffer.byteLength(booked),
      headers: {
        "content-type": "text/plain",
        "calendly-webhook-signature": expect.stringMatching(/^t=\d+, /),
      },
    });
    expect(JSON.stringify(row)).not.toMatch(/v1=|ridgeline|jonas/i);
  });

  test("an unknown workspace, one without a connection and a wrong key look the same", async () => {
    await connect();
    const wrong = await post(booked, sign(booked, { key: "x" }));
    const unknown = await post(booked, sign(booked), "7b0d5a3e-1111-4222-8333-444455556666");
    const noWord = await post(booked, sign(booked), "not-a-workspace");
    expect(wrong.status).toBe(401);
    expect(unknown).toEqual(wrong);
    expect(noWord).toEqual(wrong);
  });

  test("a delivery for one workspace never enters another", async () => {
    await connect();
    const other = await buildWorkspace(setUp.db);
    await connect(other.id, "the other one's key");
    expect((await post(booked, sign(booked), other.id)).status).toBe(401);
    expect(
      await setUp.db.webhookDelivery.count({ where: { workspaceId: other.id, result: "accepted" } }),
    ).toBe(0);
  });

  test("a rise of refusals opens an incident, and a flood is not written down", async () => {
    const connection = await connect();
    for (let i = 0; i < 25; i++) await post(`${booked}${i}`, sign(booked));
    expect(await deliveries()).toHaveLength(20);
    const [incident] = await setUp.db.incident.findMany({ where: { connectionId: connection.id } });
    expect(incident).toMatchObject({ kind: "refused_deliveries", cause: "wrong", closedAt: null });
    expect(incident?.details).toMatchObject({ refused: 20 });
  });
});

test("a body above a megabyte is 413 and is not stored", async () => {
  await connect();
  const body = "x".repeat(1024 * 1024 + 1);
  expect((await post(body, sign(body))).status).toBe(413);
  expect(await deliveries()).toEqual([]);
});

test("what cannot be stored is answered 503, and nothing half is left", async () => {
  await connect();
  const request = {
    workspaceId: setUp.world.workspace.id,
    signature: sign(booked),
    headers: {},
    rawBody: Buffer.from(booked),
  };
  await withoutLine(setUp.db, () =>
    expect(receiveCalendlyDelivery(setUp.deps, request)).rejects.toMatchObject({
      status: 503,
      code: "unavailable",
    }),
  );
  expect(await deliveries()).toEqual([]);
});
