import type { Router } from "express";
import * as z from "zod";
import { highlevelDeliveryFaultSchema } from "../highlevel/delivery-faults.ts";
import type { Sandbox } from "../sandbox.ts";
import { unknownReference } from "./control-error.ts";
import { addControlRoute, noBody } from "./control-route.ts";
import { findLocation } from "./references.ts";

const marketplaceSchema = z.strictObject({
  url: z.url(),
  /** PEM; without it, the sandbox signs with the pair it made at its start. */
  privateKey: z.string().optional(),
});

const workflowSchema = z.strictObject({
  location: z.string(),
  url: z.url(),
  headers: z.record(z.string(), z.string()).default({}),
  form: z.enum(["standard", "mapped"]).default("standard"),
});

export function addHighLevelWebhookControl(router: Router, sandbox: Sandbox): void {
  const { highlevelDeliveries: deliveries } = sandbox;
  addControlRoute(router, sandbox, "get", "/highlevel/webhooks", noBody, () => deliveries.describe());
  addControlRoute(router, sandbox, "post", "/highlevel/webhooks", marketplaceSchema, ({ body }) => {
    deliveries.setMarketplace(body.url, body.privateKey);
    return deliveries.describe();
  });
  addControlRoute(router, sandbox, "delete", "/highlevel/webhooks", noBody, () => deliveries.reset());
  addControlRoute(router, sandbox, "post", "/highlevel/workflows", workflowSchema, ({ body }) => {
    const { location, ...hook } = body;
    return deliveries.addWorkflow({ ...hook, locationId: findLocation(sandbox.world, location).id });
  });
  addControlRoute(router, sandbox, "post", "/highlevel/events", z.looseObject({ type: z.string() }), (call) =>
    deliveries.announce(call.body),
  );

  addControlRoute(router, sandbox, "get", "/highlevel/deliveries", noBody, () => ({
    deliveries: deliveries.list(),
  }));
  addControlRoute(router, sandbox, "post", "/highlevel/deliveries/flush", noBody, async () => {
    await deliveries.flush();
    return { deliveries: deliveries.list().length };
  });
  addControlRoute(router, sandbox, "post", "/highlevel/deliveries/:id/resend", noBody, async ({ params }) => {
    const delivery = deliveries.resend(params.id ?? "");
    if (!delivery) throw unknownReference("delivery", params.id ?? "");
    await deliveries.flush();
    return delivery;
  });
  const faults = "/highlevel/deliveries/faults";
  addControlRoute(router, sandbox, "post", faults, highlevelDeliveryFaultSchema, ({ body }) =>
    deliveries.faults.add(body),
  );
  addControlRoute(router, sandbox, "delete", faults, noBody, () => deliveries.faults.clear());
}
