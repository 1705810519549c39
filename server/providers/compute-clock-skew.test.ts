import { expect, test } from "vitest";
import { computeClockSkewMs } from "./compute-clock-skew.ts";

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 20, 10, 0, 0) + seconds * 1_000);
const date = at(0).toUTCString();

test.each<[string, number, number, number]>([
  ["the same second", 0.2, 0.4, 0],
  ["the end of the second that the header names", 0.9, 0.99, 0],
  ["an answer that took long", -40, 0.5, 0],
  ["a clock 45 s ahead", 46, 46.2, 45_000],
  ["a clock 45 s behind", -45.2, -45, -45_000],
  ["a clock far behind, and an answer that took long", -100, -60, -60_000],
])("%s", (_sentence, sent, received, expected) => {
  expect(computeClockSkewMs({ sentAt: at(sent), receivedAt: at(received), date })).toBe(expected);
});

test.each([null, "", "yesterday"])("%j is no date", (none) => {
  expect(computeClockSkewMs({ sentAt: at(0), receivedAt: at(1), date: none })).toBeNull();
});
