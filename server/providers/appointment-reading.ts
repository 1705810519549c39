/** The states that a provider can express about one booking (`vanished` is ours: R5). */
export type ReadingStatus = "confirmed" | "canceled" | "rescheduled" | "showed" | "no_show";

/**
 * One booking of one person at one provider, in our words, as read at `asOf`. Both providers' `map-*`
 * files produce this and nothing downstream knows any other shape.
 */
export type AppointmentReading = {
  provider: "calendly" | "highlevel";
  /** Calendly: last segment of the invitee URI. HighLevel: event id. Unique per workspace and provider. */
  providerId: string;
  /** Calendly: last segment of the scheduled event URI. HighLevel: same as `providerId`. */
  eventId: string;
  /** Calendly: last segment of the event type URI. HighLevel: calendar id. */
  calendarId: string | null;
  /** What the meeting is called, as booked. */
  title: string | null;
  status: ReadingStatus;
  /** The provider's own word, untouched. */
  providerStatus: string;
  /** The provider used a word we do not know: counted as confirmed, kept and shown (R3, R4). */
  unrecognised: boolean;
  startAt: Date;
  endAt: Date;
  canceledAt: Date | null;
  /** Display name that the provider gives, if any. */
  canceledBy: string | null;
  canceledByType: "host" | "invitee" | null;
  cancelReason: string | null;
  /** Provider ids of the neighbours in a reschedule chain; Calendly only. */
  rescheduledFromId: string | null;
  rescheduledToId: string | null;
  /** Calendly event id of the successor, so that it can be fetched; null when there is none. */
  rescheduledToEventId: string | null;
  noShowAt: Date | null;
  /** As typed by the person; HighLevel events carry none: the remembered contact supplies it. */
  attendeeEmail: string | null;
  attendeeName: string | null;
  attendeePhone: string | null;
  attendeeTimezone: string | null;
  /** HighLevel contact id. */
  contactId: string | null;
  /** What the link carried with which it was booked, a value a line: a customer's own ids, among others. Calendly only. */
  tracking: string | null;
  organizerEmail: string | null;
  organizerName: string | null;
  providerCreatedAt: Date | null;
  providerUpdatedAt: Date | null;
  /** When the request that read this was SENT (or, for a signed snapshot, the delivery's own time). */
  asOf: Date;
};
