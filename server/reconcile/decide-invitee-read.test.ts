import { describe, expect, test } from "vitest";
import { addDays, addMs, DAY_MS, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import type { EventSummary } from "#server/providers/calendly/map-event.ts";
import { TEST_NOW } from "#server/testing/factories.ts";
import {
  chooseRereads,
  countShortReads,
  decideInviteeRead,
  type InviteeReadReason,
  type Watermark,
} from "./decide-invitee-read.ts";

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
  shortReads: 0,
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
  {
    sentence: "a list that came short is read again at once",
    event: event(),
    known: known({ shortReads: 5, inviteesReadAt: TEST_NOW }),
    expected: "short_list",
  },
  {
    sentence: "a list that always comes short costs no call with every sweep",
    event: event(),
    known: known({ shortReads: 6, inviteesReadAt: addMs(TEST_NOW, -5 * MINUTE_MS + 1) }),
    expected: null,
  },
  {
    sentence: "a list that always comes short is looked at again, after twice the time",
    event: event(),
    known: known({ shortReads: 7, inviteesReadAt: addMs(TEST_NOW, -10 * MINUTE_MS) }),
    expected: "short_list",
  },
  {
    sentence: "a list that always comes short is looked at once a day at least",
    event: event(),
    known: known({ shortReads: 400, inviteesReadAt: addDays(TEST_NOW, -1) }),
    expected: "short_list",
  },
  {
    sentence: "a short list that moves is read at once",
    event: event({ totalInvitees: 3 }),
    known: known({ shortReads: 9, inviteesReadAt: TEST_NOW }),
    expected: "moved",
  },
];

describe("decideInviteeRead", () => {
  test.each(CASES)("$sentence", ({ event, known, expected }) => {
    expect(decideInviteeRead(event, known, TEST_NOW)).toBe(expected);
  });
});

describe("countShortReads", () => {
  test.each<[string, EventSummary, Watermark | null, boolean, number]>([
    ["begins with the first list that comes short", event(), null, true, 1],
    ["goes on while the event stands still", event(), known({ shortReads: 4 }), true, 5],
    ["begins anew when the event moves", event({ activeInvitees: 1 }), known({ shortReads: 4 }), true, 1],
    ["ends with a list that explains everybody", event(), known({ shortReads: 4 }), false, 0],
  ])("%s", (_, summary, before, isShort, expected) => {
    expect(countShortReads(summary, before, isShort)).toBe(expected);
  });
});

describe("chooseRereads", () => {
  const ended = (eventId: string, hoursAgo: number) => ({
    summary: { ...event(endedDaysAgo(2)), eventId },
    known: known({ inviteesReadAt: addMs(TEST_NOW, -hoursAgo * HOUR_MS) }),
  });

  test("takes twenty of a page, those first that were read longest ago", () => {
    const page = Array.from({ length: 30 }, (_, n) => ended(`E${n}`, 24 + n));
    expect(chooseRereads(page, TEST_NOW)).toEqual(new Set(page.slice(10).map((e) => e.summary.eventId)));
  });

  test("counts neither what is new nor what was read within the day", () => {
    const page = [ended("RECENT", 23), { summary: event(), known: null }, ended("DUE", 24)];
    expect(chooseRereads(page, TEST_NOW)).toEqual(new Set(["DUE"]));
  });
});
