import { generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { setUpConnections } from "#server/connections/testing/set-up-connections.ts";
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { createLog } from "#server/lib/log.ts";
import { buildConnection, buildWorkspace, TEST_NOW } from "#server/testing/factories.ts";
import { createWebhookRouter } from "./create-webhook-router.ts";
import { receiveMarketplaceDelivery } from "./receive-marketplace-delivery.ts";
import { receiveWorkflowDelivery } from "./receive-workflow-delivery.ts";
import { withoutLine } from "./testing/without-line.ts";

const pair = generateKeyPairSync("ed25519");
const stranger = generateKeyPairSync("ed25519");
const PUBLIC_KEY = pair.publicKey.export({ format: "der", type: "spki" }).toString("base64");
const SECRET = "the-secret-that-the-owner-pasted";
const OLD_SECRET = "the-one-before";
const LOCATION = "0007BWpSzSwfiuSl0tR2";

const read = (name: string) =>
  JSON.parse(
    readFileSync(new URL(`../providers/highlevel/fixtures/delivery-${name}.json`, import.meta.url), "utf8"),
  );
const update = { ...read("appointment-update"), timestamp: TEST_NOW.toISOString() };
const workflow = read("workflow");

const setUp = setUpConnections({
  receiver: (deps) =>
    createWebhookRouter({ ...deps, config: { ...deps.config, highlevelWebhookPublicKey: PUBLIC_KEY } }),
});
// Workspaces of earlier tests stay, and must not listen to the same location.
beforeEach(() => setUp.db.connection.updateMany({ data: { state: "off" } }));

const deliveries = () => setUp.db.webhookDelivery.findMany({ orderBy: { receivedAt: "asc" } });

async function connect(overrides: Parameters<typeof buildConnection>[1] = {}) {
  return buildConnection(setUp.db, {
    workspaceId: setUp.world.workspace.id,
    provider: "highlevel",
    locationId: LOCATION,
    tokenSealed: setUp.secrets.seal("token"),
    signingKeySealed: setUp.secrets.seal(SECRET),
    previousSigningKeySealed: setUp.secrets.seal(OLD_SECRET),
    previousKeyUntil: addMs(TEST_NOW, HOUR_MS),
    ...overrides,
  });
}

async function post(path: string, body: string, headers: Record<string, string>) {
  const response = await fetch(`${setUp.publicUrl}/api/webhooks/highlevel${path}`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  });
  return { status: response.status, body: await response.text() };
}

function signed(body: string, key = pair.privateKey) {
  return { "x-ghl-signature": sign(null, Buffer.from(body), key).toString("base64") };
}

async function send(event: unknown, headers?: Record<string, string>) {
  const body = JSON.stringify(event);
  return post("", body, headers ?? signed(body));
}

describe("R35: the marketplace app's address", () => {
  test("a signed event is stored sealed for the workspace of its location, and put in line", async () => {
    const connection = await connect();
    expect((await send(update)).status).toBe(200);
    const [row, ...others] = await deliveries();
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      workspaceId: setUp.world.workspace.id,
      connectionId: connection.id,
      provider: "highlevel",
      eventType: "AppointmentUpdate",
      result: "accepted",
      resultReason: null,
      keyIndex: 0,
      signedAt: TEST_NOW,
    });
    expect(setUp.secrets.open(row?.bodySealed ?? "")).toBe(JSON.stringify(update));
    expect(await setUp.waiting("process-delivery")).toBe(1);
  });

  test("a repeat under the same webhookId is counted once, thirty at once too", async () => {
    await connect();
    const answers = await Promise.all(Array.from({ length: 30 }, () => send(update)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await deliveries()).toMatchObject([{ duplicates: 29 }]);
    expect(await setUp.waiting("process-delivery")).toBe(1);
  });

  const bytes = JSON.stringify(update);
  test.each<[string, Record<string, string>]>([
    ["unsigned", {}],
    ["signed with N/A", { "x-ghl-signature": "N/A" }],
    ["signed by a stranger", signed(bytes, stranger.privateKey)],
    ["signed over other bytes", signed(`${bytes} `)],
    ["signed the old way", { "x-wh-signature": signed(bytes)["x-ghl-signature"] }],
  ])(
    "%s: 401, noted without its body where it claims to be from, and never worked on",
    async (_sentence, headers) => {
      const connection = await connect();
      expect((await send(update, headers)).status).toBe(401);
      expect(await deliveries()).toMatchObject([
        { connectionId: connection.id, result: "refused", bodySealed: null, dedupeKey: null },
      ]);
      expect(await setUp.waiting("process-delivery")).toBe(0);
    },
  );

  test("refused, it touches nobody whose location it does not name", async () => {
    await connect();
    expect((await send({ ...update, locationId: "AnotherLocation00001" }, {})).status).toBe(401);
    expect(await deliveries()).toEqual([]);
  });

  test("a rise of refusals says at the connection that HighLevel's key may have changed", async () => {
    const connection = await connect();
    for (let i = 0; i < 25; i++) await send({ ...update, i }, signed("other bytes"));
    expect(await deliveries()).toHaveLength(20);
    expect(await setUp.db.incident.findMany({ where: { connectionId: connection.id } })).toMatchObject([
      { kind: "refused_deliveries", cause: "wrong", action: "check_public_key", closedAt: null },
    ]);
  });

  test("without a configured key nothing is believed", async () => {
    await connect();
    const door = { keys: [], logRefusal: vi.fn() };
    const request = { signature: signed(bytes)["x-ghl-signature"], headers: {}, rawBody: Buffer.from(bytes) };
    expect(await receiveMarketplaceDelivery(setUp.deps, door, request)).toBe("refused");
    expect(door.logRefusal).toHaveBeenCalledWith("no_key");
    expect(await deliveries()).toMatchObject([{ result: "refused", resultReason: "no_key" }]);
  });

  test.each<[string, number, number, string | null]>([
    ["sent an hour ago is a trigger only", HOUR_MS, 200, "late"],
    ["sent two days ago as well: retries come late", 2 * DAY_MS, 200, "late"],
    ["sent four minutes ago is the present", 4 * MINUTE_MS, 200, null],
    ["sent a week ago is refused", 7 * DAY_MS, 401, null],
  ])("one %s", async (_sentence, ageMs, status, reason) => {
    await connect();
    expect((await send({ ...update, timestamp: addMs(TEST_NOW, -ageMs).toISOString() })).status).toBe(status);
    expect(await deliveries()).toMatchObject(
      status === 200 ? [{ result: "accepted", resultReason: reason }] : [{ result: "refused" }],
    );
  });

  test.each<[string, unknown, Record<string, unknown>]>([
    [
      "an unknown type",
      { ...update, type: "TaskCreate" },
      { result: "ignored", resultReason: "unknown_event" },
    ],
    ["no id to go by", { ...update, appointment: {} }, { result: "failed", resultReason: "unreadable" }],
  ])("with %s it is answered 2xx and kept with its cause", async (_sentence, event, row) => {
    await connect();
    expect((await send(event)).status).toBe(200);
    expect(await deliveries()).toMatchObject([row]);
    expect(await setUp.waiting("process-delivery")).toBe(0);
  });

  test.each<[string, unknown]>([
    ["a location that nobody connected", { ...update, locationId: "someOtherLocation" }],
    ["no location", { type: "INSTALL", appId: "app1", companyId: "c1" }],
    ["no form at all", ["nonsense"]],
  ])("with %s it is answered 2xx, logged, and no workspace is touched", async (_sentence, event) => {
    await connect();
    const log = createLog("silent");
    const info = vi.spyOn(log, "info");
    const body = JSON.stringify(event);
    const request = { signature: signed(body)["x-ghl-signature"], headers: {}, rawBody: Buffer.from(body) };
    const door = { keys: [pair.publicKey], logRefusal: vi.fn() };
    expect(await receiveMarketplaceDelivery({ ...setUp.deps, log }, door, request)).toBe("ignored");
    expect((await send(event)).status).toBe(200);
    expect(info).toHaveBeenCalledOnce();
    expect(await deliveries()).toEqual([]);
  });

  test("a location of two workspaces is both's, one of a third stays out", async () => {
    await connect();
    const second = await buildWorkspace(setUp.db);
    const third = await buildWorkspace(setUp.db);
    const gone = await buildWorkspace(setUp.db);
    await connect({ workspaceId: second.id });
    await connect({ workspaceId: third.id, locationId: "anotherLocation" });
    await connect({ workspaceId: gone.id, state: "off" });
    expect((await send(update)).status).toBe(200);
    const touched = (await deliveries()).map(({ workspaceId }) => workspaceId).sort();
    expect(touched).toEqual([setUp.world.workspace.id, second.id].sort());
  });

  test("what cannot be stored is answered 429, and nothing half is left", async () => {
    await connect();
    const request = { signature: signed(bytes)["x-ghl-signature"], headers: {}, rawBody: Buffer.from(bytes) };
    const door = { keys: [pair.publicKey], logRefusal: vi.fn() };
    await withoutLine(setUp.db, () =>
      expect(receiveMarketplaceDelivery(setUp.deps, door, request)).rejects.toMatchObject({
        status: 429,
        code: "unavailable",
      }),
    );
    expect(await deliveries()).toEqual([]);
  });

  test("a body above a megabyte is 413", async () => {
    await connect();
    const body = "x".repeat(1024 * 1024 + 1);
    expect((await post("", body, signed(body))).status).toBe(413);
    expect(await deliveries()).toEqual([]);
  });
});

describe("R35: a workspace's address for workflows", () => {
  const call = (body: unknown, secret: string | null = SECRET, workspaceId = setUp.world.workspace.id) =>
    post(
      `/${workspaceId}`,
      typeof body === "string" ? body : JSON.stringify(body),
      secret === null ? {} : { "x-bookproof-secret": secret },
    );

  test("whoever knows the secret is stored, and what it names put in line", async () => {
    const connection = await connect();
    expect((await call(workflow)).status).toBe(200);
    expect(await deliveries()).toMatchObject([
      {
        connectionId: connection.id,
        provider: "highlevel",
        eventType: "workflow.appointment",
        result: "accepted",
        keyIndex: 0,
        signedAt: null,
      },
    ]);
    expect(await setUp.waiting("process-delivery")).toBe(1);
  });

  test.each<[string, string | null, string]>([
    ["no secret", null, "no_secret"],
    ["a wrong one", "guessed", "wrong_secret"],
    ["the right one and a blank", `${SECRET} x`, "wrong_secret"],
  ])("%s: 401, remembered without its body, never worked on", async (_sentence, secret, reason) => {
    await connect();
    expect((await call(workflow, secret)).status).toBe(401);
    expect(await deliveries()).toMatchObject([
      { result: "refused", resultReason: reason, provider: "highlevel", bodySealed: null, dedupeKey: null },
    ]);
    expect(await setUp.waiting("process-delivery")).toBe(0);
  });

  test("an unknown workspace, one without a secret, one that is off and a wrong secret look the same", async () => {
    await connect();
    const bare = await buildWorkspace(setUp.db);
    const off = await buildWorkspace(setUp.db);
    await connect({ workspaceId: bare.id, signingKeySealed: null, previousSigningKeySealed: null });
    await connect({ workspaceId: off.id, state: "off" });
    const wrong = await call(workflow, "guessed");
    expect(wrong.status).toBe(401);
    for (const id of [bare.id, off.id, "7b0d5a3e-1111-4222-8333-444455556666", "no-workspace"]) {
      expect(await call(workflow, SECRET, id)).toEqual(wrong);
    }
  });

  test("the former secret is accepted for its time, and which one matched is recorded", async () => {
    await connect();
    expect((await call(workflow, OLD_SECRET)).status).toBe(200);
    expect(await deliveries()).toMatchObject([{ keyIndex: 1 }]);
    setUp.clock.advance(2 * HOUR_MS);
    expect((await call(workflow, OLD_SECRET)).status).toBe(401);
  });

  test("the secret of one workspace opens no other", async () => {
    await connect();
    const other = await buildWorkspace(setUp.db);
    await connect({
      workspaceId: other.id,
      signingKeySealed: setUp.secrets.seal("theirs"),
      previousSigningKeySealed: null,
    });
    expect((await call(workflow, SECRET, other.id)).status).toBe(401);
    expect(
      await setUp.db.webhookDelivery.count({ where: { workspaceId: other.id, result: "accepted" } }),
    ).toBe(0);
  });

  test("another location than the connected one is refused", async () => {
    await connect();
    expect((await call({ ...workflow, location: { id: "someOtherLocation" } })).status).toBe(401);
    expect(await deliveries()).toMatchObject([{ result: "refused", resultReason: "foreign_location" }]);
  });

  test("once for everybody who is enrolled; again only when it may be news", async () => {
    await connect();
    for (let i = 0; i < 3; i++) expect((await call(workflow)).status).toBe(200);
    expect(await deliveries()).toMatchObject([{ duplicates: 2 }]);
    await setUp.db.webhookDelivery.updateMany({ data: { processedAt: TEST_NOW, tries: 1 } });
    setUp.clock.advance(30_000);
    await call(workflow);
    expect(await deliveries()).toMatchObject([{ processedAt: TEST_NOW }]);
    setUp.clock.advance(MINUTE_MS);
    await call(workflow);
    expect(await deliveries()).toMatchObject([{ duplicates: 4, processedAt: null, tries: 0 }]);
  });

  test("another time or status is another delivery", async () => {
    await connect();
    const { calendar } = workflow;
    await call(workflow);
    await call({ ...workflow, calendar: { ...calendar, startTime: "2026-11-26T10:00:00" } });
    await call({ ...workflow, calendar: { ...calendar, appoinmentStatus: "showed" } });
    expect(await deliveries()).toHaveLength(3);
    expect(await setUp.waiting("process-delivery")).toBe(1);
  });

  test.each<[string, unknown, Record<string, unknown>]>([
    ["no appointment", { contact_id: "c1" }, { result: "ignored", resultReason: "no_appointment" }],
    ["no JSON", "{nonsense", { result: "failed", resultReason: "malformed" }],
  ])("with %s it is answered 2xx and kept with its cause", async (_sentence, body, row) => {
    await connect();
    expect((await call(body)).status).toBe(200);
    expect(await deliveries()).toMatchObject([row]);
    expect(await setUp.waiting("process-delivery")).toBe(0);
  });

  test("a rise of refusals opens an incident, and a flood is not written down", async () => {
    const connection = await connect();
    for (let i = 0; i < 25; i++) await call({ ...workflow, i }, "guessed");
    expect(await deliveries()).toHaveLength(20);
    expect(await setUp.db.incident.findMany({ where: { connectionId: connection.id } })).toMatchObject([
      { kind: "refused_deliveries", cause: "wrong_secret", closedAt: null },
    ]);
  });

  test("what cannot be stored is answered 429, and nothing half is left", async () => {
    await connect();
    const request = {
      workspaceId: setUp.world.workspace.id,
      secret: SECRET,
      headers: {},
      rawBody: Buffer.from(JSON.stringify(workflow)),
    };
    await withoutLine(setUp.db, () =>
      expect(receiveWorkflowDelivery(setUp.deps, request)).rejects.toMatchObject({
        status: 429,
        code: "unavailable",
      }),
    );
    expect(await deliveries()).toEqual([]);
  });
});
