import type { Router } from "express";
import * as z from "zod";
import { deliveryFaultSchema } from "../delivery-faults.ts";
import { faultSchema } from "../faults.ts";
import type { Sandbox } from "../sandbox.ts";
import type { World } from "../world.ts";
import { DEFAULT_SETTINGS } from "../world.ts";
import { unknownReference } from "./control-error.ts";
import { addControlRoute, noBody } from "./control-route.ts";

export type ResetWorld = (kind: "empty" | "demo", seed: number) => void;

const settingsSchema = z
  .strictObject({
    pageOrigin: z.enum(["sandbox", "provider"]),
    inviteeEmailMatching: z.enum(["exact", "insensitive"]),
    retryTimestamp: z.enum(["fresh", "original"]),
    unknownVersionStatus: z.union([z.literal(400), z.literal(401)]),
    listDeletedAppointments: z.boolean(),
    appointmentWrapper: z.enum(["appointment", "event"]),
    calendlyPageSize: z.int().min(1).max(100),
    calendlyPaging: z.enum(["position", "offset"]),
    calendlyLimit: z.int().positive(),
    calendlyWindowMs: z.int().positive(),
    highlevelLimit: z.int().positive(),
    highlevelWindowMs: z.int().positive(),
    highlevelDailyLimit: z.int().positive(),
    enforceLimits: z.boolean(),
  })
  .partial();

const clockSchema = z.strictObject({
  now: z.iso.datetime({ offset: true }).optional(),
  advanceMs: z.int().optional(),
  real: z.literal(true).optional(),
});

export function addWorldControl(router: Router, sandbox: Sandbox, resetWorld: ResetWorld): void {
  const resetSchema = z.strictObject({
    world: z.enum(["empty", "demo"]).default("empty"),
    seed: z.int().min(0).default(1),
  });
  addControlRoute(router, sandbox, "post", "/reset", resetSchema, ({ body }) => {
    resetWorld(body.world, body.seed);
    return countWorld(sandbox);
  });
  addControlRoute(router, sandbox, "post", "/save", noBody, () => sandbox.save());
  addControlRoute(router, sandbox, "get", "/state", noBody, () => countWorld(sandbox));

  addControlRoute(router, sandbox, "get", "/clock", noBody, () => showClock(sandbox));
  addControlRoute(router, sandbox, "post", "/clock", clockSchema, ({ body }) => {
    if (body.real) sandbox.clock.followRealTime();
    if (body.now !== undefined) sandbox.clock.freeze(Date.parse(body.now));
    if (body.advanceMs !== undefined) sandbox.clock.advance(body.advanceMs);
    return showClock(sandbox);
  });

  addControlRoute(router, sandbox, "get", "/settings", noBody, () => sandbox.world.settings);
  addControlRoute(router, sandbox, "post", "/settings", settingsSchema, ({ body }) => {
    sandbox.world.settings = { ...sandbox.world.settings, ...body };
    sandbox.quota.reset();
    return sandbox.world.settings;
  });
  addControlRoute(router, sandbox, "delete", "/settings", noBody, () => {
    sandbox.world.settings = { ...DEFAULT_SETTINGS };
    sandbox.quota.reset();
    return sandbox.world.settings;
  });

  addFaultControl(router, sandbox);
  addDeliveryControl(router, sandbox);

  addControlRoute(router, sandbox, "get", "/calls", noBody, () => sandbox.calls.summary());
  addControlRoute(router, sandbox, "get", "/calls/log", noBody, () => ({ calls: sandbox.calls.log() }));
  addControlRoute(router, sandbox, "post", "/calls/reset", noBody, () => sandbox.calls.reset());
}

function addFaultControl(router: Router, sandbox: Sandbox): void {
  addControlRoute(router, sandbox, "get", "/faults", noBody, () => ({
    faults: sandbox.faults.list(),
    deliveryFaults: sandbox.deliveries.faults.list(),
  }));
  addControlRoute(router, sandbox, "post", "/faults", faultSchema, ({ body }) => sandbox.faults.add(body));
  addControlRoute(router, sandbox, "post", "/deliveries/faults", deliveryFaultSchema, ({ body }) =>
    sandbox.deliveries.faults.add(body),
  );
  addControlRoute(router, sandbox, "delete", "/faults", noBody, () => {
    sandbox.faults.remove();
    sandbox.deliveries.faults.remove();
  });
  addControlRoute(router, sandbox, "delete", "/faults/:id", noBody, ({ params }) => {
    sandbox.faults.remove(params.id);
    sandbox.deliveries.faults.remove(params.id);
  });
}

function addDeliveryControl(router: Router, sandbox: Sandbox): void {
  addControlRoute(router, sandbox, "get", "/deliveries", noBody, ({ query }) => {
    const state = query("state");
    const limit = Number(query("limit") ?? 500);
    const rows = [...sandbox.world.deliveries.values()].filter((row) => !state || row.state === state);
    return { deliveries: rows.slice(-limit) };
  });
  addControlRoute(router, sandbox, "post", "/deliveries/:id/resend", noBody, async ({ params }) => {
    const delivery = sandbox.deliveries.resend(params.id ?? "");
    if (!delivery) throw unknownReference("delivery", params.id ?? "");
    await sandbox.deliveries.flush();
    return delivery;
  });
  addControlRoute(router, sandbox, "post", "/deliveries/flush", noBody, async () => {
    await sandbox.deliveries.flush();
    return countDeliveries(sandbox.world);
  });
}

function showClock(sandbox: Sandbox) {
  return { now: new Date(sandbox.clock.nowMs()).toISOString(), isFrozen: sandbox.clock.isFrozen };
}

function countDeliveries(world: World): Record<string, number> {
  const counts: Record<string, number> = { pending: 0, delivered: 0, expired: 0, lost: 0, dropped: 0 };
  for (const delivery of world.deliveries.values())
    counts[delivery.state] = (counts[delivery.state] ?? 0) + 1;
  return counts;
}

function countWorld(sandbox: Sandbox) {
  const { world } = sandbox;
  return {
    world: world.kind,
    seed: world.seed,
    startedAt: new Date(world.startedMs).toISOString(),
    clock: showClock(sandbox),
    trickleMs: world.trickleMs,
    organizations: world.organizations.size,
    events: world.events.size,
    invitees: world.invitees.size,
    webhooks: world.subscriptions.size,
    locations: world.locations.size,
    calendars: world.calendars.size,
    contacts: world.contacts.size,
    appointments: world.appointments.size,
    people: world.people.length,
    deliveries: countDeliveries(world),
  };
}
