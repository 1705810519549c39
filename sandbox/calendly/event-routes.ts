import * as z from "zod";
import { machineIds } from "../random.ts";
import type { CalendlyEvent, CalendlyInvitee } from "../world-types.ts";
import { requireOwnOrganization } from "./account-routes.ts";
import { ActRefused, cancelEvent } from "./acts.ts";
import { announceActs } from "./announce.ts";
import {
  answerPage,
  type CalendlyCall,
  type CalendlyHandler,
  isOwnerOrAdmin,
  readChoice,
  readCount,
  readTime,
} from "./call.ts";
import { refuseArgument, refusePermission, refuseUnknown } from "./errors.ts";
import { takePage } from "./paging.ts";
import { renderEvent, renderInvitee } from "./render.ts";
import { formatTime, lastSegment } from "./uri.ts";

export const listEvents: CalendlyHandler = (call) => {
  const { userId } = decideVisibility(call);
  const email = call.query("invitee_email");
  const status = readChoice(call, "status", ["active", "canceled"]);
  const sort = readChoice(call, "sort", ["start_time:asc", "start_time:desc"]) ?? "start_time:asc";
  const organizationId = call.caller.organizationId;
  // The narrowest index answers; the other filters are checked row by row.
  const key = email
    ? `email:${organizationId}:${email.toLowerCase()}`
    : userId
      ? `user:${userId}`
      : `org:${organizationId}`;
  const isExact = call.world.settings.inviteeEmailMatching === "exact";
  const page = takePage<CalendlyEvent>({
    rows: call.world.eventsByStart.rows(key),
    sortValue: (event) => event.startMs,
    descending: sort === "start_time:desc",
    count: readCount(call),
    token: call.query("page_token"),
    isByOffset: call.world.settings.calendlyPaging === "offset",
    from: readTime(call, "min_start_time"),
    to: readTime(call, "max_start_time"),
    matches: (event) =>
      event.organizationId === organizationId &&
      (status === undefined || event.status === status) &&
      (!userId || event.hostIds.includes(userId)) &&
      (!email || !isExact || call.world.inviteesOf(event).some((invitee) => invitee.email === email)),
  });
  return answerPage(call, page, (event) => renderEvent(call.world, event));
};

/** Whose events the caller may list with these parameters; null is the whole organization. */
function decideVisibility(call: CalendlyCall): { userId: string | null } {
  const organization = call.query("organization");
  const user = call.query("user");
  const group = call.query("group");
  if (!organization && !user && !group) {
    throw refuseArgument([{ message: "user, organization or group must be given" }]);
  }
  if (organization) requireOwnOrganization(call, lastSegment(organization));
  if (group && !organization) {
    throw refusePermission(
      "Please also specify organization when requesting events for a group within your organization.",
    );
  }
  // The sandbox's organizations have no groups.
  if (group) throw refuseUnknown();
  const userId = user ? lastSegment(user) : null;
  if (userId === call.caller.id) return { userId };
  if (userId && !organization) {
    throw refusePermission(
      "Please also specify organization when requesting events for a user within your organization.",
    );
  }
  if (userId && call.world.calendlyUsers.get(userId)?.organizationId !== call.caller.organizationId) {
    throw refusePermission("This user is not in your organization");
  }
  if (!isOwnerOrAdmin(call.caller)) throw refusePermission();
  return { userId };
}

export const getEvent: CalendlyHandler = (call) => ({
  body: { resource: renderEvent(call.world, findEvent(call)) },
});

export const listInvitees: CalendlyHandler = (call) => {
  const event = findEvent(call);
  const status = readChoice(call, "status", ["active", "canceled"]);
  const email = call.query("email")?.toLowerCase();
  const sort = readChoice(call, "sort", ["created_at:asc", "created_at:desc"]) ?? "created_at:asc";
  const rows = call.world
    .inviteesOf(event)
    .sort((a, b) => a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1));
  const page = takePage<CalendlyInvitee>({
    rows,
    sortValue: (invitee) => invitee.createdMs,
    descending: sort === "created_at:desc",
    count: readCount(call),
    token: call.query("page_token"),
    matches: (invitee) =>
      (status === undefined || invitee.status === status) &&
      (!email || invitee.email.toLowerCase() === email),
  });
  return answerPage(call, page, renderInvitee);
};

export const getInvitee: CalendlyHandler = (call) => {
  const event = findEvent(call);
  const invitee = call.world.invitees.get(call.params.invitee ?? "");
  if (invitee?.eventId !== event.id) throw refuseUnknown();
  return { body: { resource: renderInvitee(invitee) } };
};

const cancellationSchema = z.looseObject({ reason: z.string().max(10_000).nullish() });

export const postCancellation: CalendlyHandler = (call) => {
  const event = call.world.events.get(call.params.uuid ?? "");
  if (!event) throw refuseUnknown();
  if (!maySee(call, event)) throw refusePermission("You are not allowed to cancel this event");
  const input = cancellationSchema.safeParse(call.body ?? {});
  if (!input.success) throw refuseArgument([{ parameter: "reason", message: "is too long or not a text" }]);
  if (event.status === "active" && event.startMs <= call.nowMs) throw refusePermission("Event in the past");
  const deps = { world: call.world, nowMs: call.nowMs, ids: machineIds };
  try {
    announceActs(
      call.sandbox,
      cancelEvent(deps, event, { by: "host", name: call.caller.name, reason: input.data.reason ?? "" }),
    );
  } catch (error) {
    if (error instanceof ActRefused) throw refusePermission(error.message);
    throw error;
  }
  call.sandbox.changed();
  const cancellation = event.cancellation;
  return {
    status: 201,
    body: {
      resource: {
        canceled_by: cancellation?.canceledBy,
        reason: cancellation?.reason,
        canceler_type: "host",
        created_at: formatTime(cancellation?.createdMs ?? call.nowMs),
      },
    },
  };
};

function findEvent(call: CalendlyCall): CalendlyEvent {
  const event = call.world.events.get(call.params.uuid ?? "");
  if (!event) throw refuseUnknown();
  if (!maySee(call, event)) throw refusePermission("You are not allowed to view this event");
  return event;
}

function maySee(call: CalendlyCall, event: CalendlyEvent): boolean {
  if (event.organizationId !== call.caller.organizationId) return false;
  return isOwnerOrAdmin(call.caller) || event.hostIds.includes(call.caller.id);
}
