import { generateKeyPairSync } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { checkConnection } from "#server/connections/check-connection.ts";
import { connectHighLevel } from "#server/connections/connect-highlevel.ts";
import { createWorkflowSecret } from "#server/connections/create-workflow-secret.ts";
import { disconnect } from "#server/connections/disconnect.ts";
import { reprocessDelivery } from "#server/connections/reprocess-delivery.ts";
import { setUpConnections } from "#server/connections/testing/set-up-connections.ts";
import { workflowUrl } from "#server/connections/webhook-url.ts";
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { lookUpLead } from "#server/reconcile/look-up-lead.ts";
import { buildLead, TEST_NOW } from "#server/testing/factories.ts";
import { createWebhookRouter } from "./create-webhook-router.ts";
import { processDelivery } from "./process-delivery.ts";

const pair = generateKeyPairSync("ed25519");
const PUBLIC_KEY = pair.publicKey.export({ format: "pem", type: "spki" }).toString();
const PRIVATE_KEY = pair.privateKey.export({ format: "pem", type: "pkcs8" }).toString();
const START = addMs(TEST_NOW, 2 * DAY_MS);

const setUp = setUpConnections({
  receiver: (deps) =>
    createWebhookRouter({ ...deps, config: { ...deps.config, highlevelWebhookPublicKey: PUBLIC_KEY } }),
});
let connectionId = "";
let contactId = "";
let leadId = "";

const control = (path: string, body?: unknown) => setUp.sandbox.control(path, body);
const ref = () => ({ workspaceId: setUp.world.workspace.id, connectionId });
const findRow = () => setUp.db.connection.findUniqueOrThrow({ where: { id: connectionId } });
const deliveries = () =>
  setUp.db.webhookDelivery.findMany({ where: { connectionId }, orderBy: { receivedAt: "asc" } });
const appointments = () => setUp.db.appointment.findMany({ where: { connectionId } });

beforeEach(async () => {
  const { world, deps, db } = setUp;
  await db.connection.updateMany({ data: { state: "off" } });
  const token = world.location.token as string;
  const locationId = world.location.location.id as string;
  const outcome = await connectHighLevel(deps, world.actor, {
    workspaceId: world.workspace.id,
    token,
    locationId,
  });
  if (!outcome.ok) throw new Error(`not connected: ${outcome.error.code}`);
  connectionId = outcome.connectionId;
  const contact = await control("/highlevel/contact", {
    location: locationId,
    firstName: "Maya",
    lastName: "Okafor",
    email: "maya@ridgeline.example",
  });
  contactId = contact.id;
  leadId = (await buildLead(db, { workspaceId: world.workspace.id, email: "maya@ridgeline.example" })).id;
});

const openMarketplace = () =>
  control("/highlevel/webhooks", {
    url: `${setUp.publicUrl}/api/webhooks/highlevel`,
    privateKey: PRIVATE_KEY,
  });

async function openWorkflow(form = "standard") {
  const { secret } = await createWorkflowSecret(setUp.deps, setUp.world.actor, ref());
  await control("/highlevel/workflows", {
    location: setUp.world.location.location.id,
    url: workflowUrl(setUp.publicUrl, setUp.world.workspace.id),
    headers: { "X-Bookproof-Secret": secret },
    form,
  });
  return secret;
}

async function book(fields: Record<string, unknown> = {}): Promise<string> {
  const { id } = await control("/highlevel/book", {
    location: setUp.world.location.location.id,
    calendar: "Discovery",
    contact: contactId,
    start: START.toISOString(),
    ...fields,
  });
  await control("/highlevel/deliveries/flush");
  return id;
}

async function act(path: string, body: unknown): Promise<void> {
  await control(`/highlevel/${path}`, body);
  await control("/highlevel/deliveries/flush");
}

async function pass(ms: number): Promise<void> {
  setUp.clock.advance(ms);
  await control("/clock", { advanceMs: ms });
}

async function processAll(): Promise<void> {
  const open = (await deliveries()).filter((row) => row.result === "accepted" && row.processedAt === null);
  for (const { id } of open) await processDelivery(setUp.deps, { deliveryId: id });
}

describe("the marketplace, from end to end", () => {
  beforeEach(openMarketplace);

  test("booked, moved and canceled at HighLevel is known within a delivery each", async () => {
    const id = await book();
    await processAll();
    expect(await appointments()).toMatchObject([
      { providerId: id, status: "confirmed", leadId, source: "webhook", startAt: START },
    ]);
    expect(await setUp.db.lead.findUnique({ where: { id: leadId } })).toMatchObject({
      meetingState: "booked",
    });

    await pass(HOUR_MS);
    await act("update", { id, start: addMs(START, HOUR_MS).toISOString() });
    await processAll();
    expect(await appointments()).toMatchObject([{ status: "confirmed", startAt: addMs(START, HOUR_MS) }]);

    await pass(HOUR_MS);
    await act("update", { id, status: "cancelled" });
    await processAll();
    expect(await appointments()).toMatchObject([{ status: "canceled", leadId }]);
    const where = { leadId, type: "meeting_canceled" as const, status: "pending" as const };
    expect(await setUp.db.task.count({ where })).toBe(1);
    expect(await deliveries()).toMatchObject([
      { eventType: "AppointmentCreate", leadId, tries: 1 },
      { eventType: "AppointmentUpdate", leadId, tries: 1 },
      { eventType: "AppointmentUpdate", leadId, tries: 1 },
    ]);
    expect((await findRow()).lastEventAt).toEqual(addMs(TEST_NOW, 2 * HOUR_MS));
  });

  test("a deletion is a cancellation with its reason, although the word stays", async () => {
    const id = await book();
    await processAll();
    await pass(HOUR_MS);
    await act("delete", { id });
    await processAll();
    expect(await appointments()).toMatchObject([
      { status: "canceled", cancelReason: "deleted", providerStatus: "confirmed" },
    ]);
  });

  test("one that came and went before anybody looked is no loss", async () => {
    const id = await book();
    await act("delete", { id });
    const rows = await deliveries();
    await processDelivery(setUp.deps, { deliveryId: rows[0]?.id ?? "" });
    expect(await appointments()).toEqual([]);
    expect(await setUp.db.task.count({ where: { leadId } })).toBe(0);
    expect(await deliveries()).toMatchObject([
      { result: "ignored", resultReason: "not_known" },
      { result: "ignored", resultReason: "not_known" },
    ]);
  });

  test("its creation alone, delivered late, is looked for a while and then let go", async () => {
    await control("/highlevel/deliveries/faults", { types: ["AppointmentDelete"], drop: true });
    const id = await book();
    await act("delete", { id });
    const [row] = await deliveries();
    const deliveryId = row?.id ?? "";
    for (let tries = 0; tries < 3; tries++) {
      await expect(processDelivery(setUp.deps, { deliveryId })).rejects.toMatchObject({ code: "not_found" });
    }
    await processDelivery(setUp.deps, { deliveryId });
    expect(await deliveries()).toMatchObject([{ result: "ignored", resultReason: "not_known" }]);
    expect(await appointments()).toEqual([]);
  });

  test("repeats and disorder leave the present", async () => {
    await control("/highlevel/deliveries/faults", { duplicate: 2 });
    await control("/highlevel/deliveries/faults", { types: ["AppointmentCreate"], swapOrder: true });
    const { id } = await control("/highlevel/book", {
      location: setUp.world.location.location.id,
      calendar: "Discovery",
      contact: contactId,
      start: START.toISOString(),
    });
    await act("update", { id, status: "cancelled" });
    expect(await deliveries()).toMatchObject([{ duplicates: 2 }, { duplicates: 2 }]);
    expect(await setUp.waiting("process-delivery")).toBe(1);
    await processAll();
    expect(await appointments()).toMatchObject([{ providerId: id, status: "canceled" }]);
  });

  test.each(["wrong", "N/A", "missing"])("signed with %s it changes nothing", async (signature) => {
    await control("/highlevel/deliveries/faults", { signature });
    await book();
    expect(await deliveries()).toMatchObject([{ result: "refused", bodySealed: null }]);
    expect(await setUp.waiting("process-delivery")).toBe(0);
    const { deliveries: sent } = await setUp.sandbox.control("/highlevel/deliveries", {}, "GET");
    expect(sent).toMatchObject([{ state: "pending", attempts: [{ status: 401 }] }]);
  });

  const fail = (path: string) =>
    control("/faults", { provider: "highlevel", match: { path }, kind: "status", status: 503 });

  test("when HighLevel cannot be asked, the signed snapshot counts with its own time", async () => {
    const id = await book();
    await processAll();
    await pass(HOUR_MS);
    await act("update", { id, status: "cancelled" });
    await fail("/calendars/events/appointments");
    await pass(MINUTE_MS);
    await processAll();
    expect(await appointments()).toMatchObject([
      { status: "canceled", leadId, asOf: addMs(TEST_NOW, HOUR_MS) },
    ]);
  });

  test("also where a workflow called after it", async () => {
    await openWorkflow();
    const id = await book();
    await processAll();
    await pass(HOUR_MS);
    await act("update", { id, status: "cancelled" });
    await fail("/calendars/events/appointments");
    expect((await deliveries()).filter((row) => row.processedAt === null)).toHaveLength(2);
    await processAll();
    expect(await appointments()).toMatchObject([{ status: "canceled", leadId }]);
  });

  test("a late one is never believed by its snapshot, and can be started again", async () => {
    await control("/highlevel/deliveries/faults", { oldTimestampMs: 2 * HOUR_MS });
    await book();
    await fail("/calendars");
    const [row] = await deliveries();
    const deliveryId = row?.id ?? "";
    expect(row).toMatchObject({ resultReason: "late" });
    await expect(processDelivery(setUp.deps, { deliveryId })).rejects.toMatchObject({ kind: "unavailable" });
    await setUp.sandbox.control("/faults", {}, "DELETE");
    await reprocessDelivery(setUp.deps, setUp.world.actor, { ...ref(), deliveryId });
    await processAll();
    expect(await appointments()).toMatchObject([{ status: "confirmed" }]);
    expect(await deliveries()).toMatchObject([{ resultReason: "late", leadId }]);
  });

  test("disconnected, its deliveries belong to nobody", async () => {
    await disconnect(setUp.deps, setUp.world.actor, ref());
    await book();
    expect(await deliveries()).toEqual([]);
    const { deliveries: sent } = await setUp.sandbox.control("/highlevel/deliveries", {}, "GET");
    expect(sent).toMatchObject([{ state: "delivered" }]);
  });
});

describe("contacts", () => {
  beforeEach(openMarketplace);

  const change = (fields: Record<string, unknown>) =>
    act("contact", { location: setUp.world.location.location.id, id: contactId, ...fields });

  test("a changed address moves the booking to the lead who has it", async () => {
    const other = await buildLead(setUp.db, {
      workspaceId: setUp.world.workspace.id,
      email: "noor@ridgeline.example",
    });
    await book();
    await processAll();
    await pass(HOUR_MS);
    await change({ email: "Noor@Ridgeline.example", firstName: "Noor" });
    await processAll();
    expect(await appointments()).toMatchObject([
      { leadId: other.id, attendeeEmail: "noor@ridgeline.example", attendeeName: "Noor Okafor" },
    ]);
  });

  test("an additional address finds the lead of a booking that was nobody's", async () => {
    const lead = await buildLead(setUp.db, {
      workspaceId: setUp.world.workspace.id,
      email: "second@ridgeline.example",
    });
    await change({ email: "unheard-of@ridgeline.example" });
    await book();
    await processAll();
    expect(await appointments()).toMatchObject([{ leadId: null }]);
    await pass(HOUR_MS);
    await change({ additionalEmails: ["second@ridgeline.example"] });
    await processAll();
    expect(await appointments()).toMatchObject([{ leadId: lead.id }]);
  });

  test("one without a booking costs no call", async () => {
    await change({ lastName: "Adeyemi" });
    await control("/calls/reset");
    await processAll();
    const calls = await setUp.sandbox.control("/calls", {}, "GET");
    expect(calls.highlevel.total).toBe(0);
    expect(await deliveries()).toMatchObject([
      { result: "ignored", resultReason: "contact_without_booking" },
    ]);
  });

  test("one that did not change anything we keep is read and left", async () => {
    await book();
    await processAll();
    await change({ tags: ["vip"] });
    await control("/calls/reset");
    await processAll();
    expect((await setUp.sandbox.control("/calls", {}, "GET")).highlevel.total).toBe(1);
    expect(await appointments()).toMatchObject([{ leadId }]);
  });

  test("a deleted one keeps its addresses: its bookings stay that person's", async () => {
    await book();
    await processAll();
    const locationId = setUp.world.location.location.id;
    await control("/highlevel/events", { type: "ContactDelete", locationId, id: contactId });
    await control("/highlevel/deliveries/flush");
    await control("/faults", {
      provider: "highlevel",
      match: { path: "/contacts/" },
      kind: "status",
      status: 400,
      body: { statusCode: 400, message: `Contact with id ${contactId} not found` },
    });
    await processAll();
    expect(await setUp.db.rememberedContact.findMany({ where: { contactId } })).toMatchObject([
      { gone: true, emails: ["maya@ridgeline.example"] },
    ]);
    expect(await appointments()).toMatchObject([{ leadId }]);
  });
});

describe("a workflow, from end to end", () => {
  test.each(["standard", "mapped"])(
    "in the %s form names the booking, and HighLevel says the rest",
    async (form) => {
      await openWorkflow(form);
      const id = await book();
      await processAll();
      expect(await appointments()).toMatchObject([{ providerId: id, status: "confirmed", leadId }]);
      await pass(HOUR_MS);
      await act("update", { id, status: "cancelled" });
      await processAll();
      expect(await appointments()).toMatchObject([{ status: "canceled", leadId, source: "webhook" }]);
      expect((await findRow()).lastEventAt).toEqual(addMs(TEST_NOW, HOUR_MS));
    },
  );

  test("what it says is never believed", async () => {
    const secret = await openWorkflow();
    const id = await book();
    await processAll();
    await pass(HOUR_MS);
    const body = JSON.stringify({ appointmentId: id, status: "cancelled" });
    const url = workflowUrl(setUp.publicUrl, setUp.world.workspace.id);
    await fetch(url, { method: "POST", body, headers: { "x-bookproof-secret": secret } });
    await processAll();
    expect(await appointments()).toMatchObject([{ status: "confirmed" }]);
    await control("/faults", { provider: "highlevel", kind: "status", status: 503 });
    await pass(HOUR_MS);
    await fetch(url, { method: "POST", body, headers: { "x-bookproof-secret": secret } });
    await expect(processAll()).rejects.toMatchObject({ kind: "unavailable" });
    expect(await appointments()).toMatchObject([{ status: "confirmed" }]);
  });

  test("is heard again when its location is connected again, though its words are the same", async () => {
    const { world, deps } = setUp;
    const url = workflowUrl(setUp.publicUrl, world.workspace.id);
    const call = async (secret: string, id: string) => {
      const body = JSON.stringify({ appointmentId: id });
      await fetch(url, { method: "POST", body, headers: { "x-bookproof-secret": secret } });
    };
    const newSecret = async () => (await createWorkflowSecret(deps, world.actor, ref())).secret;
    const id = await book();
    const former = await newSecret();
    await call(former, id);
    await processAll();
    await act("update", { id, start: addMs(START, HOUR_MS).toISOString() });
    await pass(HOUR_MS);
    await call(former, id);
    await disconnect(deps, world.actor, ref());
    const { token, location } = world.location;
    const again = await connectHighLevel(deps, world.actor, {
      workspaceId: world.workspace.id,
      token,
      locationId: location.id,
    });
    if (!again.ok) throw new Error(`not connected: ${again.error.code}`);
    connectionId = again.connectionId;
    // What waited meanwhile, and what says the same later.
    await processAll();
    expect(await appointments()).toMatchObject([{ startAt: addMs(START, HOUR_MS), source: "webhook" }]);
    await act("update", { id, status: "cancelled" });
    await pass(HOUR_MS);
    await call(await newSecret(), id);
    await processAll();
    expect(await appointments()).toMatchObject([{ status: "canceled", leadId, source: "webhook" }]);
  });

  test("a new secret leaves the former one a day and an hour, and closes what refusals had opened", async () => {
    const first = await openWorkflow();
    const url = workflowUrl(setUp.publicUrl, setUp.world.workspace.id);
    const call = async (secret: string) =>
      (await fetch(url, { method: "POST", body: "{}", headers: { "x-bookproof-secret": secret } })).status;
    for (let i = 0; i < 3; i++) await call("guessed");
    expect(await setUp.db.incident.count({ where: { connectionId, closedAt: null } })).toBe(1);
    const { secret, formerUntil } = await createWorkflowSecret(setUp.deps, setUp.world.actor, ref());
    expect(formerUntil).toEqual(addMs(TEST_NOW, 25 * HOUR_MS));
    expect(await setUp.db.incident.count({ where: { connectionId, closedAt: null } })).toBe(0);
    expect([await call(first), await call(secret)]).toEqual([200, 200]);
    setUp.clock.advance(26 * HOUR_MS);
    expect([await call(first), await call(secret)]).toEqual([401, 200]);
    expect((await findRow()).signingKeySealed).not.toContain(secret);
  });

  test("nobody makes one for a connection of another workspace, or one that is off", async () => {
    const { deps, world } = setUp;
    const foreign = { workspaceId: "7b0d5a3e-1111-4222-8333-444455556666", connectionId };
    await expect(createWorkflowSecret(deps, world.actor, foreign)).rejects.toMatchObject({ status: 404 });
    await openWorkflow();
    await disconnect(deps, world.actor, ref());
    expect(await findRow()).toMatchObject({ signingKeySealed: null, previousSigningKeySealed: null });
    await expect(createWorkflowSecret(deps, world.actor, ref())).rejects.toMatchObject({ status: 409 });
  });
});

describe("R37: who has called is expected to call again", () => {
  const check = () => checkConnection(setUp.deps, { connectionId });

  test("a location whose owner changed its zone has its wall times read in the new one", async () => {
    await book();
    await lookUpLead(setUp.deps, leadId, { priority: "live" });
    const { location } = setUp.world.location;
    await control("/highlevel/locations", { ...location, timezone: "Europe/Berlin", calendars: [] });
    await check();
    await lookUpLead(setUp.deps, leadId, { priority: "live" });
    expect(await appointments()).toMatchObject([{ startAt: START, movedFromAt: null }]);
  });

  test("silence means nothing before the first event, and is told when it is unusual", async () => {
    await openMarketplace();
    await pass(DAY_MS);
    expect(await check()).toEqual({ state: "healthy", reasonCode: null });
    const { workspace } = setUp.world;
    const event = {
      provider: "highlevel" as const,
      bodyHash: "h",
      bodyBytes: 1,
      result: "accepted" as const,
    };
    const weekAgo = addMs(setUp.clock.now(), -7 * DAY_MS);
    await setUp.db.webhookDelivery.createMany({
      data: [-3, 1, 1.2, 1.4, 1.6, 1.8, 2].map((hours) => ({
        ...event,
        workspaceId: workspace.id,
        connectionId,
        receivedAt: addMs(weekAgo, hours * HOUR_MS),
        processedAt: weekAgo,
      })),
    });
    await setUp.db.connection.update({
      where: { id: connectionId },
      data: { lastEventAt: setUp.clock.now() },
    });
    await pass(4 * HOUR_MS);
    expect(await check()).toEqual({ state: "quiet", reasonCode: "no_events" });
    await book();
    await processAll();
    expect(await findRow()).toMatchObject({ state: "healthy", reasonCode: null });
  });
});
