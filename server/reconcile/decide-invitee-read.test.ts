import { describe, expect, test } from "vitest";
import { addDays, addMs, DAY_MS, HOUR_MS } from "#server/lib/duration.ts";
import type { EventSummary } from "#server/providers/calendly/map-event.ts";
import { TEST_NOW } from "#server/testing/factories.ts";
import { decideInviteeRead, type InviteeReadReason, type Watermark } from "./decide-invitee-read.ts";

const UPDATED = addDays(TEST_NOW, -3);

function event(overrides: Partial<EventSummary> = {}): EventSummary {
  const startAt = overrides.startAt ?? addDays(TEST_NOW, 2);
  return {
    eventId: "EVENT",
    calendarId: "INTRO",
    startAt,
    endAt: addMs(startAt, HOUR_MS),
    updatedAt: UPDATED,
    totalInvitees: 2,
    activeInvitees: 2,
    isCanceled: false,
    ...overrides,
  };
}

const known = (overrides: Partial<Watermark> = {}): Watermark => ({
  providerUpdatedAt: UPDATED,
  inviteesTotal: 2,
  inviteesActive: 2,
  inviteesReadAt: addMs(TEST_NOW, -2 * DAY_MS),
  ...overrides,
});

const endedDaysAgo = (days: number) => ({
  startAt: addMs(TEST_NOW, -days * DAY_MS - HOUR_MS),
});

type Case = {
  sentence: string;
  event: EventSummary;
  known: Watermark | null;
  expected: InviteeReadReason | null;
};

const CASES: Case[] = [
  { sentence: "an event never seen is read", event: event(), known: null, expected: "new" },
  {
    sentence: "an event that stands as it stood costs nothing",
    event: event(),
    known: known(),
    expected: null,
  },
  {
    sentence: "a later update is read",
    event: event({ updatedAt: addMs(UPDATED, 1) }),
    known: known(),
    expected: "moved",
  },
  {
    sentence: "an update that went back is read too: it differs, and that is all we know",
    event: event({ updatedAt: addMs(UPDATED, -1) }),
    known: known(),
    expected: "moved",
  },
  {
    sentence: "a group that somebody joined is read",
    event: event({ totalInvitees: 3, activeInvitees: 3 }),
    known: known(),
    expected: "moved",
  },
  {
    sentence: "a group that somebody left is read, though the total stays",
    event: event({ activeInvitees: 1 }),
    known: known(),
    expected: "moved",
  },
  {
    sentence: "freshly ended, last read over a day ago: the no-show mark may have come",
    event: event(endedDaysAgo(1)),
    known: known(),
    expected: "recently_ended",
  },
  {
    sentence: "freshly ended, read exactly a day ago: once a day",
    event: event(endedDaysAgo(1)),
    known: known({ inviteesReadAt: addDays(TEST_NOW, -1) }),
    expected: "recently_ended",
  },
  {
    sentence: "freshly ended, read within the day: not twice",
    event: event(endedDaysAgo(1)),
    known: known({ inviteesReadAt: addMs(TEST_NOW, -DAY_MS + 1) }),
    expected: null,
  },
  {
    sentence: "ended this instant counts as ended",
    event: event({ startAt: addMs(TEST_NOW, -HOUR_MS) }),
    known: known(),
    expected: "recently_ended",
  },
  {
    sentence: "still running is not over",
    event: event({ startAt: addMs(TEST_NOW, -HOUR_MS + 1) }),
    known: known(),
    expected: null,
  },
  {
    sentence: "ended just under seven days ago is still looked at",
    event: event({ startAt: addMs(TEST_NOW, -7 * DAY_MS - HOUR_MS + 1) }),
    known: known(),
    expected: "recently_ended",
  },
  {
    sentence: "ended over seven days ago is settled",
    event: event(endedDaysAgo(8)),
    known: known(),
    expected: null,
  },
  {
    sentence: "a canceled one has no attendance to wait for",
    event: event({ ...endedDaysAgo(1), isCanceled: true }),
    known: known(),
    expected: null,
  },
];

describe("decideInviteeRead", () => {
  test.each(CASES)("$sentence", ({ event, known, expected }) => {
    expect(decideInviteeRead(event, known, TEST_NOW)).toBe(expected);
  });
});
