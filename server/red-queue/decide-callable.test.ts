import { expect, test } from "vitest";
import { decideCallable } from "./decide-callable.ts";

const CHICAGO = "America/Chicago";

test.each([
  {
    sentence: "mid-morning is fine until six",
    leadZone: CHICAGO,
    now: "2026-03-10T15:00:00Z",
    expected: { isCallable: true, changesAt: new Date("2026-03-10T23:00:00Z"), isGuess: false },
  },
  {
    sentence: "nine sharp is fine",
    leadZone: CHICAGO,
    now: "2026-03-10T14:00:00Z",
    expected: { isCallable: true },
  },
  {
    sentence: "a minute before nine is too early, for a minute",
    leadZone: CHICAGO,
    now: "2026-03-10T13:59:00Z",
    expected: { isCallable: false, changesAt: new Date("2026-03-10T14:00:00Z") },
  },
  {
    sentence: "six sharp is too late, until tomorrow at nine",
    leadZone: CHICAGO,
    now: "2026-03-10T23:00:00Z",
    expected: { isCallable: false, changesAt: new Date("2026-03-11T14:00:00Z") },
  },
  {
    sentence: "the night of the spring change is an hour shorter",
    leadZone: CHICAGO,
    now: "2026-03-08T02:00:00Z",
    expected: { isCallable: false, changesAt: new Date("2026-03-08T14:00:00Z") },
  },
  {
    sentence: "half-hour zones count by their own clock",
    leadZone: "Asia/Kolkata",
    now: "2026-03-10T03:29:00Z",
    expected: { isCallable: false, changesAt: new Date("2026-03-10T03:30:00Z") },
  },
  {
    sentence: "an unknown zone reads the workspace's clock and says so",
    leadZone: null,
    now: "2026-03-10T15:00:00Z",
    expected: { isCallable: true, zone: CHICAGO, isGuess: true },
  },
  {
    sentence: "a zone that does not exist counts as unknown",
    leadZone: "Mars/Olympus_Mons",
    now: "2026-03-10T15:00:00Z",
    expected: { isCallable: true, zone: CHICAGO, isGuess: true },
  },
])("$sentence", ({ leadZone, now, expected }) => {
  expect(decideCallable({ leadZone, workspaceZone: CHICAGO }, new Date(now))).toMatchObject(expected);
});
