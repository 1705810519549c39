import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatWallTime, isKnownTimezone, readInstant } from "./wall-time.ts";

describe("one appointment in two spellings", () => {
  test.each([
    ["with an offset", "2026-11-25T10:00:00-05:00", "Europe/Zurich", "2026-11-25T15:00:00Z", "exact"],
    ["in UTC", "2026-11-25T15:00:00.000Z", "Europe/Zurich", "2026-11-25T15:00:00Z", "exact"],
    ["bare, in winter", "2026-11-25 10:00:00", "America/New_York", "2026-11-25T15:00:00Z", "exact"],
    ["bare, in summer", "2026-07-01 10:00:00", "America/New_York", "2026-07-01T14:00:00Z", "exact"],
    ["bare, with a T", "2026-07-01T10:00:00", "Europe/Zurich", "2026-07-01T08:00:00Z", "exact"],
    ["bare, half an hour off", "2026-07-01 10:00:00", "Asia/Calcutta", "2026-07-01T04:30:00Z", "exact"],
    [
      "the last minute before the gap",
      "2026-03-08 01:59:00",
      "America/New_York",
      "2026-03-08T06:59:00Z",
      "exact",
    ],
    [
      "in the gap: the later instant",
      "2026-03-08 02:30:00",
      "America/New_York",
      "2026-03-08T07:30:00Z",
      "gap",
    ],
    [
      "the first minute after the gap",
      "2026-03-08 03:00:00",
      "America/New_York",
      "2026-03-08T07:00:00Z",
      "exact",
    ],
    [
      "in the overlap: the earlier instant",
      "2026-11-01 01:30:00",
      "America/New_York",
      "2026-11-01T05:30:00Z",
      "overlap",
    ],
    ["after the overlap", "2026-11-01 02:00:00", "America/New_York", "2026-11-01T07:00:00Z", "exact"],
    [
      "the other half of the world's gap",
      "2026-10-04 02:15:00",
      "Australia/Sydney",
      "2026-10-03T16:15:00Z",
      "gap",
    ],
    ["a gap of half an hour", "2026-10-04 02:15:00", "Australia/Lord_Howe", "2026-10-03T15:45:00Z", "gap"],
  ])("%s", (_sentence, text, timezone, at, certainty) => {
    expect(readInstant(text, timezone)).toEqual({ at: new Date(at), certainty });
  });

  test.each([
    ["no time", "", "UTC"],
    ["words", "next Tuesday", "UTC"],
    ["a date only", "2026-11-25", "UTC"],
    ["a day that does not exist", "2026-02-30 10:00:00", "UTC"],
    ["an hour that does not exist", "2026-02-20 25:00:00", "UTC"],
    ["an unknown zone", "2026-11-25 10:00:00", "Mars/Olympus"],
  ])("does not guess: %s", (_sentence, text, timezone) => {
    expect(readInstant(text, timezone)).toBeNull();
  });

  test("an instant survives the way through wall time, except in an overlap", () => {
    const zone = fc.constantFrom(
      "UTC",
      "America/New_York",
      "Europe/Zurich",
      "Asia/Calcutta",
      "Australia/Lord_Howe",
    );
    const second = fc.integer({ min: Date.UTC(2020, 0) / 1000, max: Date.UTC(2035, 0) / 1000 });
    fc.assert(
      fc.property(second, zone, (seconds, timezone) => {
        const at = new Date(seconds * 1000);
        const read = readInstant(formatWallTime(at, timezone), timezone);
        expect(read?.certainty).not.toBe("gap");
        if (read?.certainty === "exact") expect(read.at).toEqual(at);
      }),
    );
  });

  test("knows which zones exist", () => {
    expect(["Europe/Zurich", "Asia/Calcutta", "Nowhere", ""].map(isKnownTimezone)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
