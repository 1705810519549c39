import { describe, expect, test } from "vitest";
import { listCallBackTimes, readWallTime, writeWallTime } from "./wall-time.ts";

test.each([
  { zone: "America/Chicago", text: "2026-03-10T09:00", at: "2026-03-10T14:00:00.000Z" },
  { zone: "America/Chicago", text: "2026-01-10T09:00", at: "2026-01-10T15:00:00.000Z" },
  { zone: "Asia/Kolkata", text: "2026-03-10T09:00", at: "2026-03-10T03:30:00.000Z" },
  { zone: "Pacific/Auckland", text: "2026-03-10T00:30", at: "2026-03-09T11:30:00.000Z" },
  { zone: "UTC", text: "2026-12-31T23:59", at: "2026-12-31T23:59:00.000Z" },
])("$text on the clock of $zone", ({ zone, text, at }) => {
  expect(readWallTime(text, zone)?.toISOString()).toBe(at);
  expect(writeWallTime(Date.parse(at), zone)).toBe(text);
});

describe("where clocks change", () => {
  test("an hour that comes twice is the first of the two", () => {
    expect(readWallTime("2026-11-01T01:30", "America/New_York")?.toISOString()).toBe(
      "2026-11-01T05:30:00.000Z",
    );
  });

  test("an hour that is skipped is read with the offset from before", () => {
    expect(readWallTime("2026-03-08T02:30", "America/New_York")?.toISOString()).toBe(
      "2026-03-08T07:30:00.000Z",
    );
  });

  test("nine in the morning of the changed day is nine", () => {
    expect(readWallTime("2026-03-29T09:00", "Europe/Berlin")?.toISOString()).toBe("2026-03-29T07:00:00.000Z");
  });
});

test("what is no time is none", () => {
  for (const text of ["", "2026-03-10", "tomorrow", "2026-13-10T09:00"]) {
    expect(readWallTime(text, "UTC"), text).toBeNull();
  }
});

test("offers the usual times on the lead's clock, and only those ahead", () => {
  const nowMs = Date.parse("2026-03-10T21:12:00.000Z"); // 16:12 in Chicago
  expect(
    listCallBackTimes(nowMs, "America/Chicago").map(({ label, at }) => [label, at.toISOString()]),
  ).toEqual([
    ["In an hour", "2026-03-10T22:15:00.000Z"],
    ["Tomorrow 9 AM", "2026-03-11T14:00:00.000Z"],
    ["Tomorrow 3 PM", "2026-03-11T20:00:00.000Z"],
  ]);
});
