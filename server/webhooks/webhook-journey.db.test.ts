import { beforeEach, describe, expect, test } from "vitest";
import { checkConnection } from "#server/connections/check-connection.ts";
import { chooseEventTypes } from "#server/connections/choose-event-types.ts";
import { connectCalendly } from "#server/connections/connect-calendly.ts";
import { createWebhook } from "#server/connections/create-webhook.ts";
import { disconnect } from "#server/connections/disconnect.ts";
import { reprocessDelivery } from "#server/connections/reprocess-delivery.ts";
import { testWebhook } from "#server/connections/test-webhook.ts";
import { setUpConnections } from "#server/connections/testing/set-up-connections.ts";
import { addMs, DAY_MS, HOUR_MS } from "#server/lib/duration.ts";
import { buildLead, TEST_NOW } from "#server/testing/factories.ts";
import { createWebhookRouter } from "./create-webhook-router.ts";
import { processDelivery } from "./process-delivery.ts";

const setUp = setUpConnections({ receiver: createWebhookRouter });
let connectionId = "";

beforeEach(async () => {
  connectionId = await connectWith(setUp.world.ownerToken);
});

async function connectWith(token: string): Promise<string> {
  const { world, deps } = setUp;
  const outcome = await connectCalendly(deps, world.actor, { workspaceId: world.workspace.id, token });
  if (!outcome.ok) throw new Error(`not connected: ${outcome.error.code}`);
  return outcome.connectionId;
}

const ref = () => ({ workspaceId: setUp.world.workspace.id, connectionId });
const subscribe = (takeOver = false) => createWebhook(setUp.deps, setUp.world.actor, { ...ref(), takeOver });
const findRow = () => setUp.db.connection.findUniqueOrThrow({ where: { id: connectionId } });
const webhooks = async () => (await setUp.sandbox.control("/calendly/webhooks", {}, "GET")).webhooks;

async function book(email: string) {
  const meeting = await setUp.sandbox.control("/calendly/book", {
    organization: setUp.world.organization.organization.id,
    eventType: "Intro call",
    start: addMs(TEST_NOW, 2 * DAY_MS).toISOString(),
    invitee: { email, name: "Maya Okafor" },
  });
  await setUp.sandbox.control("/deliveries/flush");
  return meeting;
}

async function processAll(): Promise<void> {
  const open = await setUp.db.webhookDelivery.findMany({
    where: { connectionId, processedAt: null, result: "accepted" },
  });
  for (const { id } of open) await processDelivery(setUp.deps, { deliveryId: id });
}

describe("the whole road: connected, booked, canceled, disconnected", () => {
  test("a cancellation at Calendly becomes the appointment's word", async () => {
    expect(await subscribe()).toMatchObject({ ok: true, webhook: { scope: "organization" }, notRemoved: 0 });
    expect(await findRow()).toMatchObject({ state: "healthy", reasonCode: null, webhookState: "active" });
    const lead = await buildLead(setUp.db, {
      workspaceId: setUp.world.workspace.id,
      email: "maya@ridgeline.example",
    });

    const meeting = await book("maya@ridgeline.example");
    await processAll();
    const where = { workspaceId: setUp.world.workspace.id, providerId: meeting.inviteeId };
    expect(await setUp.db.appointment.findFirst({ where })).toMatchObject({
      status: "confirmed",
      leadId: lead.id,
      source: "webhook",
    });

    setUp.clock.advance(HOUR_MS);
    await setUp.sandbox.control("/clock", { advanceMs: HOUR_MS });
    await setUp.sandbox.control("/calendly/cancel", { invitee: meeting.inviteeId, reason: "Sick" });
    await setUp.sandbox.control("/deliveries/flush");
    await processAll();
    expect(await setUp.db.appointment.findFirst({ where })).toMatchObject({
      status: "canceled",
      cancelReason: "Sick",
    });
    const rows = await setUp.db.webhookDelivery.findMany({
      where: { connectionId },
      orderBy: { receivedAt: "asc" },
    });
    expect(rows).toMatchObject([
      { eventType: "invitee.created", leadId: lead.id, tries: 1 },
      { eventType: "invitee.canceled", leadId: lead.id, tries: 1 },
    ]);
    expect((await findRow()).lastEventAt).toEqual(addMs(TEST_NOW, HOUR_MS));
  });

  test("a booking and its cancellation that wait together are read once and leave the present", async () => {
    await subscribe();
    const meeting = await book("maya@ridgeline.example");
    await setUp.sandbox.control("/calendly/cancel", { invitee: meeting.inviteeId });
    await setUp.sandbox.control("/deliveries/flush");
    expect(await setUp.waiting("process-delivery")).toBe(1);
    await setUp.sandbox.control("/calls/reset");
    const [first] = await setUp.db.webhookDelivery.findMany({ where: { connectionId } });
    await processDelivery(setUp.deps, { deliveryId: first?.id ?? "" });
    expect(await setUp.db.webhookDelivery.count({ where: { connectionId, processedAt: null } })).toBe(0);
    expect(await setUp.db.appointment.findMany({ where: { connectionId } })).toMatchObject([
      { status: "canceled" },
    ]);
  });

  test("a no-show that is marked and taken back twice within one of Calendly's seconds is taken back", async () => {
    await subscribe();
    const { id } = await buildLead(setUp.db, {
      workspaceId: setUp.world.workspace.id,
      email: "maya@ridgeline.example",
    });
    const meeting = await book("maya@ridgeline.example");
    setUp.clock.advance(3 * DAY_MS);
    await setUp.sandbox.control("/clock", { advanceMs: 3 * DAY_MS });
    for (const act of ["no-show", "no-show/undo", "no-show", "no-show/undo"]) {
      await setUp.sandbox.control(`/calendly/${act}`, { invitee: meeting.inviteeId });
      await setUp.sandbox.control("/deliveries/flush");
      await processAll();
      // Our clock goes on, theirs tells whole seconds.
      setUp.clock.advance(1);
    }
    expect(await setUp.db.lead.findUniqueOrThrow({ where: { id } })).toMatchObject({ meetingState: "held" });
  });

  test("a booking on an event type that was left out is ignored where the workspace is strict", async () => {
    await subscribe();
    const { world, db } = setUp;
    const other = await db.connectionEventType.findFirstOrThrow({ where: { connectionId, name: "Demo" } });
    const selected = [other.providerId];
    await chooseEventTypes(setUp.deps, world.actor, { ...ref(), selected, includeNew: false });
    await db.workspace.update({ where: { id: world.workspace.id }, data: { strictEventTypes: true } });
    await book("maya@ridgeline.example");
    await processAll();
    expect(await db.webhookDelivery.findMany({ where: { connectionId } })).toMatchObject([
      { result: "ignored", resultReason: "event_type_off" },
    ]);
    expect(await db.appointment.count({ where: { connectionId } })).toBe(0);
  });

  test("one that is evidence is followed to its end, also where its type is left out since (R10)", async () => {
    await subscribe();
    const { world, db } = setUp;
    const meeting = await book("maya@ridgeline.example");
    await processAll();
    const other = await db.connectionEventType.findFirstOrThrow({ where: { connectionId, name: "Demo" } });
    const selected = [other.providerId];
    await chooseEventTypes(setUp.deps, world.actor, { ...ref(), selected, includeNew: false });
    await db.workspace.update({ where: { id: world.workspace.id }, data: { strictEventTypes: true } });
    setUp.clock.advance(HOUR_MS);
    await setUp.sandbox.control("/calendly/cancel", { invitee: meeting.inviteeId });
    await setUp.sandbox.control("/deliveries/flush");
    await processAll();
    expect(await db.appointment.findMany({ where: { connectionId } })).toMatchObject([
      { status: "canceled", onConfiguredType: false },
    ]);
  });

  test("when Calendly cannot be asked, the signed snapshot counts", async () => {
    await subscribe();
    await book("maya@ridgeline.example");
    await setUp.sandbox.control("/faults", {
      provider: "calendly",
      match: { path: "/scheduled_events" },
      kind: "status",
      status: 503,
    });
    await processAll();
    await setUp.sandbox.control("/faults", {}, "DELETE");
    expect(await setUp.db.appointment.findMany({ where: { connectionId } })).toMatchObject([
      { status: "confirmed", attendeeEmail: "maya@ridgeline.example" },
    ]);
  });

  test("a late one is never believed by its snapshot: it fails, waits and can be started again", async () => {
    await subscribe();
    await book("maya@ridgeline.example");
    const [row] = await setUp.db.webhookDelivery.findMany({ where: { connectionId } });
    const deliveryId = row?.id ?? "";
    await setUp.db.webhookDelivery.update({
      where: { id: deliveryId },
      data: { resultReason: "late", tries: 6 },
    });
    await setUp.sandbox.control("/faults", { provider: "calendly", kind: "status", status: 503 });
    await expect(processDelivery(setUp.deps, { deliveryId })).rejects.toMatchObject({ kind: "unavailable" });
    await setUp.sandbox.control("/faults", {}, "DELETE");
    expect(await setUp.db.webhookDelivery.findUnique({ where: { id: deliveryId } })).toMatchObject({
      result: "failed",
      resultReason: "provider_unavailable",
    });
    await reprocessDelivery(setUp.deps, setUp.world.actor, {
      workspaceId: setUp.world.workspace.id,
      deliveryId,
    });
    await processAll();
    expect(await setUp.db.webhookDelivery.findUnique({ where: { id: deliveryId } })).toMatchObject({
      result: "accepted",
      tries: 1,
    });
  });

  test("disconnected: webhook, token and keys go, what is known stays", async () => {
    await subscribe();
    await book("maya@ridgeline.example");
    await processAll();
    const result = await disconnect(setUp.deps, setUp.world.actor, ref());
    expect(result).toEqual({
      webhook: { outcome: "deleted" },
      tokenErased: true,
      kept: { meetings: 1, openRedTasks: 0 },
    });
    expect(await webhooks()).toEqual([]);
    expect(await findRow()).toMatchObject({
      state: "off",
      tokenSealed: null,
      signingKeySealed: null,
      previousSigningKeySealed: null,
      webhookId: null,
      disconnectedById: setUp.world.actor.id,
    });
    expect(await setUp.db.appointment.count({ where: { connectionId, status: "confirmed" } })).toBe(1);
    await expect(disconnect(setUp.deps, setUp.world.actor, ref())).rejects.toMatchObject({ status: 409 });
  });

  test("a revoked token disconnects too, and the reason is told", async () => {
    await subscribe();
    await setUp.sandbox.control(`/calendly/tokens/${setUp.world.ownerToken}/revoke`);
    const result = await disconnect(setUp.deps, setUp.world.actor, ref());
    expect(result.webhook).toEqual({ outcome: "not_deleted", reason: "unauthorized" });
    expect(await findRow()).toMatchObject({ state: "off", tokenSealed: null });
  });
});

describe("creating the webhook", () => {
  test("our own address answers to our own signature", async () => {
    await subscribe();
    expect(await testWebhook(setUp.deps, setUp.world.workspace.id)).toBe("passed");
    expect(await setUp.db.webhookDelivery.count({ where: { connectionId } })).toBe(0);
  });

  test("one that exists is not ours to adopt: it is named, then replaced, the new one first", async () => {
    await subscribe();
    const [before] = await webhooks();
    expect(await subscribe()).toMatchObject({ ok: false, error: { code: "exists" } });
    expect(await subscribe(true)).toMatchObject({ ok: true, notRemoved: 0 });
    const after = await webhooks();
    expect(after).toHaveLength(1);
    expect(after[0].id).not.toBe(before.id);
    expect(await findRow()).toMatchObject({ webhookId: after[0].id, state: "healthy" });
    expect((await findRow()).previousKeyUntil).toEqual(addMs(TEST_NOW, 25 * HOUR_MS));
  });

  test("one that leads to a former address of ours goes when the new one stands", async () => {
    await subscribe();
    const [before] = await webhooks();
    const moved = { ...setUp.deps, publicUrl: "https://new.bookproof.example" };
    await createWebhook(moved, setUp.world.actor, { ...ref(), takeOver: true });
    const after = await webhooks();
    expect(after).toHaveLength(1);
    expect(after[0].id).not.toBe(before.id);
    expect(after[0].callbackUrl).toContain("https://new.bookproof.example/api/webhooks/calendly/");
  });

  test("a member's token creates it for that member", async () => {
    await disconnect(setUp.deps, setUp.world.actor, ref());
    connectionId = await connectWith(setUp.world.memberToken);
    expect(await subscribe()).toMatchObject({ ok: true, webhook: { scope: "user" } });
  });

  test("a token that may not is answered with the scope, and sweeps go on", async () => {
    await disconnect(setUp.deps, setUp.world.actor, ref());
    const { token } = await setUp.sandbox.control("/calendly/tokens", {
      organization: setUp.world.organization.organization.id,
      user: "dana@northwind.example",
      scopes: [
        "users:read",
        "organizations:read",
        "event_types:read",
        "scheduled_events:read",
        "webhooks:read",
      ],
    });
    connectionId = await connectWith(token);
    const outcome = await subscribe();
    expect(outcome).toMatchObject({ ok: false, error: { code: "scope" } });
    expect(await findRow()).toMatchObject({
      state: "polling",
      reasonCode: "no_webhook_scope",
      signingKeySealed: null,
    });
  });

  test("an answer that got lost is looked for, not asked for twice", async () => {
    await setUp.sandbox.control("/faults", {
      provider: "calendly",
      match: { method: "POST", path: "/webhook_subscriptions" },
      kind: "truncate",
      times: 1,
    });
    expect(await subscribe()).toMatchObject({ ok: true });
    expect(await webhooks()).toHaveLength(1);
    await book("maya@ridgeline.example");
    expect(await setUp.db.webhookDelivery.count({ where: { connectionId, result: "accepted" } })).toBe(1);
  });
});

describe("R37: health is watched", () => {
  const check = () => checkConnection(setUp.deps, { connectionId });

  test("a webhook that stands is healthy; one that retries says since when", async () => {
    await subscribe();
    expect(await check()).toEqual({ state: "healthy", reasonCode: null });
    const [webhook] = await webhooks();
    await setUp.sandbox.control(`/calendly/webhooks/${webhook.id}`, {
      retryStartedAt: TEST_NOW.toISOString(),
    });
    expect(await check()).toEqual({ state: "retrying", reasonCode: "webhook_retrying" });
    expect((await findRow()).retryStartedAt).toEqual(TEST_NOW);
    await book("maya@ridgeline.example");
    await processAll();
    expect(await findRow()).toMatchObject({ state: "healthy", retryStartedAt: null });
  });

  test("one that was turned off or deleted is created anew, and an incident names the gap", async () => {
    await subscribe();
    const [webhook] = await webhooks();
    await setUp.sandbox.control(`/calendly/webhooks/${webhook.id}`, {}, "DELETE");
    setUp.clock.advance(DAY_MS);
    expect(await check()).toEqual({ state: "healthy", reasonCode: null });
    const [incident] = await setUp.db.incident.findMany({ where: { connectionId } });
    expect(incident).toMatchObject({ kind: "dead_feed", cause: "webhook_gone", closedAt: null });
    expect(incident?.details).toEqual({
      from: TEST_NOW.toISOString(),
      to: addMs(TEST_NOW, DAY_MS).toISOString(),
    });
    expect(await setUp.waiting("fill-gap")).toBe(1);
  });

  test("a revoked token needs a person, an outage does not, and a used-up limit is no news", async () => {
    await subscribe();
    await setUp.sandbox.control("/faults", { provider: "calendly", kind: "status", status: 500 });
    expect(await check()).toEqual({ state: "retrying", reasonCode: "provider_unreachable" });
    await setUp.sandbox.control("/faults", {}, "DELETE");
    expect(await check()).toEqual({ state: "healthy", reasonCode: null });
    await setUp.sandbox.control(`/calendly/tokens/${setUp.world.ownerToken}/revoke`);
    expect(await check()).toEqual({ state: "action_needed", reasonCode: "unauthorized" });
    await setUp.sandbox.control(`/calendly/tokens/${setUp.world.ownerToken}/restore`);
    expect(await check()).toEqual({ state: "healthy", reasonCode: null });
    const audit = await setUp.db.auditEntry.count({
      where: { subjectId: connectionId, verb: "connection_state_changed" },
    });
    expect(audit).toBe(5);
  });

  test("a disconnected account is left alone", async () => {
    await disconnect(setUp.deps, setUp.world.actor, ref());
    expect(await check()).toEqual({ state: "off", reasonCode: null });
    expect(await findRow()).toMatchObject({ state: "off", reasonCode: "disconnected" });
  });
});
