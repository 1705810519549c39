import { expect, test } from "vitest";
import { checkConnection } from "#server/connections/check-connection.ts";
import { connectCalendly } from "#server/connections/connect-calendly.ts";
import { createWebhook } from "#server/connections/create-webhook.ts";
import { rotateToken } from "#server/connections/rotate-token.ts";
import { setUpConnections } from "#server/connections/testing/set-up-connections.ts";
import { addMs, DAY_MS } from "#server/lib/duration.ts";
import { TEST_NOW } from "#server/testing/factories.ts";
import { createWebhookRouter } from "./create-webhook-router.ts";
import { processDelivery } from "./process-delivery.ts";

const setUp = setUpConnections({ receiver: createWebhookRouter });

test("what is delivered while the token is dead is stored, counts by its signature, and a new token ends it (21)", async () => {
  const { deps, world, db, sandbox } = setUp;
  const organization = world.organization.organization.id;
  const { token } = await sandbox.control("/calendly/tokens", {
    organization,
    user: world.organization.users[0].id,
  });
  const connected = await connectCalendly(deps, world.actor, { workspaceId: world.workspace.id, token });
  if (!connected.ok) throw new Error(connected.error.code);
  const { connectionId } = connected;
  const ref = { workspaceId: world.workspace.id, connectionId };
  await createWebhook(deps, world.actor, { ...ref, takeOver: false });
  await sandbox.control(`/calendly/tokens/${token}/revoke`);
  expect(await checkConnection(deps, { connectionId })).toEqual({
    state: "action_needed",
    reasonCode: "unauthorized",
  });

  await sandbox.control("/calendly/book", {
    organization,
    eventType: "Intro call",
    start: addMs(TEST_NOW, 2 * DAY_MS).toISOString(),
    invitee: { email: "maya@ridgeline.example", name: "Maya Okafor" },
  });
  await sandbox.control("/deliveries/flush");
  const delivery = await db.webhookDelivery.findFirstOrThrow({ where: { connectionId } });
  expect(delivery).toMatchObject({ result: "accepted", eventType: "invitee.created" });
  await processDelivery(deps, { deliveryId: delivery.id });
  expect(await db.appointment.findMany({ where: { connectionId } })).toMatchObject([{ status: "confirmed" }]);

  expect(await rotateToken(deps, world.actor, { ...ref, token: world.ownerToken })).toEqual({ ok: true });
  const row = await db.connection.findUniqueOrThrow({ where: { id: connectionId } });
  expect(row).toMatchObject({ state: "healthy", reasonCode: null, breakerUntil: null });
});
