import { describe, expect, test } from "vitest";
import type { MismatchCause } from "#server/db/generated/enums.ts";
import { addDays } from "#server/lib/duration.ts";
import { type CauseAppointment, type CauseFacts, decideCause } from "./decide-cause.ts";

const NOW = new Date("2026-03-10T15:00:00Z");
const daysAgo = (days: number) => addDays(NOW, -days);

function appointment(overrides: Partial<CauseAppointment> = {}): CauseAppointment {
  return {
    id: "calendly-1",
    provider: "calendly",
    status: "canceled",
    startAt: daysAgo(1),
    bookedAt: daysAgo(6),
    mirrorOfId: null,
    successor: null,
    ...overrides,
  };
}

type Overrides = Partial<Omit<CauseFacts, "lead">> & { lead?: Partial<CauseFacts["lead"]> };

/** A claim of three days ago without any meeting, both providers connected and well. */
function facts({ lead, ...overrides }: Overrides = {}): CauseFacts {
  return {
    lead: {
      status: "meeting_booked",
      statusAt: daysAgo(3),
      statusSource: "import",
      meetingState: "none",
      claimAt: daysAgo(3),
      mismatchSince: daysAgo(3),
      meetingChangedAt: null,
      lostAt: null,
      linkSentAt: null,
      hasContactId: false,
      ...lead,
    },
    appointments: [],
    connections: [
      { provider: "calendly", state: "healthy", fullScope: true },
      { provider: "highlevel", state: "polling", fullScope: true },
    ],
    outages: [],
    hasSuggestedBooking: false,
    window: { from: daysAgo(90), to: addDays(NOW, 90) },
    ...overrides,
  };
}

const copy = appointment({
  id: "hl-1",
  provider: "highlevel",
  status: "confirmed",
  mirrorOfId: "calendly-1",
});

const cases: [sentence: string, facts: CauseFacts, cause: MismatchCause][] = [
  [
    "Calendly canceled, its copy at HighLevel still reads confirmed",
    facts({ appointments: [appointment(), copy] }),
    "provider_missed_cancel",
  ],
  [
    "a copy whose record still stands is no missed cancel",
    facts({ appointments: [appointment({ status: "confirmed" }), copy] }),
    "no_trace",
  ],
  [
    "moved to a booking that nobody knows",
    facts({ appointments: [appointment({ status: "rescheduled", successor: "unknown" })] }),
    "rescheduled_not_linked",
  ],
  [
    "moved to a booking that has no lead",
    facts({ appointments: [appointment({ status: "rescheduled", successor: "unmatched" })] }),
    "rescheduled_not_linked",
  ],
  [
    "moved to a booking of this lead is linked",
    facts({ appointments: [appointment({ status: "rescheduled", successor: "linked" })] }),
    "no_trace",
  ],
  ["a booking without a lead looks like this person", facts({ hasSuggestedBooking: true }), "other_identity"],
  [
    "the only meeting lies before the window",
    facts({ appointments: [appointment({ startAt: daysAgo(120) })] }),
    "outside_window",
  ],
  [
    "one meeting of two lies inside the window",
    facts({ appointments: [appointment({ startAt: daysAgo(120) }), appointment()] }),
    "no_trace",
  ],
  ["a connection is failing now", facts({ outages: [{ from: daysAgo(1), to: null }] }), "feed_gap"],
  [
    "a connection failed in the day before the claim",
    facts({ outages: [{ from: daysAgo(5), to: daysAgo(3.5) }] }),
    "feed_gap",
  ],
  [
    "a connection failed and recovered long before the claim",
    facts({ outages: [{ from: daysAgo(9), to: daysAgo(8) }] }),
    "no_trace",
  ],
  ["no provider is connected", facts({ connections: [] }), "calendar_not_connected"],
  [
    "the token sees one user only",
    facts({ connections: [{ provider: "calendly", state: "healthy", fullScope: false }] }),
    "calendar_not_connected",
  ],
  [
    "a provider that was connected is off",
    facts({
      connections: [
        { provider: "calendly", state: "healthy", fullScope: true },
        { provider: "highlevel", state: "off", fullScope: true },
      ],
    }),
    "calendar_not_connected",
  ],
  [
    "the lead has a HighLevel contact and HighLevel is not connected",
    facts({
      lead: { hasContactId: true },
      connections: [{ provider: "calendly", state: "healthy", fullScope: true }],
    }),
    "calendar_not_connected",
  ],
  [
    "a workspace that has always used one provider misses nothing",
    facts({ connections: [{ provider: "calendly", state: "healthy", fullScope: true }] }),
    "no_trace",
  ],
  [
    "reconnected to another account: the provider is there",
    facts({
      connections: [
        { provider: "calendly", state: "off", fullScope: false },
        { provider: "calendly", state: "healthy", fullScope: true },
      ],
    }),
    "no_trace",
  ],
  [
    "the status is protected",
    facts({ lead: { status: "blacklisted", meetingState: "booked" } }),
    "status_protected",
  ],
  [
    "the status was set by a person after the evidence",
    facts({
      lead: {
        meetingState: "canceled",
        statusSource: "operator",
        meetingChangedAt: daysAgo(4),
        lostAt: daysAgo(4),
      },
    }),
    "set_by_hand",
  ],
  [
    "the status was imported before the evidence",
    facts({ lead: { meetingState: "canceled", meetingChangedAt: daysAgo(2), lostAt: daysAgo(2) } }),
    "canceled_after_claim",
  ],
  [
    "the status was moved by evidence itself",
    facts({
      lead: {
        meetingState: "canceled",
        statusSource: "reconcile",
        meetingChangedAt: daysAgo(4),
        lostAt: daysAgo(4),
      },
    }),
    "no_trace",
  ],
  [
    "the meeting vanished after the claim",
    facts({
      lead: {
        meetingState: "vanished",
        statusSource: "webhook",
        meetingChangedAt: daysAgo(1),
        lostAt: daysAgo(1),
      },
    }),
    "canceled_after_claim",
  ],
  [
    "a link went out and no booking followed",
    facts({ lead: { linkSentAt: daysAgo(4) } }),
    "link_sent_not_booked",
  ],
  [
    "a booking was made after the link went out",
    facts({ lead: { linkSentAt: daysAgo(8) }, appointments: [appointment()] }),
    "no_trace",
  ],
  ["nothing explains it", facts(), "no_trace"],
];

describe("decideCause", () => {
  test.each(cases)("%s", (_sentence, given, cause) => {
    expect(decideCause(given)).toBe(cause);
  });

  test("takes the first that is true when all are", () => {
    const everything = facts({
      lead: { status: "blacklisted", linkSentAt: daysAgo(4) },
      appointments: [appointment(), copy, appointment({ status: "rescheduled", successor: "unknown" })],
      hasSuggestedBooking: true,
      outages: [{ from: daysAgo(1), to: null }],
      connections: [],
    });
    expect(decideCause(everything)).toBe("provider_missed_cancel");
  });
});
