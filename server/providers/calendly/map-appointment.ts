import type { AppointmentReading, ReadingStatus } from "../appointment-reading.ts";
import type { CalendlyCancellation, CalendlyEvent, CalendlyInvitee } from "./schema.ts";
import { lastSegment, readInviteeUri } from "./uri.ts";

/**
 * One invitee of one event as one booking (R3, R13): the booking is the person's, so a group event gives
 * one reading for each invitee.
 */
export function mapInvitee(event: CalendlyEvent, invitee: CalendlyInvitee, asOf: Date): AppointmentReading {
  const { status, providerStatus, unrecognised } = mapStatus(event, invitee);
  const isOff = status === "canceled" || status === "rescheduled";
  // Canceling one seat of a group leaves no trace on the event; the invitee's own word comes first.
  const cancellation = isOff ? (invitee.cancellation ?? event.cancellation ?? null) : null;
  const successor = invitee.new_invitee ? readInviteeUri(invitee.new_invitee) : null;
  const host = event.event_memberships?.[0];
  return {
    provider: "calendly",
    providerId: lastSegment(invitee.uri),
    eventId: lastSegment(event.uri),
    calendarId: event.event_type ? lastSegment(event.event_type) : null,
    title: textOrNull(event.name),
    status,
    providerStatus,
    unrecognised,
    startAt: event.start_time,
    endAt: event.end_time,
    canceledAt: isOff ? (invitee.cancellation?.created_at ?? event.cancellation?.created_at ?? null) : null,
    canceledBy: textOrNull(cancellation?.canceled_by),
    canceledByType: readCancelerType(cancellation),
    cancelReason: textOrNull(cancellation?.reason),
    rescheduledFromId: invitee.old_invitee ? lastSegment(invitee.old_invitee) : null,
    rescheduledToId: successor?.inviteeId ?? null,
    rescheduledToEventId: successor?.eventId ?? null,
    noShowAt: status === "no_show" ? (invitee.no_show?.created_at ?? null) : null,
    attendeeEmail: textOrNull(invitee.email?.trim()),
    attendeeName: textOrNull(invitee.name) ?? joinName(invitee),
    attendeePhone: textOrNull(invitee.text_reminder_number),
    attendeeTimezone: textOrNull(invitee.timezone),
    contactId: null,
    tracking: readTracking(invitee.tracking),
    organizerEmail: textOrNull(host?.user_email),
    organizerName: textOrNull(host?.user_name),
    providerCreatedAt: invitee.created_at ?? event.created_at ?? null,
    providerUpdatedAt: laterOf(invitee.updated_at, event.updated_at),
    asOf,
  };
}

function mapStatus(event: CalendlyEvent, invitee: CalendlyInvitee) {
  const words = [readWord(invitee.status), readWord(event.status)];
  if (invitee.rescheduled) return verdict("rescheduled", invitee.status);
  if (words[0] === "canceled") return verdict("canceled", invitee.status);
  if (words[1] === "canceled") return verdict("canceled", event.status);
  if (invitee.no_show) return verdict("no_show", invitee.status);
  if (words[0] === "unknown") return verdict("confirmed", invitee.status, true);
  if (words[1] === "unknown") return verdict("confirmed", event.status, true);
  return verdict("confirmed", invitee.status);
}

function verdict(status: ReadingStatus, providerStatus: string, unrecognised = false) {
  return { status, providerStatus, unrecognised };
}

export function readWord(status: string): "active" | "canceled" | "unknown" {
  const word = status.trim().toLowerCase();
  if (word === "active") return "active";
  return word === "canceled" || word === "cancelled" ? "canceled" : "unknown";
}

function readCancelerType(cancellation: CalendlyCancellation | null): "host" | "invitee" | null {
  const type = cancellation?.canceler_type;
  return type === "host" || type === "invitee" ? type : null;
}

function joinName({ first_name, last_name }: CalendlyInvitee): string | null {
  return textOrNull([first_name, last_name].filter(Boolean).join(" "));
}

/** Longer ones are no id. */
const TRACKING_LENGTH = 200;

function readTracking(tracking: CalendlyInvitee["tracking"]): string | null {
  const values = Object.values(tracking ?? {}).flatMap((value) =>
    typeof value === "string" && value.length <= TRACKING_LENGTH
      ? (textOrNull(value.replace(/\s+/g, " ").trim()) ?? [])
      : [],
  );
  return textOrNull([...new Set(values)].sort().join("\n"));
}

/** A cancellation without words has null or an empty reason, depending on who canceled: both are none. */
function textOrNull(text: string | null | undefined): string | null {
  return text?.trim() ? text : null;
}

function laterOf(a: Date | null | undefined, b: Date | null | undefined): Date | null {
  if (a && b) return a > b ? a : b;
  return a ?? b ?? null;
}
