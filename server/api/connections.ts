import { z } from "zod";
import { operator } from "#server/audit/actor.ts";
import { checkConnection } from "#server/connections/check-connection.ts";
import { chooseEventTypes } from "#server/connections/choose-event-types.ts";
import { confirmDrop } from "#server/connections/confirm-drop.ts";
import { connectCalendly } from "#server/connections/connect-calendly.ts";
import { connectHighLevel } from "#server/connections/connect-highlevel.ts";
import { createWebhook } from "#server/connections/create-webhook.ts";
import { createWorkflowSecret } from "#server/connections/create-workflow-secret.ts";
import { listDeliveries, loadDelivery } from "#server/connections/deliveries.ts";
import { disconnect } from "#server/connections/disconnect.ts";
import { findActiveConnection } from "#server/connections/find-connection.ts";
import {
  listAllConnections,
  listConnections,
  loadHealth,
  loadManageFacts,
} from "#server/connections/queries.ts";
import { reprocessDelivery } from "#server/connections/reprocess-delivery.ts";
import { rotateToken } from "#server/connections/rotate-token.ts";
import { testWebhook } from "#server/connections/test-webhook.ts";
import { verifyCalendlyToken } from "#server/connections/verify-calendly-token.ts";
import { DeliveryResult } from "#server/db/generated/enums.ts";
import { adminProcedure, router, workspaceProcedure } from "./trpc.ts";

const seeing = workspaceProcedure("connections.health");
const managing = workspaceProcedure("connections.manage");
const token = z.object({ token: z.string().trim().min(1).max(5_000) });
const connection = z.object({ connectionId: z.uuid() });

export const connectionsRouter = router({
  list: seeing.query(async ({ ctx }) => ({
    rows: await listConnections(ctx.deps.db, ctx.access.workspaceId),
    asOf: ctx.deps.clock.now(),
  })),

  listAll: adminProcedure.query(async ({ ctx }) => ({
    rows: await listAllConnections(ctx.deps.db),
    asOf: ctx.deps.clock.now(),
  })),

  health: seeing
    .input(connection)
    .query(({ ctx, input }) =>
      loadHealth(ctx.deps, { workspaceId: ctx.access.workspaceId, connectionId: input.connectionId }),
    ),

  manage: managing
    .input(connection)
    .query(({ ctx, input }) =>
      loadManageFacts(ctx.deps, { workspaceId: ctx.access.workspaceId, connectionId: input.connectionId }),
    ),

  /** Stores nothing: what the token is, or why it is not good for this. */
  verifyCalendly: managing
    .input(token)
    .mutation(({ ctx, input }) => verifyCalendlyToken(ctx.deps, input.token)),

  connectCalendly: managing.input(token).mutation(({ ctx, input }) =>
    connectCalendly(ctx.deps, operator(ctx.user.id), {
      workspaceId: ctx.access.workspaceId,
      token: input.token,
    }),
  ),

  connectHighLevel: managing
    .input(token.extend({ locationId: z.string().trim().min(1).max(100) }))
    .mutation(({ ctx, input }) =>
      connectHighLevel(ctx.deps, operator(ctx.user.id), {
        workspaceId: ctx.access.workspaceId,
        token: input.token,
        locationId: input.locationId,
      }),
    ),

  rotateToken: managing.input(connection.extend(token.shape)).mutation(({ ctx, input }) =>
    rotateToken(ctx.deps, operator(ctx.user.id), {
      workspaceId: ctx.access.workspaceId,
      connectionId: input.connectionId,
      token: input.token,
    }),
  ),

  chooseEventTypes: managing
    .input(
      connection.extend({
        selected: z.array(z.string().min(1).max(100)).min(1).max(2_000),
        includeNew: z.boolean(),
      }),
    )
    .mutation(({ ctx, input }) =>
      chooseEventTypes(ctx.deps, operator(ctx.user.id), {
        workspaceId: ctx.access.workspaceId,
        connectionId: input.connectionId,
        selected: input.selected,
        includeNew: input.includeNew,
      }),
    ),

  /** `takeOver` replaces what is there: an unknown one, one that was turned off, or our own with a new key. */
  createWebhook: managing.input(connection.extend({ takeOver: z.boolean() })).mutation(({ ctx, input }) =>
    createWebhook(ctx.deps, operator(ctx.user.id), {
      workspaceId: ctx.access.workspaceId,
      connectionId: input.connectionId,
      takeOver: input.takeOver,
    }),
  ),

  /** The secret that HighLevel workflows send: answered once, here. */
  createWorkflowSecret: managing.input(connection).mutation(({ ctx, input }) =>
    createWorkflowSecret(ctx.deps, operator(ctx.user.id), {
      workspaceId: ctx.access.workspaceId,
      connectionId: input.connectionId,
    }),
  ),

  /** Asks the provider now. */
  check: managing.input(connection).mutation(async ({ ctx, input }) => {
    const ref = { workspaceId: ctx.access.workspaceId, connectionId: input.connectionId };
    const { id } = await findActiveConnection(ctx.deps.db, ref);
    return checkConnection(ctx.deps, { connectionId: id }, undefined, "live");
  }),

  /** Those that a list left out are really gone: each is asked for, and what is not found is lost. */
  confirmDrop: managing.input(connection).mutation(({ ctx, input }) =>
    confirmDrop(ctx.deps, operator(ctx.user.id), {
      workspaceId: ctx.access.workspaceId,
      connectionId: input.connectionId,
    }),
  ),

  /** Sends our own address a signed delivery. */
  testWebhook: managing.mutation(async ({ ctx }) => ({
    outcome: await testWebhook(ctx.deps, ctx.access.workspaceId),
  })),

  disconnect: managing.input(connection).mutation(({ ctx, input }) =>
    disconnect(ctx.deps, operator(ctx.user.id), {
      workspaceId: ctx.access.workspaceId,
      connectionId: input.connectionId,
    }),
  ),

  deliveries: managing
    .input(
      connection.extend({
        result: z.enum(DeliveryResult).nullish(),
        cursor: z.string().max(100).nullish(),
      }),
    )
    .query(({ ctx, input }) =>
      listDeliveries(ctx.deps, {
        workspaceId: ctx.access.workspaceId,
        connectionId: input.connectionId,
        result: input.result ?? null,
        cursor: input.cursor ?? null,
      }),
    ),

  delivery: managing
    .input(z.object({ deliveryId: z.uuid() }))
    .query(({ ctx, input }) =>
      loadDelivery(ctx.deps, { workspaceId: ctx.access.workspaceId, deliveryId: input.deliveryId }),
    ),

  reprocess: managing.input(z.object({ deliveryId: z.uuid() })).mutation(({ ctx, input }) =>
    reprocessDelivery(ctx.deps, operator(ctx.user.id), {
      workspaceId: ctx.access.workspaceId,
      deliveryId: input.deliveryId,
    }),
  ),
});
