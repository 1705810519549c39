import type { AppointmentStatus, Source } from "#server/db/generated/enums.ts";
import type { AppointmentReading } from "#server/providers/appointment-reading.ts";

/** The part of an appointment's row that a reading can change. */
export type AppointmentRecord = {
  connectionId: string | null;
  provider: AppointmentReading["provider"];
  providerId: string;
  eventId: string;
  calendarId: string | null;
  title: string | null;
  onConfiguredType: boolean;
  startAt: Date;
  endAt: Date;
  attendeeEmail: string | null;
  attendeeName: string | null;
  attendeePhone: string | null;
  attendeeTimezone: string | null;
  contactId: string | null;
  status: AppointmentStatus;
  providerStatus: string;
  unrecognised: boolean;
  canceledAt: Date | null;
  canceledBy: string | null;
  canceledByType: string | null;
  cancelReason: string | null;
  noShowAt: Date | null;
  rescheduledFromId: string | null;
  rescheduledToId: string | null;
  rescheduledToEventId: string | null;
  movedFromAt: Date | null;
  tracking: string | null;
  organizerEmail: string | null;
  organizerName: string | null;
  providerCreatedAt: Date | null;
  providerUpdatedAt: Date | null;
  asOf: Date;
  source: Source;
  lossSeenAt: Date | null;
};

export type ReadingDecision =
  | { outcome: "created"; record: AppointmentRecord }
  | { outcome: "updated"; record: AppointmentRecord }
  /** Equal in everything: nothing is written. */
  | { outcome: "unchanged" }
  /** Something newer is known already: a webhook that overtook a page, a late retry. */
  | { outcome: "stale" };

export type ReadingContext = {
  connectionId: string | null;
  source: Source;
  onConfiguredType: boolean;
  /** When the day that the known row starts on was last completely verified; null when never. */
  verifiedAt: Date | null;
  now: Date;
};

/** In a tie of `asOf` the later of these words wins: what ends a booking outranks what leaves it standing. */
const TIE_RANK: Record<AppointmentStatus, number> = {
  vanished: 0,
  confirmed: 1,
  showed: 2,
  no_show: 3,
  canceled: 4,
  rescheduled: 5,
};

const LOST: AppointmentStatus[] = ["canceled", "no_show", "vanished", "rescheduled"];

/** Newer data is never overwritten by older, and what is equal is not written at all. */
export function decideReading(
  known: AppointmentRecord | null,
  reading: AppointmentReading,
  context: ReadingContext,
): ReadingDecision {
  if (known === null) return { outcome: "created", record: buildRecord(null, reading, context) };
  if (isOlder(known, reading, context.verifiedAt)) return { outcome: "stale" };
  const record = buildRecord(known, reading, context);
  return sameRecord(known, record) ? { outcome: "unchanged" } : { outcome: "updated", record };
}

function isOlder(known: AppointmentRecord, reading: AppointmentReading, verifiedAt: Date | null): boolean {
  if (isLaterChange(known, reading)) return false;
  if (verifiedAt !== null && reading.asOf < verifiedAt) return true;
  return compareWords(reading, known) < 0;
}

/**
 * The provider changed it after what we know, by the provider's own clock: that is newer even where ours was set back and
 * dates the reading before. Where the provider tells no change, our clock alone decides.
 */
function isLaterChange(known: AppointmentRecord, reading: AppointmentReading): boolean {
  const { providerUpdatedAt } = reading;
  return (
    providerUpdatedAt !== null &&
    known.providerUpdatedAt !== null &&
    providerUpdatedAt > known.providerUpdatedAt
  );
}

type Word = { asOf: Date; status: AppointmentStatus; providerUpdatedAt: Date | null };

/** Orders what was said about one booking: by when, in a tie by the state's rank, then by the provider's own update. */
export function compareWords(a: Word, b: Word): number {
  return (
    a.asOf.getTime() - b.asOf.getTime() ||
    TIE_RANK[a.status] - TIE_RANK[b.status] ||
    (a.providerUpdatedAt?.getTime() ?? 0) - (b.providerUpdatedAt?.getTime() ?? 0)
  );
}

function buildRecord(
  known: AppointmentRecord | null,
  reading: AppointmentReading,
  { connectionId, source, onConfiguredType, now }: ReadingContext,
): AppointmentRecord {
  const isLost = LOST.includes(reading.status);
  const wasCanceled = known?.status === "canceled" || known?.status === "rescheduled";
  const isCanceled = reading.status === "canceled" || reading.status === "rescheduled";
  // A cancellation is told once and for all: later readings of the same loss do not move its time or its reason (R15).
  const told = wasCanceled && isCanceled && known?.canceledAt !== null ? known : reading;
  // What is not told is kept of the same person only: HighLevel may give an appointment to another contact.
  const person = known !== null && isSameContact(known, reading) ? known : null;
  const moved = known !== null && !isLost && known.startAt.getTime() !== reading.startAt.getTime();
  return {
    connectionId: connectionId ?? known?.connectionId ?? null,
    provider: reading.provider,
    providerId: reading.providerId,
    eventId: reading.eventId,
    calendarId: reading.calendarId,
    title: reading.title,
    onConfiguredType,
    startAt: reading.startAt,
    endAt: reading.endAt,
    attendeeEmail: reading.attendeeEmail ?? person?.attendeeEmail ?? null,
    attendeeName: reading.attendeeName ?? person?.attendeeName ?? null,
    attendeePhone: reading.attendeePhone ?? person?.attendeePhone ?? null,
    attendeeTimezone: reading.attendeeTimezone ?? person?.attendeeTimezone ?? null,
    contactId: reading.contactId ?? known?.contactId ?? null,
    status: reading.status,
    providerStatus: reading.providerStatus,
    unrecognised: reading.unrecognised,
    canceledAt: told.canceledAt,
    canceledBy: told.canceledBy,
    canceledByType: told.canceledByType,
    cancelReason: told.cancelReason,
    noShowAt: reading.noShowAt,
    rescheduledFromId: reading.rescheduledFromId ?? known?.rescheduledFromId ?? null,
    rescheduledToId: reading.rescheduledToId ?? known?.rescheduledToId ?? null,
    rescheduledToEventId: reading.rescheduledToEventId ?? known?.rescheduledToEventId ?? null,
    movedFromAt: moved ? known.startAt : (known?.movedFromAt ?? null),
    tracking: reading.tracking ?? known?.tracking ?? null,
    organizerEmail: reading.organizerEmail ?? known?.organizerEmail ?? null,
    organizerName: reading.organizerName ?? known?.organizerName ?? null,
    providerCreatedAt: reading.providerCreatedAt ?? known?.providerCreatedAt ?? null,
    providerUpdatedAt: reading.providerUpdatedAt,
    // Never back: what was known until then stays known until then.
    asOf: known !== null && known.asOf > reading.asOf ? known.asOf : reading.asOf,
    source,
    lossSeenAt: isLost ? ((known?.status === reading.status ? known.lossSeenAt : null) ?? now) : null,
  };
}

function isSameContact(known: AppointmentRecord, { contactId }: AppointmentReading): boolean {
  return contactId === null || known.contactId === null || contactId === known.contactId;
}

/** `asOf` and `source` say how we know, not what: alone they do not make a difference. */
function sameRecord(a: AppointmentRecord, b: AppointmentRecord): boolean {
  for (const key of Object.keys(b) as (keyof AppointmentRecord)[]) {
    if (key === "asOf" || key === "source" || key === "connectionId") continue;
    const left = a[key];
    const right = b[key];
    if (left instanceof Date && right instanceof Date) {
      if (left.getTime() !== right.getTime()) return false;
    } else if (left !== right) {
      return false;
    }
  }
  return true;
}

export type ChangeKind =
  | "booked"
  | "canceled"
  | "no_show"
  | "showed"
  | "moved"
  | "rescheduled"
  | "vanished"
  | "restored"
  | "updated";

/** The one word for what a change was, for history and screen. */
export function decideChangeKind(before: AppointmentRecord | null, after: AppointmentRecord): ChangeKind {
  if (before?.status !== after.status) {
    if (after.status !== "confirmed") return after.status;
    return before === null ? "booked" : "restored";
  }
  return before.startAt.getTime() === after.startAt.getTime() ? "updated" : "moved";
}
