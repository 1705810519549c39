import { describe, expect, it } from "vitest";
import {
  abbreviateZone,
  formatAge,
  formatDeadline,
  formatMeeting,
  formatMeetingMine,
  formatMoment,
  formatSpan,
} from "./time-text.ts";

const at = (iso: string) => Date.parse(iso);

// Instants at and around the clock changes of 2026. Offsets in hours and letters are those of the law, not of a library.
const INSTANTS = [
  "2026-03-08T06:59:00Z", // a minute before New York springs forward
  "2026-03-08T10:00:00Z", // the minute Los Angeles springs forward; New York to Denver already have
  "2026-03-29T01:00:00Z", // the minute Europe springs forward
  "2026-10-03T16:00:00Z", // the minute Sydney springs forward
  "2026-10-25T01:00:00Z", // the minute Europe falls back
  "2026-11-01T06:30:00Z", // New York has fallen back, Chicago has not
];
const ZONES: [string, [number, string][]][] = [
  [
    "America/New_York",
    [
      [-5, "EST"],
      [-4, "EDT"],
      [-4, "EDT"],
      [-4, "EDT"],
      [-4, "EDT"],
      [-5, "EST"],
    ],
  ],
  [
    "America/Chicago",
    [
      [-6, "CST"],
      [-5, "CDT"],
      [-5, "CDT"],
      [-5, "CDT"],
      [-5, "CDT"],
      [-5, "CDT"],
    ],
  ],
  [
    "America/Denver",
    [
      [-7, "MST"],
      [-6, "MDT"],
      [-6, "MDT"],
      [-6, "MDT"],
      [-6, "MDT"],
      [-6, "MDT"],
    ],
  ],
  [
    "America/Phoenix",
    [
      [-7, "MST"],
      [-7, "MST"],
      [-7, "MST"],
      [-7, "MST"],
      [-7, "MST"],
      [-7, "MST"],
    ],
  ],
  [
    "America/Los_Angeles",
    [
      [-8, "PST"],
      [-7, "PDT"],
      [-7, "PDT"],
      [-7, "PDT"],
      [-7, "PDT"],
      [-7, "PDT"],
    ],
  ],
  [
    "America/Sao_Paulo",
    [
      [-3, "GMT-3"],
      [-3, "GMT-3"],
      [-3, "GMT-3"],
      [-3, "GMT-3"],
      [-3, "GMT-3"],
      [-3, "GMT-3"],
    ],
  ],
  [
    "Europe/London",
    [
      [0, "GMT"],
      [0, "GMT"],
      [1, "BST"],
      [1, "BST"],
      [0, "GMT"],
      [0, "GMT"],
    ],
  ],
  [
    "Europe/Madrid",
    [
      [1, "CET"],
      [1, "CET"],
      [2, "CEST"],
      [2, "CEST"],
      [1, "CET"],
      [1, "CET"],
    ],
  ],
  [
    "Asia/Kolkata",
    [
      [5.5, "IST"],
      [5.5, "IST"],
      [5.5, "IST"],
      [5.5, "IST"],
      [5.5, "IST"],
      [5.5, "IST"],
    ],
  ],
  [
    "Asia/Tokyo",
    [
      [9, "GMT+9"],
      [9, "GMT+9"],
      [9, "GMT+9"],
      [9, "GMT+9"],
      [9, "GMT+9"],
      [9, "GMT+9"],
    ],
  ],
  [
    "Australia/Sydney",
    [
      [11, "AEDT"],
      [11, "AEDT"],
      [11, "AEDT"],
      [11, "AEDT"],
      [11, "AEDT"],
      [11, "AEDT"],
    ],
  ],
  [
    "Pacific/Auckland",
    [
      [13, "NZDT"],
      [13, "NZDT"],
      [13, "NZDT"],
      [13, "NZDT"],
      [13, "NZDT"],
      [13, "NZDT"],
    ],
  ],
];
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The wall clock by plain arithmetic, so that the expectation owes nothing to the code under test. */
function writeWall(iso: string, offsetHours: number, letters: string, locale: "en-US" | "en-GB"): string {
  const wall = new Date(at(iso) + offsetHours * 3_600_000);
  const hours = wall.getUTCHours();
  const minutes = String(wall.getUTCMinutes()).padStart(2, "0");
  const day = DAYS[wall.getUTCDay()];
  const month = MONTHS[wall.getUTCMonth()];
  return locale === "en-US"
    ? `${day} ${month} ${wall.getUTCDate()}, ${hours % 12 || 12}:${minutes} ${hours < 12 ? "AM" : "PM"} ${letters}`
    : `${day} ${wall.getUTCDate()} ${month}, ${hours}:${minutes} ${letters}`;
}

describe("formatMeeting", () => {
  const cases = ZONES.flatMap(([zone, readings]) =>
    INSTANTS.flatMap((iso, index) => {
      const [offset, letters] = readings[index] ?? [Number.NaN, ""];
      return (["en-US", "en-GB"] as const).map(
        (locale) => [zone, iso, locale, writeWall(iso, offset, letters, locale)] as const,
      );
    }),
  );

  it.each(cases)("reads the wall clock of %s at %s in %s", (zone, iso, locale, expected) => {
    expect(formatMeeting(at(iso), zone, at(iso), locale)).toBe(expected);
  });

  it("adds the year when the meeting is far from now", () => {
    expect(formatMeeting(at("2027-03-16T15:00:00Z"), "America/Chicago", at("2026-03-10T00:00:00Z"))).toBe(
      "Tue Mar 16, 2027, 10:00 AM CDT",
    );
  });

  it("leaves the year out just after New Year's Eve", () => {
    expect(formatMeeting(at("2027-01-04T16:00:00Z"), "America/Chicago", at("2026-12-30T00:00:00Z"))).toBe(
      "Mon Jan 4, 10:00 AM CST",
    );
  });
});

describe("abbreviateZone", () => {
  it("tells standard from summer time at the instant, not today", () => {
    expect(abbreviateZone(at("2026-01-15T12:00:00Z"), "Australia/Sydney")).toBe("AEDT");
    expect(abbreviateZone(at("2026-06-15T12:00:00Z"), "Australia/Sydney")).toBe("AEST");
  });
  it("names UTC", () => {
    expect(abbreviateZone(at("2026-06-15T12:00:00Z"), "UTC")).toBe("UTC");
  });
});

describe("formatMeetingMine", () => {
  const meeting = at("2026-03-17T15:00:00Z");
  it.each([
    ["gives the operator's clock", "America/Chicago", "America/Los_Angeles", "8:00 AM your time"],
    ["says when both read the same", "America/Chicago", "America/Chicago", "your time"],
    ["says when another zone reads the same", "America/Phoenix", "America/Los_Angeles", "your time"],
    [
      "names the day when it is another one",
      "America/Los_Angeles",
      "Australia/Sydney",
      "Wed 2:00 AM your time",
    ],
  ])("%s", (_, leadZone, myZone, expected) => {
    expect(formatMeetingMine(meeting, leadZone, myZone)).toBe(expected);
  });
});

describe("formatAge", () => {
  const now = at("2026-03-17T15:00:00Z");
  it.each([
    ["2026-03-17T14:59:58Z", "2 s ago"],
    ["2026-03-17T14:59:01Z", "59 s ago"],
    ["2026-03-17T14:59:00Z", "1 min ago"],
    ["2026-03-17T12:46:00Z", "2 h ago"],
    ["2026-03-16T15:00:01Z", "23 h ago"],
    ["2026-03-15T15:00:00Z", "2 d ago"],
    ["2026-03-10T15:00:01Z", "6 d ago"],
    ["2026-03-10T15:00:00Z", "Mar 10"],
    ["2025-06-03T15:00:00Z", "Jun 3, 2025"],
    ["2026-03-17T15:05:00Z", "in 5 min"],
  ])("%s → %s", (iso, expected) => {
    expect(formatAge(at(iso), now, "America/Chicago")).toBe(expected);
  });
});

describe("formatDeadline", () => {
  const now = at("2026-03-17T15:00:00Z");
  it.each([
    ["2026-03-17T15:18:00Z", "due in 18 min", "in 18 min", false],
    ["2026-03-17T16:02:00Z", "due in 1 h 2 min", "in 1 h 2 min", false],
    ["2026-03-17T17:00:00Z", "due in 2 h", "in 2 h", false],
    ["2026-03-17T14:18:00Z", "42 min overdue", "42 min over", true],
    ["2026-03-17T14:59:59Z", "1 s overdue", "1 s over", true],
    ["2026-03-17T13:56:00Z", "1 h 4 min overdue", "1 h over", true],
    ["2026-03-14T15:00:00Z", "3 d overdue", "3 d over", true],
    ["2026-03-19T20:00:00Z", "due Mar 19, 3:00 PM", "Mar 19, 3:00 PM", false],
  ])("%s → %s", (iso, long, short, isOverdue) => {
    expect(formatDeadline(at(iso), now, "America/Chicago")).toEqual({ text: long, isOverdue });
    expect(formatDeadline(at(iso), now, "America/Chicago", "short")).toEqual({ text: short, isOverdue });
  });
});

describe("formatMoment", () => {
  const now = at("2026-03-17T19:02:11Z");
  it("is the clock today, with the date otherwise", () => {
    expect(formatMoment(now, now, "America/Chicago")).toBe("14:02");
    expect(formatMoment(now, now, "America/Chicago", { seconds: true })).toBe("14:02:11");
    expect(formatMoment(at("2026-03-16T14:12:00Z"), now, "America/Chicago")).toBe("Mar 16 09:12");
  });
  it("counts days in the operator's zone", () => {
    expect(formatMoment(at("2026-03-17T03:00:00Z"), now, "America/Chicago")).toBe("Mar 16 22:00");
  });
});

describe("formatSpan", () => {
  it("never runs below zero", () => {
    expect(formatSpan(-5)).toBe("0 s");
  });
});
