import { describe, expect, it, test } from "vitest";
import type { Standing } from "#server/db/generated/enums.ts";
import { addDays, addMs, DAY_MS, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { TEST_NOW } from "#server/testing/factories.ts";
import { decideAttendance, decideStanding, lossTime, type StandingFacts } from "./decide-standing.ts";
import { buildAppointmentFacts, buildCanceled, buildEnded } from "./testing/build-facts.ts";

type Case = { sentence: string; facts: StandingFacts; expected: Standing };

const CASES: Case[] = [
  { sentence: "a confirmed meeting ahead is live", facts: buildAppointmentFacts(), expected: "live" },
  {
    sentence: "a meeting in progress is still live: it has not ended yet",
    facts: buildAppointmentFacts({ startAt: addMs(TEST_NOW, -10 * MINUTE_MS) }),
    expected: "live",
  },
  {
    sentence: "a meeting that ends this very instant has ended",
    facts: buildAppointmentFacts({ startAt: addMs(TEST_NOW, -30 * MINUTE_MS) }),
    expected: "held",
  },
  {
    sentence: "a meeting that ends in a millisecond has not",
    facts: buildAppointmentFacts({ startAt: addMs(TEST_NOW, -30 * MINUTE_MS + 1) }),
    expected: "live",
  },
  { sentence: "ended without a word about attendance is held (R6)", facts: buildEnded(), expected: "held" },
  { sentence: "showed is held", facts: buildEnded({ status: "showed" }), expected: "held" },
  { sentence: "a no-show is one", facts: buildEnded({ status: "no_show" }), expected: "no_show" },
  { sentence: "canceled is lost before its time comes", facts: buildCanceled(), expected: "canceled" },
  {
    sentence: "canceled stays lost after its time has passed",
    facts: buildEnded({ status: "canceled" }),
    expected: "canceled",
  },
  {
    sentence: "a deleted or unknown one at the provider is vanished, ahead or past (R5)",
    facts: buildAppointmentFacts({ status: "vanished", lossSeenAt: TEST_NOW }),
    expected: "vanished",
  },
  {
    sentence: "an operator's no-show counts while the provider says nothing (R6)",
    facts: buildEnded({ attendanceMark: "no_show" }),
    expected: "no_show",
  },
  {
    sentence: "an operator's no-show is forgotten when the meeting is moved ahead (R6)",
    facts: buildAppointmentFacts({ attendanceMark: "no_show", attendanceMarkAt: TEST_NOW }),
    expected: "live",
  },
  {
    sentence: "an operator's no-show of a former time says nothing of the present one (R6)",
    facts: buildEnded({ attendanceMark: "no_show", attendanceMarkAt: addDays(TEST_NOW, -9) }),
    expected: "held",
  },
  {
    sentence: "an operator's no-show counts from the meeting's end on (R6)",
    facts: buildEnded({ attendanceMark: "no_show", attendanceMarkAt: TEST_NOW }),
    expected: "no_show",
  },
  {
    sentence: "an operator's showed says no more than held",
    facts: buildEnded({ attendanceMark: "showed" }),
    expected: "held",
  },
  {
    sentence: "the provider's showed outranks an operator's no-show (R6)",
    facts: buildEnded({ status: "showed", attendanceMark: "no_show" }),
    expected: "held",
  },
  {
    sentence: "the provider's no-show outranks an operator's showed (R6)",
    facts: buildEnded({ status: "no_show", attendanceMark: "showed" }),
    expected: "no_show",
  },
  {
    sentence: "a mark does not bring a canceled meeting back",
    facts: buildEnded({ status: "canceled", attendanceMark: "showed" }),
    expected: "canceled",
  },
  {
    sentence: "the copy's no-show counts for the record (R7)",
    facts: buildEnded({ copyStatus: "no_show" }),
    expected: "no_show",
  },
  {
    sentence: "the copy is a provider and outranks the operator's mark (R6, R7)",
    facts: buildEnded({ copyStatus: "showed", attendanceMark: "no_show" }),
    expected: "held",
  },
  {
    sentence: "the record's own word outranks its copy's",
    facts: buildEnded({ status: "no_show", copyStatus: "showed" }),
    expected: "no_show",
  },
  {
    sentence: "a copy that still says confirmed does not keep a canceled record alive (R7)",
    facts: buildCanceled({ copyStatus: "confirmed" }),
    expected: "canceled",
  },
  ...(["confirmed", "canceled", "no_show", "showed", "vanished"] as const).map(
    (status): Case => ({
      sentence: `a copy that is ${status} counts for nothing (R7)`,
      facts: buildAppointmentFacts({ provider: "highlevel", status, mirrorOfId: "record" }),
      expected: "copy",
    }),
  ),
];

describe("decideStanding", () => {
  test.each(CASES)("$sentence", ({ facts, expected }) => {
    expect(decideStanding(facts, TEST_NOW)).toBe(expected);
  });
});

describe("a booking that says rescheduled (R16)", () => {
  const moved = (overrides: Partial<StandingFacts> = {}) =>
    buildAppointmentFacts({
      status: "rescheduled",
      rescheduledToId: "next",
      canceledAt: addMs(TEST_NOW, -MINUTE_MS),
      lossSeenAt: TEST_NOW,
      ...overrides,
    });

  it("is superseded once its successor is known, whatever the time", () => {
    expect(decideStanding(moved({ successorKnown: true }), TEST_NOW)).toBe("superseded");
    expect(decideStanding(moved({ successorKnown: true }), addDays(TEST_NOW, 30))).toBe("superseded");
  });

  it.each([
    { after: "at once", ms: 0, expected: "live" },
    { after: "just before ten minutes", ms: 10 * MINUTE_MS - 1, expected: "live" },
    { after: "after ten minutes", ms: 10 * MINUTE_MS, expected: "canceled" },
    { after: "a day later", ms: DAY_MS, expected: "canceled" },
  ] as const)("$after, without a successor, is $expected", ({ ms, expected }) => {
    expect(decideStanding(moved(), addMs(TEST_NOW, ms))).toBe(expected);
  });

  it("waits also where the old time has passed: the lead may have moved a meeting it missed", () => {
    expect(decideStanding(moved({ startAt: addMs(TEST_NOW, -HOUR_MS) }), TEST_NOW)).toBe("live");
  });

  it("does not pass for booked when it is history: its move is months old and leads nowhere", () => {
    const old = moved({ startAt: addDays(TEST_NOW, -60), canceledAt: addDays(TEST_NOW, -61) });
    expect(decideStanding(old, TEST_NOW)).toBe("canceled");
  });

  it("is superseded by a successor that was read first, while its own row still says confirmed", () => {
    const unread = buildAppointmentFacts({ status: "confirmed", successorKnown: true });
    expect(decideStanding(unread, TEST_NOW)).toBe("superseded");
  });

  it("is not superseded when the provider cannot find it any more", () => {
    expect(decideStanding(moved({ status: "vanished", successorKnown: false }), TEST_NOW)).toBe("vanished");
  });
});

describe("decideAttendance", () => {
  it("never turns a loss into attendance", () => {
    for (const status of ["canceled", "rescheduled", "vanished"] as const) {
      const facts = buildEnded({ status, copyStatus: "showed", attendanceMark: "showed" });
      expect(decideAttendance(facts)).toBe(status);
    }
  });
});

describe("lossTime (R19)", () => {
  const canceledAt = addDays(TEST_NOW, -3);
  const lossSeenAt = addDays(TEST_NOW, -1);
  const firstSeenAt = addDays(TEST_NOW, -2);

  it.each([
    {
      sentence: "a cancellation counts from when it happened",
      facts: buildCanceled({ canceledAt, lossSeenAt, firstSeenAt }),
      standing: "canceled",
      expected: canceledAt,
    },
    {
      sentence: "one without a time counts from when it was first seen",
      facts: buildCanceled({ canceledAt: null, lossSeenAt, firstSeenAt }),
      standing: "canceled",
      expected: lossSeenAt,
    },
    {
      sentence: "a no-show counts from the meeting's end, however late it was marked",
      facts: buildEnded({ id: "a", status: "no_show", noShowAt: TEST_NOW, lossSeenAt: TEST_NOW }),
      standing: "no_show",
      expected: buildEnded({ id: "a" }).endAt,
    },
    {
      sentence: "a vanished one counts from when it was first missed",
      facts: buildAppointmentFacts({ status: "vanished", lossSeenAt, firstSeenAt }),
      standing: "vanished",
      expected: lossSeenAt,
    },
    {
      sentence: "a meeting that stands was not lost",
      facts: buildAppointmentFacts(),
      standing: "live",
      expected: null,
    },
  ] as const)("$sentence", ({ facts, standing, expected }) => {
    expect(lossTime(facts, standing)).toEqual(expected);
  });
});
