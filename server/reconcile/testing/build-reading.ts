import { addMs, DAY_MS, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import type { AppointmentReading } from "#server/providers/appointment-reading.ts";
import { TEST_NOW } from "#server/testing/factories.ts";

let built = 0;

/** A confirmed Calendly meeting two days ahead, half an hour long, read just now. */
export function buildReading(overrides: Partial<AppointmentReading> = {}): AppointmentReading {
  const number = ++built;
  const startAt = overrides.startAt ?? addMs(TEST_NOW, 2 * DAY_MS);
  const providerId = overrides.providerId ?? `INVITEE${number}`;
  return {
    provider: "calendly",
    providerId,
    eventId: overrides.provider === "highlevel" ? providerId : `EVENT${number}`,
    calendarId: "INTRO",
    title: "Intro call",
    status: "confirmed",
    providerStatus: "active",
    unrecognised: false,
    startAt,
    endAt: addMs(startAt, 30 * MINUTE_MS),
    canceledAt: null,
    canceledBy: null,
    canceledByType: null,
    cancelReason: null,
    rescheduledFromId: null,
    rescheduledToId: null,
    rescheduledToEventId: null,
    noShowAt: null,
    attendeeEmail: `guest.${number}@ridgeline.example`,
    attendeeName: "Sam Porter",
    attendeePhone: null,
    attendeeTimezone: "America/New_York",
    contactId: null,
    tracking: null,
    organizerEmail: "host@harbor.example",
    organizerName: "Ben Ito",
    providerCreatedAt: addMs(TEST_NOW, -DAY_MS),
    providerUpdatedAt: addMs(TEST_NOW, -HOUR_MS),
    asOf: TEST_NOW,
    ...overrides,
  };
}

/** The same booking, canceled by its invitee. */
export function cancelReading(
  reading: AppointmentReading,
  overrides: Partial<AppointmentReading> = {},
): AppointmentReading {
  return {
    ...reading,
    status: "canceled",
    providerStatus: "canceled",
    canceledAt: TEST_NOW,
    canceledBy: "Sam Porter",
    canceledByType: "invitee",
    cancelReason: "Something came up",
    asOf: addMs(reading.asOf, MINUTE_MS),
    ...overrides,
  };
}
