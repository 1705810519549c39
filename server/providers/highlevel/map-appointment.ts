import { SECOND_MS } from "#server/lib/duration.ts";
import type { AppointmentReading, ReadingStatus } from "../appointment-reading.ts";
import { ProviderError } from "../provider-error.ts";
import type { ContactReading } from "./map-contact.ts";
import type { HostReading } from "./map-user.ts";
import type { HighLevelEvent } from "./schema.ts";
import { type ProviderInstant, readInstant } from "./wall-time.ts";

export type MapEventContext = {
  /** The location's zone, for times that come without an offset. */
  timezone: string;
  asOf: Date;
  /** The remembered contact: events name no person. */
  contact?: Pick<ContactReading, "email" | "name" | "phone" | "timezone"> | null;
  /** Members of the location by id, for the organizer. */
  users?: ReadonlyMap<string, HostReading>;
};

/** One event as one booking (R4). Throws when a time cannot be read, which the schema has ruled out. */
export function mapEvent(event: HighLevelEvent, context: MapEventContext): AppointmentReading {
  const { timezone, asOf, contact } = context;
  const { status, providerStatus, unrecognised, cancelReason } = mapStatus(event);
  // HighLevel does not say when an event was canceled; its last change is the latest that can have been. A
  // deletion does not move that date, so there it is unknown.
  const updatedAt = readDate(event.dateUpdated, timezone);
  const organizer = context.users?.get(findHostId(event) ?? "");
  return {
    provider: "highlevel",
    providerId: event.id,
    eventId: event.id,
    calendarId: event.calendarId || null,
    title: event.title?.trim() ? event.title : null,
    status,
    providerStatus,
    unrecognised,
    startAt: requireInstant(event.startTime, timezone, "startTime").at,
    endAt: requireInstant(event.endTime, timezone, "endTime").at,
    canceledAt: status === "canceled" && !event.deleted ? updatedAt : null,
    canceledBy: null,
    canceledByType: null,
    cancelReason,
    rescheduledFromId: null,
    rescheduledToId: null,
    rescheduledToEventId: null,
    noShowAt: null,
    attendeeEmail: contact?.email ?? null,
    attendeeName: contact?.name ?? null,
    attendeePhone: contact?.phone ?? null,
    attendeeTimezone: contact?.timezone ?? null,
    contactId: event.contactId || null,
    tracking: null,
    organizerEmail: organizer?.email ?? null,
    organizerName: organizer?.name ?? null,
    providerCreatedAt: readDate(event.dateAdded, timezone),
    providerUpdatedAt: updatedAt,
    asOf,
  };
}

/**
 * A wall time that the clock shows twice, or never: ask for the appointment by id before minutes matter. Its dates count
 * too, since the later change is the newer word.
 */
export function hasUncertainTime(event: HighLevelEvent, timezone: string): boolean {
  const { startTime, endTime, dateAdded, dateUpdated } = event;
  const certainty = (text: string) => readInstant(text, timezone)?.certainty;
  return (
    [startTime, endTime].some((text) => certainty(text) !== "exact") ||
    [dateAdded, dateUpdated].some((text) => text && !["exact", undefined].includes(certainty(text)))
  );
}

const STATUS_WORDS: Record<string, { status: ReadingStatus; cancelReason?: string }> = {
  cancelled: { status: "canceled" },
  canceled: { status: "canceled" },
  confirmed: { status: "confirmed" },
  booked: { status: "confirmed" },
  active: { status: "confirmed" },
  new: { status: "confirmed" },
  pending: { status: "confirmed" },
  showed: { status: "showed" },
  // Over, and whether the person came is not recorded.
  completed: { status: "confirmed" },
  noshow: { status: "no_show" },
  invalid: { status: "canceled", cancelReason: "invalid" },
};

function mapStatus(event: HighLevelEvent) {
  const providerStatus = event.appointmentStatus || event.appoinmentStatus || event.status || "";
  // A deleted event keeps its last status word, so this comes first.
  if (event.deleted) {
    return { status: "canceled" as const, providerStatus, unrecognised: false, cancelReason: "deleted" };
  }
  const word = providerStatus.toLowerCase().replace(/[\s_-]/g, "");
  const known = Object.hasOwn(STATUS_WORDS, word) ? STATUS_WORDS[word] : undefined;
  return {
    status: known?.status ?? ("confirmed" as const),
    providerStatus,
    unrecognised: known === undefined,
    cancelReason: known?.cancelReason ?? null,
  };
}

/** To the whole second: a contact's list leaves milliseconds out, and both ways of asking must tell the same time. */
function readDate(text: string | null | undefined, timezone: string): Date | null {
  const at = text ? readInstant(text, timezone)?.at : undefined;
  return at ? new Date(Math.floor(at.getTime() / SECOND_MS) * SECOND_MS) : null;
}

/** On round-robin calendars the assignee can be an administrator while `users` names the host. */
function findHostId(event: HighLevelEvent): string | null {
  const assigned = event.assignedUserId || null;
  const users = event.users ?? [];
  if (assigned && (users.length === 0 || users.includes(assigned))) return assigned;
  return users[0] ?? null;
}

function requireInstant(text: string, timezone: string, field: string): ProviderInstant {
  const instant = readInstant(text, timezone);
  if (instant) return instant;
  throw new ProviderError("highlevel", "unexpected", `An event's ${field} cannot be read.`, {
    details: { reason: "time", field },
  });
}
