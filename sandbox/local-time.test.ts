import { describe, expect, test } from "vitest";
import { findInstant, formatWallTime, formatWithOffset } from "./local-time.ts";

const ms = (iso: string) => Date.parse(iso);

describe("times of a zone", () => {
  test.each([
    ["America/New_York", "2026-11-01T05:30:00Z", "2026-11-01T01:30:00-04:00"],
    ["America/New_York", "2026-11-01T06:30:00Z", "2026-11-01T01:30:00-05:00"],
    ["America/New_York", "2027-03-14T07:00:00Z", "2027-03-14T03:00:00-04:00"],
    ["Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00+02:00"],
    ["Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00+01:00"],
    ["Asia/Kolkata", "2026-11-20T10:00:00Z", "2026-11-20T15:30:00+05:30"],
    ["UTC", "2026-11-20T10:00:00Z", "2026-11-20T10:00:00+00:00"],
  ])("in %s, %s is %s", (zone, instant, expected) => {
    expect(formatWithOffset(zone, ms(instant))).toBe(expected);
    expect(ms(formatWithOffset(zone, ms(instant)))).toBe(ms(instant));
    expect(formatWallTime(zone, ms(instant))).toBe(expected.slice(0, 19).replace("T", " "));
  });

  test("finds the instant of a wall time on either side of a change", () => {
    expect(findInstant("America/New_York", ms("2026-11-02T00:00:00Z"), 9 * 60)).toBe(
      ms("2026-11-02T14:00:00Z"),
    );
    expect(findInstant("America/New_York", ms("2026-10-30T00:00:00Z"), 9 * 60)).toBe(
      ms("2026-10-30T13:00:00Z"),
    );
  });
});
