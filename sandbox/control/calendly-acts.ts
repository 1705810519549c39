import type { Router } from "express";
import * as z from "zod";
import {
  type ActDeps,
  type Announcement,
  type Booking,
  bookMeeting,
  type CancelInput,
  cancelEvent,
  cancelInvitee,
  markNoShow,
  rescheduleInvitee,
  undoNoShow,
} from "../calendly/acts.ts";
import { announceActs } from "../calendly/announce.ts";
import { renderEvent, renderInvitee } from "../calendly/render.ts";
import { machineIds } from "../random.ts";
import type { Sandbox } from "../sandbox.ts";
import type { CalendlyEvent, CalendlyInvitee } from "../world-types.ts";
import { ControlError } from "./control-error.ts";
import { addControlRoute } from "./control-route.ts";
import { findCalendlyUser, findEvent, findEventType, findInvitee, findOrganization } from "./references.ts";

const instant = z.iso.datetime({ offset: true });

/** Common to all acts: `at` dates the act back, `webhooks: false` keeps it quiet. */
const actFields = { at: instant.optional(), webhooks: z.boolean().optional() };

const bookSchema = z.strictObject({
  ...actFields,
  organization: z.string(),
  eventType: z.string().optional(),
  host: z.string().optional(),
  start: instant,
  end: instant.optional(),
  /** Joins this event; a group type is joined by its start time without it. */
  eventId: z.string().optional(),
  invitee: z.strictObject({
    email: z.string(),
    name: z.string(),
    firstName: z.string().nullish(),
    lastName: z.string().nullish(),
    timezone: z.string().nullable().default("America/New_York"),
    phone: z.string().nullish(),
    answers: z
      .array(z.strictObject({ question: z.string(), answer: z.string(), position: z.int() }))
      .optional(),
  }),
  tracking: z.record(z.string(), z.string().nullable()).optional(),
  guests: z.array(z.string()).optional(),
});

const cancelSchema = z.strictObject({
  ...actFields,
  invitee: z.string().optional(),
  event: z.string().optional(),
  /** Without it: the invitee where one is named, else the host. */
  by: z.enum(["invitee", "host"]).optional(),
  name: z.string().optional(),
  reason: z.string().nullish(),
});

const rescheduleSchema = z.strictObject({
  ...actFields,
  invitee: z.string(),
  start: instant,
  email: z.string().optional(),
  by: z.enum(["invitee", "host"]).optional(),
  reason: z.string().nullish(),
  host: z.string().optional(),
  order: z.enum(["canceled_first", "created_first"]).optional(),
});

const noShowSchema = z.strictObject({ ...actFields, invitee: z.string() });
const deleteSchema = z.strictObject({ event: z.string().optional(), invitee: z.string().optional() });
const patchSchema = z.strictObject({
  event: z.string().optional(),
  invitee: z.string().optional(),
  fields: z.record(z.string(), z.unknown()),
});

export function addCalendlyActs(router: Router, sandbox: Sandbox): void {
  addControlRoute(router, sandbox, "post", "/calendly/book", bookSchema, ({ body }) => {
    const booked = book(sandbox, body);
    announceUnlessQuiet(sandbox, body, booked.announcements);
    return showMeeting(sandbox, booked.event, booked.invitee);
  });

  addControlRoute(router, sandbox, "post", "/calendly/bulk-book", z.array(bookSchema), ({ body }) => ({
    booked: body.map((input) => {
      const booked = book(sandbox, input);
      if (input.webhooks === true) announceActs(sandbox, booked.announcements);
      return { eventId: booked.event.id, inviteeId: booked.invitee.id };
    }),
  }));

  addControlRoute(router, sandbox, "post", "/calendly/cancel", cancelSchema, ({ body }) => {
    const deps = actDeps(sandbox, body.at);
    const { event, invitee } = findTarget(sandbox, body);
    const input: CancelInput = {
      by: body.by ?? (invitee ? "invitee" : "host"),
      name: body.name,
      reason: body.reason,
    };
    const announcements = invitee ? cancelInvitee(deps, invitee, input) : cancelEvent(deps, event, input);
    announceUnlessQuiet(sandbox, body, announcements);
    return showMeeting(sandbox, event, invitee ?? sandbox.world.inviteesOf(event)[0]);
  });

  addControlRoute(router, sandbox, "post", "/calendly/reschedule", rescheduleSchema, ({ body }) => {
    const invitee = findInvitee(sandbox.world, body.invitee);
    const meeting = findEvent(sandbox.world, invitee.eventId);
    const moved = rescheduleInvitee(actDeps(sandbox, body.at), invitee, {
      startMs: Date.parse(body.start),
      email: body.email,
      by: body.by,
      reason: body.reason,
      order: body.order,
      hostIds: body.host
        ? [findCalendlyUser(sandbox.world, meeting.organizationId, body.host).id]
        : undefined,
    });
    announceUnlessQuiet(sandbox, body, moved.announcements);
    return {
      ...showMeeting(sandbox, moved.event, moved.invitee),
      old: { eventId: invitee.eventId, inviteeId: invitee.id, invitee: renderInvitee(moved.old) },
    };
  });

  for (const [path, act] of [
    ["/calendly/no-show", markNoShow],
    ["/calendly/no-show/undo", undoNoShow],
  ] as const) {
    addControlRoute(router, sandbox, "post", path, noShowSchema, ({ body }) => {
      const invitee = findInvitee(sandbox.world, body.invitee);
      announceUnlessQuiet(sandbox, body, act(actDeps(sandbox, body.at), invitee));
      return showMeeting(sandbox, findEvent(sandbox.world, invitee.eventId), invitee);
    });
  }

  addControlRoute(router, sandbox, "post", "/calendly/delete", deleteSchema, ({ body }) => {
    const { event, invitee } = findTarget(sandbox, body);
    if (invitee) {
      sandbox.world.removeInvitee(invitee);
      // A meeting that nobody is left in goes with its last invitee.
      if (event.inviteeIds.length === 0) sandbox.world.removeEvent(event);
    } else sandbox.world.removeEvent(event);
    return { deleted: true };
  });

  addControlRoute(router, sandbox, "post", "/calendly/patch", patchSchema, ({ body }) => {
    const { event, invitee } = findTarget(sandbox, body);
    const target = invitee ?? event;
    target.overrides = { ...target.overrides, ...body.fields };
    return showMeeting(sandbox, event, invitee ?? undefined);
  });
}

function book(sandbox: Sandbox, body: z.infer<typeof bookSchema>) {
  const { world } = sandbox;
  const organization = findOrganization(world, body.organization);
  const joined = body.eventId ? findEvent(world, body.eventId) : undefined;
  const typeReference = joined?.eventTypeId ?? body.eventType;
  if (!typeReference) throw new ControlError(400, "bad_body", "Name an eventType, or an eventId to join.");
  const type = findEventType(world, organization.id, typeReference);
  const startMs = Date.parse(body.start);
  const booking: Booking = {
    organizationId: organization.id,
    eventTypeId: type.id,
    hostIds: joined?.hostIds ?? [
      body.host ? findCalendlyUser(world, organization.id, body.host).id : type.ownerId,
    ],
    startMs,
    endMs: body.end ? Date.parse(body.end) : startMs + type.durationMinutes * 60_000,
    joinEventId: joined?.id,
    invitee: { ...body.invitee, textReminderNumber: body.invitee.phone },
    tracking: body.tracking,
    guests: body.guests,
  };
  return bookMeeting(actDeps(sandbox, body.at), booking);
}

function actDeps(sandbox: Sandbox, at: string | undefined): ActDeps {
  const nowMs = at === undefined ? sandbox.clock.nowMs() : Date.parse(at);
  return { world: sandbox.world, nowMs, ids: machineIds };
}

function announceUnlessQuiet(
  sandbox: Sandbox,
  body: { webhooks?: boolean },
  announcements: Announcement[],
): void {
  if (body.webhooks !== false) announceActs(sandbox, announcements);
}

function findTarget(
  sandbox: Sandbox,
  body: { event?: string; invitee?: string },
): { event: CalendlyEvent; invitee: CalendlyInvitee | null } {
  if (body.invitee) {
    const invitee = findInvitee(sandbox.world, body.invitee);
    return { event: findEvent(sandbox.world, invitee.eventId), invitee };
  }
  if (body.event) return { event: findEvent(sandbox.world, body.event), invitee: null };
  throw new ControlError(400, "bad_body", "Name an invitee or an event.");
}

function showMeeting(sandbox: Sandbox, event: CalendlyEvent, invitee: CalendlyInvitee | undefined) {
  return {
    eventId: event.id,
    inviteeId: invitee?.id ?? null,
    event: renderEvent(sandbox.world, event),
    invitee: invitee ? renderInvitee(invitee) : null,
  };
}
