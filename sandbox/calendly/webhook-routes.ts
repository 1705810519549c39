import * as z from "zod";
import { machineIds } from "../random.ts";
import type { CalendlySubscription } from "../world-types.ts";
import { pageByPosition, requireOwnOrganization } from "./account-routes.ts";
import {
  answerPage,
  type CalendlyCall,
  type CalendlyHandler,
  isOwnerOrAdmin,
  readChoice,
  requireScope,
} from "./call.ts";
import {
  CalendlyRefusal,
  type ErrorDetail,
  refuseArgument,
  refusePermission,
  refuseUnknown,
} from "./errors.ts";
import { renderDelivery, renderSubscription } from "./render.ts";
import { lastSegment } from "./uri.ts";

/** Names of events and the scope that reading that family needs. */
const EVENT_SCOPES: Record<string, string> = {
  "invitee.created": "scheduled_events:read",
  "invitee.canceled": "scheduled_events:read",
  "invitee_no_show.created": "scheduled_events:read",
  "invitee_no_show.deleted": "scheduled_events:read",
  "event_type.created": "event_types:read",
  "event_type.updated": "event_types:read",
  "event_type.deleted": "event_types:read",
  "routing_form_submission.created": "routing_forms:read",
};

const subscriptionSchema = z.looseObject({
  url: z.url(),
  events: z.array(z.string()).min(1),
  organization: z.string().min(1),
  scope: z.enum(["organization", "user"]),
  user: z.string().optional(),
  signing_key: z.string().min(1).optional(),
});

export const postSubscription: CalendlyHandler = (call) => {
  const parsed = subscriptionSchema.safeParse(call.body);
  if (!parsed.success) {
    throw refuseArgument(
      parsed.error.issues.map(
        (issue): ErrorDetail => ({
          parameter: issue.path.join("."),
          message: issue.message,
        }),
      ),
    );
  }
  const input = parsed.data;
  const unknown = input.events.filter((event) => !(event in EVENT_SCOPES));
  if (unknown.length > 0)
    throw refuseArgument([{ parameter: "events", message: "contains an unknown event" }]);
  requireScope(call.token, [...new Set(input.events.flatMap((event) => EVENT_SCOPES[event] ?? []))]);
  requireOwnOrganization(call, lastSegment(input.organization));
  if (input.scope === "user" && !input.user) {
    throw refuseArgument([{ parameter: "user", message: "must be given when scope is user" }]);
  }
  const userId = input.scope === "user" ? lastSegment(input.user ?? "") : null;
  requireReach(call, input.scope, userId);
  const twin = ownSubscriptions(call).find(
    (other) => other.callbackUrl === input.url && other.scope === input.scope && other.userId === userId,
  );
  if (twin) {
    throw new CalendlyRefusal(409, { title: "Already Exists", message: "Hook with this url already exists" });
  }
  const subscription: CalendlySubscription = {
    id: machineIds.uuid(),
    organizationId: call.caller.organizationId,
    userId,
    creatorId: call.caller.id,
    scope: input.scope,
    callbackUrl: input.url,
    events: input.events,
    signingKey: input.signing_key ?? null,
    state: "active",
    retryStartedMs: null,
    createdMs: call.nowMs,
    updatedMs: call.nowMs,
  };
  call.world.subscriptions.set(subscription.id, subscription);
  call.sandbox.changed();
  return { status: 201, body: { resource: renderSubscription(subscription) } };
};

export const listSubscriptions: CalendlyHandler = (call) => {
  const organization = call.query("organization");
  const scope = readChoice(call, "scope", ["organization", "user", "group"]);
  if (!organization || !scope) {
    throw refuseArgument([{ parameter: organization ? "scope" : "organization", message: "is missing" }]);
  }
  requireOwnOrganization(call, lastSegment(organization));
  const user = call.query("user");
  if (scope === "user" && !user) throw refuseArgument([{ parameter: "user", message: "is missing" }]);
  const userId = user ? lastSegment(user) : null;
  requireReach(call, scope, userId);
  const rows = ownSubscriptions(call)
    .filter((row) => row.scope === scope && (scope !== "user" || row.userId === userId))
    .sort((a, b) => a.createdMs - b.createdMs);
  if (call.query("sort") === "created_at:desc") rows.reverse();
  return answerPage(call, pageByPosition(call, rows), renderSubscription);
};

export const getSubscription: CalendlyHandler = (call) => ({
  body: { resource: renderSubscription(findSubscription(call)) },
});

export const deleteSubscription: CalendlyHandler = (call) => {
  call.world.subscriptions.delete(findSubscription(call).id);
  call.sandbox.changed();
  return { status: 204 };
};

/** A delivery made from a real recent booking of the account, without a wrapper. */
export const getSampleData: CalendlyHandler = (call) => {
  const event = call.query("event");
  const organization = call.query("organization");
  if (!event || !organization || !call.query("scope")) {
    throw refuseArgument([{ message: "event, organization and scope must be given" }]);
  }
  requireOwnOrganization(call, lastSegment(organization));
  const latest = call.world.eventsByStart.rows(`org:${call.caller.organizationId}`).at(-1);
  const invitee = latest && call.world.inviteesOf(latest)[0];
  if (!invitee) throw refuseUnknown();
  return {
    body: renderDelivery(call.world, { event, invitee, creatorId: call.caller.id, createdMs: call.nowMs }),
  };
};

function requireReach(call: CalendlyCall, scope: string, userId: string | null): void {
  if (isOwnerOrAdmin(call.caller)) return;
  if (scope !== "user" || userId !== call.caller.id) throw refusePermission();
}

function ownSubscriptions(call: CalendlyCall): CalendlySubscription[] {
  return [...call.world.subscriptions.values()].filter(
    (subscription) => subscription.organizationId === call.caller.organizationId,
  );
}

function findSubscription(call: CalendlyCall): CalendlySubscription {
  const subscription = call.world.subscriptions.get(call.params.uuid ?? "");
  if (subscription?.organizationId !== call.caller.organizationId) throw refuseUnknown();
  requireReach(call, subscription.scope, subscription.userId);
  return subscription;
}
