import type { IdSource } from "../random.ts";
import type { World } from "../world.ts";
import type { CalendlyEvent, CalendlyInvitee, Cancellation } from "../world-types.ts";

/** Something Calendly would tell its subscribers about. */
export type Announcement = { event: string; invitee: CalendlyInvitee };

/** An act that Calendly would not allow, with its own words for it. */
export class ActRefused extends Error {}

/** What an act needs besides its input: where it happens, when, and where ids come from. */
export type ActDeps = { world: World; nowMs: number; ids: IdSource };

export type Booking = {
  organizationId: string;
  eventTypeId: string;
  hostIds: string[];
  startMs: number;
  endMs: number;
  /** Joins this event instead of making one. */
  joinEventId?: string;
  invitee: {
    email: string;
    name: string;
    firstName?: string | null;
    lastName?: string | null;
    timezone: string | null;
    answers?: CalendlyInvitee["answers"];
    textReminderNumber?: string | null;
  };
  tracking?: Record<string, string | null>;
  guests?: string[];
  schedulingMethod?: CalendlyInvitee["schedulingMethod"];
};

export function bookMeeting(
  deps: ActDeps,
  booking: Booking,
): { event: CalendlyEvent; invitee: CalendlyInvitee; announcements: Announcement[] } {
  const event = findGroupEvent(deps.world, booking) ?? createEvent(deps, booking);
  const invitee: CalendlyInvitee = {
    id: deps.ids.uuid(),
    eventId: event.id,
    email: booking.invitee.email,
    name: booking.invitee.name,
    firstName: booking.invitee.firstName ?? null,
    lastName: booking.invitee.lastName ?? null,
    status: "active",
    timezone: booking.invitee.timezone,
    answers: booking.invitee.answers ?? [],
    tracking: booking.tracking ?? {},
    textReminderNumber: booking.invitee.textReminderNumber ?? null,
    rescheduled: false,
    oldInvitee: null,
    newInvitee: null,
    cancellation: null,
    noShow: null,
    schedulingMethod: booking.schedulingMethod ?? null,
    createdMs: deps.nowMs,
    updatedMs: deps.nowMs,
  };
  deps.world.addInvitee(invitee);
  return { event, invitee, announcements: [{ event: "invitee.created", invitee }] };
}

/** A group meeting with a free seat at that time and host is joined; anything else is a meeting of its own. */
function findGroupEvent(world: World, booking: Booking): CalendlyEvent | undefined {
  const isJoinable = (event: CalendlyEvent) =>
    event.status === "active" &&
    world.inviteesOf(event).filter((invitee) => invitee.status === "active").length < event.seats;
  if (booking.joinEventId !== undefined) {
    const event = world.events.get(booking.joinEventId);
    if (!event || !isJoinable(event)) throw new ActRefused("That start time has been filled");
    return event;
  }
  if (world.eventTypes.get(booking.eventTypeId)?.kind !== "group") return undefined;
  const key = `org:${booking.organizationId}`;
  const rows = world.eventsByStart.rows(key);
  for (let at = world.eventsByStart.lowerBound(key, booking.startMs); at < rows.length; at += 1) {
    const event = rows[at];
    if (!event || event.startMs !== booking.startMs) return undefined;
    if (
      event.eventTypeId === booking.eventTypeId &&
      event.hostIds[0] === booking.hostIds[0] &&
      isJoinable(event)
    ) {
      return event;
    }
  }
  return undefined;
}

function createEvent(deps: ActDeps, booking: Booking): CalendlyEvent {
  const type = deps.world.eventTypes.get(booking.eventTypeId);
  const event: CalendlyEvent = {
    id: deps.ids.uuid(),
    organizationId: booking.organizationId,
    eventTypeId: booking.eventTypeId,
    name: type?.name ?? null,
    status: "active",
    startMs: booking.startMs,
    endMs: booking.endMs,
    location: createLocation(type?.locationType ?? "google_conference", deps.ids),
    hostIds: booking.hostIds,
    guests: booking.guests ?? [],
    seats: type?.seats ?? 1,
    inviteeIds: [],
    cancellation: null,
    // An event is written a few milliseconds before its invitee.
    createdMs: deps.nowMs - 7,
    updatedMs: deps.nowMs - 7,
  };
  deps.world.addEvent(event);
  return event;
}

function createLocation(type: string, ids: IdSource): Record<string, unknown> {
  switch (type) {
    case "zoom":
    case "zoom_conference":
      return {
        type: "zoom",
        status: "pushed",
        join_url: `https://zoom.example/j/${ids.legacy()}`,
        data: { id: 84_915_550_123, settings: {}, extra: null, password: ids.legacy().slice(0, 6) },
      };
    case "google_conference":
    case "microsoft_teams_conference":
      return { type, status: "pushed", join_url: `https://calendly.com/events/${ids.uuid()}/google_meet` };
    case "outbound_call":
    case "custom":
      return { type, location: null };
    default:
      return { type, location: "Front desk, second floor" };
  }
}

export type CancelInput = {
  by: "invitee" | "host";
  name?: string;
  reason?: string | null;
};

/** One person leaves. The meeting of one person ends with it; a group meeting goes on for the others. */
export function cancelInvitee(deps: ActDeps, invitee: CalendlyInvitee, input: CancelInput): Announcement[] {
  if (invitee.status === "canceled") throw new ActRefused("Event is already canceled");
  const event = deps.world.events.get(invitee.eventId);
  if (!event) throw new ActRefused("The server could not find the requested resource.");
  if (input.by === "host") return cancelEvent(deps, event, input);
  const cancellation = createCancellation(deps, event, input, invitee);
  applyCancellation(invitee, cancellation, deps.nowMs);
  if (event.seats <= 1) applyEventCancellation(event, cancellation, deps.nowMs);
  return [{ event: "invitee.canceled", invitee }];
}

/** The whole meeting ends, for everyone who had not left before; each of them is announced. */
export function cancelEvent(deps: ActDeps, event: CalendlyEvent, input: CancelInput): Announcement[] {
  if (event.status === "canceled") throw new ActRefused("Event is already canceled");
  const active = deps.world.inviteesOf(event).filter((invitee) => invitee.status === "active");
  const cancellation = createCancellation(deps, event, input, active[0]);
  applyEventCancellation(event, cancellation, deps.nowMs);
  return active.map((invitee) => {
    applyCancellation(invitee, cancellation, deps.nowMs);
    return { event: "invitee.canceled", invitee };
  });
}

/** Without words a host's reason is an empty text and an invitee's is null. */
function createCancellation(
  deps: ActDeps,
  event: CalendlyEvent,
  input: CancelInput,
  invitee: CalendlyInvitee | undefined,
): Cancellation {
  const host = deps.world.calendlyUsers.get(event.hostIds[0] ?? "");
  const who = input.by === "host" ? host?.name : invitee?.name;
  return {
    canceledBy: input.name ?? who ?? "Calendly",
    reason: input.reason ?? (input.by === "host" ? "" : null),
    cancelerType: input.by,
    createdMs: deps.nowMs,
  };
}

function applyCancellation(invitee: CalendlyInvitee, cancellation: Cancellation, nowMs: number): void {
  invitee.status = "canceled";
  invitee.cancellation = { ...cancellation };
  invitee.updatedMs = nowMs;
}

function applyEventCancellation(event: CalendlyEvent, cancellation: Cancellation, nowMs: number): void {
  event.status = "canceled";
  event.cancellation = { ...cancellation };
  event.updatedMs = nowMs;
}

export type RescheduleInput = {
  startMs: number;
  by?: "invitee" | "host";
  /** Books again under another address, as people with two mailboxes do. */
  email?: string;
  reason?: string | null;
  hostIds?: string[];
  order?: "canceled_first" | "created_first";
};

/** A new event and a new invitee, tied to the old ones by links on both invitees. */
export function rescheduleInvitee(deps: ActDeps, invitee: CalendlyInvitee, input: RescheduleInput) {
  if (invitee.status === "canceled") throw new ActRefused("Event is already canceled");
  const event = deps.world.events.get(invitee.eventId);
  if (!event) throw new ActRefused("The server could not find the requested resource.");
  const cancellation = createCancellation(
    deps,
    event,
    { by: input.by ?? "invitee", reason: input.reason ?? null },
    invitee,
  );
  applyCancellation(invitee, cancellation, deps.nowMs);
  if (event.seats <= 1) applyEventCancellation(event, cancellation, deps.nowMs);
  const next = bookMeeting(deps, {
    organizationId: event.organizationId,
    eventTypeId: event.eventTypeId,
    hostIds: input.hostIds ?? event.hostIds,
    startMs: input.startMs,
    endMs: input.startMs + (event.endMs - event.startMs),
    invitee: {
      email: input.email ?? invitee.email,
      name: invitee.name,
      firstName: invitee.firstName,
      lastName: invitee.lastName,
      timezone: invitee.timezone,
      answers: invitee.answers,
      textReminderNumber: invitee.textReminderNumber,
    },
    tracking: invitee.tracking,
    schedulingMethod: invitee.schedulingMethod,
  });
  invitee.rescheduled = true;
  invitee.newInvitee = { eventId: next.event.id, inviteeId: next.invitee.id };
  next.invitee.oldInvitee = { eventId: event.id, inviteeId: invitee.id };
  const announcements: Announcement[] = [{ event: "invitee.canceled", invitee }, ...next.announcements];
  if (input.order === "created_first") announcements.reverse();
  return { old: invitee, event: next.event, invitee: next.invitee, announcements };
}

/** Changes neither the invitee's status nor the event, not even its `updated_at`. */
export function markNoShow(deps: ActDeps, invitee: CalendlyInvitee): Announcement[] {
  const event = deps.world.events.get(invitee.eventId);
  if (!event || event.startMs > deps.nowMs) throw new ActRefused("Event is not started yet");
  if (invitee.noShow) throw new ActRefused("Invitee is already marked as no show");
  if (invitee.status === "canceled") throw new ActRefused("Invitee is canceled");
  deps.world.setNoShow(invitee, { id: deps.ids.uuid(), createdMs: deps.nowMs });
  invitee.updatedMs = deps.nowMs;
  return [{ event: "invitee_no_show.created", invitee }];
}

export function undoNoShow(deps: ActDeps, invitee: CalendlyInvitee): Announcement[] {
  if (!invitee.noShow) throw new ActRefused("The server could not find the requested resource.");
  deps.world.setNoShow(invitee, null);
  invitee.updatedMs = deps.nowMs;
  return [{ event: "invitee_no_show.deleted", invitee }];
}
