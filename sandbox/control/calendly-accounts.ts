import { randomBytes } from "node:crypto";
import type { Router } from "express";
import * as z from "zod";
import { lastSegment } from "../calendly/uri.ts";
import { machineIds } from "../random.ts";
import type { Sandbox } from "../sandbox.ts";
import type { CalendlyToken } from "../world-types.ts";
import { unknownReference } from "./control-error.ts";
import { addControlRoute, noBody } from "./control-route.ts";
import { createOrganization } from "./create-organization.ts";
import { findCalendlyUser, findOrganization } from "./references.ts";

const organizationSchema = z.strictObject({
  name: z.string(),
  plan: z.enum(["basic", "standard", "teams"]).optional(),
  users: z
    .array(
      z.strictObject({
        name: z.string(),
        email: z.string(),
        role: z.enum(["user", "admin", "owner"]).optional(),
        timezone: z.string().optional(),
        /** The text of this user's token; made up when absent. */
        token: z.string().optional(),
      }),
    )
    .min(1),
  eventTypes: z
    .array(
      z.strictObject({
        name: z.string(),
        duration: z.int().positive().optional(),
        kind: z.enum(["solo", "group"]).optional(),
        seats: z.int().positive().optional(),
        owner: z.string().optional(),
        pooling: z.enum(["round_robin", "collective", "multi_pool"]).nullish(),
        location: z.string().optional(),
        active: z.boolean().optional(),
      }),
    )
    .default([]),
});

const tokenSchema = z.strictObject({
  organization: z.string(),
  user: z.string(),
  scopes: z.array(z.string()).default(["default"]),
  token: z.string().optional(),
  state: z.enum(["active", "revoked", "expired"]).default("active"),
});

const subscriptionSchema = z.strictObject({
  state: z.enum(["active", "disabled"]).optional(),
  retryStartedAt: z.iso.datetime({ offset: true }).nullish(),
});

export function addCalendlyAccounts(router: Router, sandbox: Sandbox): void {
  addControlRoute(router, sandbox, "post", "/calendly/organizations", organizationSchema, ({ body }) =>
    createOrganization({ world: sandbox.world, nowMs: sandbox.clock.nowMs(), ids: machineIds }, body),
  );

  addControlRoute(router, sandbox, "post", "/calendly/tokens", tokenSchema, ({ body }) => {
    const organization = findOrganization(sandbox.world, body.organization);
    const token: CalendlyToken = {
      token: body.token ?? `sandbox-calendly-${randomBytes(12).toString("hex")}`,
      organizationId: organization.id,
      userId: findCalendlyUser(sandbox.world, organization.id, body.user).id,
      scopes: body.scopes,
      state: body.state,
    };
    sandbox.world.calendlyTokens.set(token.token, token);
    return token;
  });

  for (const state of ["revoked", "expired", "active"] as const) {
    const act = { revoked: "revoke", expired: "expire", active: "restore" }[state];
    addControlRoute(router, sandbox, "post", `/calendly/tokens/:token/${act}`, noBody, ({ params }) => {
      const token = sandbox.world.calendlyTokens.get(params.token ?? "");
      if (!token) throw unknownReference("token", params.token ?? "");
      token.state = state;
      return token;
    });
  }

  addControlRoute(router, sandbox, "get", "/calendly/webhooks", noBody, () => ({
    webhooks: [...sandbox.world.subscriptions.values()].map(({ signingKey, ...shown }) => ({
      ...shown,
      isSigned: signingKey !== null,
    })),
  }));

  addControlRoute(
    router,
    sandbox,
    "post",
    "/calendly/webhooks/:id",
    subscriptionSchema,
    ({ params, body }) => {
      const subscription = findSubscription(sandbox, params.id);
      if (body.state) subscription.state = body.state;
      if (body.retryStartedAt !== undefined) {
        subscription.retryStartedMs = body.retryStartedAt === null ? null : Date.parse(body.retryStartedAt);
      }
      subscription.updatedMs = sandbox.clock.nowMs();
      return { id: subscription.id, state: subscription.state };
    },
  );

  addControlRoute(router, sandbox, "post", "/calendly/webhooks/:id/disable", noBody, ({ params }) => {
    const subscription = findSubscription(sandbox, params.id);
    subscription.state = "disabled";
    subscription.updatedMs = sandbox.clock.nowMs();
    return { id: subscription.id, state: subscription.state };
  });

  addControlRoute(router, sandbox, "delete", "/calendly/webhooks/:id", noBody, ({ params }) => {
    sandbox.world.subscriptions.delete(findSubscription(sandbox, params.id).id);
    return { deleted: true };
  });
}

function findSubscription(sandbox: Sandbox, reference = "") {
  const subscription = sandbox.world.subscriptions.get(lastSegment(reference));
  if (!subscription) throw unknownReference("webhook subscription", reference);
  return subscription;
}
