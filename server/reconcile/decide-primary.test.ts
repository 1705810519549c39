import { describe, expect, it, test } from "vitest";
import type { MeetingState } from "#server/db/generated/enums.ts";
import { addDays, addMs, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { TEST_NOW } from "#server/testing/factories.ts";
import { decidePrimary } from "./decide-primary.ts";
import type { StandingFacts } from "./decide-standing.ts";
import { buildAppointmentFacts, buildCanceled, buildEnded } from "./testing/build-facts.ts";

const days = (n: number) => addDays(TEST_NOW, n);
const live = (id: string, n: number, more: Partial<StandingFacts> = {}) =>
  buildAppointmentFacts({ id, startAt: days(n), ...more });
const canceled = (id: string, canceledAt: Date | null, more: Partial<StandingFacts> = {}) =>
  buildCanceled({ id, canceledAt, ...more });
const vanished = (id: string, lossSeenAt: Date, more: Partial<StandingFacts> = {}) =>
  buildAppointmentFacts({ id, status: "vanished", lossSeenAt, ...more });

type Case = { sentence: string; given: StandingFacts[]; primary: string | null; state: MeetingState };

const CASES: Case[] = [
  { sentence: "no appointments: no meeting", given: [], primary: null, state: "none" },
  {
    sentence: "the soonest of several live ones",
    given: [live("later", 9), live("sooner", 2), live("middle", 5)],
    primary: "sooner",
    state: "booked",
  },
  {
    sentence: "a live one before anything held, lost or vanished (R1)",
    given: [
      buildEnded({ id: "held" }),
      canceled("canceled", TEST_NOW),
      vanished("vanished", TEST_NOW),
      live("live", 80),
    ],
    primary: "live",
    state: "booked",
  },
  {
    sentence: "a live one at the other provider counts the same (R1)",
    given: [canceled("calendly", TEST_NOW), live("highlevel", 3, { provider: "highlevel" })],
    primary: "highlevel",
    state: "booked",
  },
  {
    sentence: "a live one of a connection that is gone counts the same (R1)",
    given: [live("frozen", 3, { asOf: days(-30) })],
    primary: "frozen",
    state: "booked",
  },
  {
    sentence: "without a live one, the latest start among held and no-show: here held",
    given: [
      buildEnded({ id: "missed", status: "no_show", startAt: days(-9) }),
      buildEnded({ id: "held", startAt: days(-3) }),
    ],
    primary: "held",
    state: "held",
  },
  {
    sentence: "without a live one, the latest start among held and no-show: here the no-show",
    given: [
      buildEnded({ id: "missed", status: "no_show", startAt: days(-3) }),
      buildEnded({ id: "held", startAt: days(-9) }),
    ],
    primary: "missed",
    state: "no_show",
  },
  {
    sentence: "held outranks a later cancellation: a lead that met is not one that canceled",
    given: [buildEnded({ id: "held", startAt: days(-40) }), canceled("canceled", TEST_NOW)],
    primary: "held",
    state: "held",
  },
  {
    sentence: "the most recently canceled, not the latest start",
    given: [
      canceled("first", days(-4), { startAt: days(9) }),
      canceled("last", days(-1), { startAt: days(1) }),
    ],
    primary: "last",
    state: "canceled",
  },
  {
    sentence: "an unknown cancellation time counts as its start",
    given: [canceled("known", days(-2)), canceled("unknown", null, { startAt: days(-1) })],
    primary: "unknown",
    state: "canceled",
  },
  {
    sentence: "canceled before vanished",
    given: [vanished("vanished", TEST_NOW), canceled("canceled", days(-50))],
    primary: "canceled",
    state: "canceled",
  },
  {
    sentence: "the most recently vanished",
    given: [vanished("first", days(-9)), vanished("last", days(-2))],
    primary: "last",
    state: "vanished",
  },
  {
    sentence: "a copy never stands for the lead, even where the record is lost (R7)",
    given: [canceled("record", TEST_NOW), live("copy", 2, { provider: "highlevel", mirrorOfId: "record" })],
    primary: "record",
    state: "canceled",
  },
  {
    sentence: "a superseded booking never stands for the lead",
    given: [
      live("old", 1, { status: "rescheduled", rescheduledToId: "next", successorKnown: true }),
      live("next", 6, { rescheduledFromId: "old" }),
    ],
    primary: "next",
    state: "booked",
  },
  {
    sentence: "a chain whose last link is canceled is canceled",
    given: [
      live("old", 1, { status: "rescheduled", rescheduledToId: "next", successorKnown: true }),
      canceled("next", days(-1), { rescheduledFromId: "old" }),
    ],
    primary: "next",
    state: "canceled",
  },
  {
    sentence: "a booking that waits for its successor keeps the lead booked but yields to a real one",
    given: [
      live("waiting", 1, { status: "rescheduled", lossSeenAt: TEST_NOW, canceledAt: TEST_NOW }),
      live("real", 6),
    ],
    primary: "real",
    state: "booked",
  },
  {
    sentence: "a tie goes to the later provider update",
    given: [live("a", 2, { providerUpdatedAt: days(-3) }), live("b", 2, { providerUpdatedAt: days(-2) })],
    primary: "b",
    state: "booked",
  },
  {
    sentence: "a tie in both goes to the lower provider id",
    given: [live("b", 2), live("a", 2)],
    primary: "a",
    state: "booked",
  },
  {
    sentence: "in a tie an update that is known comes before one that is not",
    given: [live("a", 2, { providerUpdatedAt: null }), live("b", 2)],
    primary: "b",
    state: "booked",
  },
];

describe("decidePrimary (R1, R12)", () => {
  test.each(CASES)("$sentence", ({ given, primary, state }) => {
    for (const order of [given, [...given].reverse()]) {
      const decision = decidePrimary(order, TEST_NOW);
      expect({ primary: decision.primary?.id ?? null, state: decision.state }).toEqual({ primary, state });
    }
  });

  it("says when the primary was lost, and nothing where it was not", () => {
    expect(decidePrimary([canceled("a", days(-2))], TEST_NOW).lostAt).toEqual(days(-2));
    expect(decidePrimary([vanished("a", days(-3))], TEST_NOW).lostAt).toEqual(days(-3));
    expect(decidePrimary([live("a", 1), canceled("b", TEST_NOW)], TEST_NOW).lostAt).toBeNull();
    expect(decidePrimary([], TEST_NOW).lostAt).toBeNull();
  });
});

describe("when time alone decides next", () => {
  it("is the earliest end among live meetings", () => {
    const decision = decidePrimary([live("later", 9), live("sooner", 2)], TEST_NOW);
    expect(decision.redecideAt).toEqual(addMs(days(2), 30 * MINUTE_MS));
  });

  it("is the end of the grace for a booking without successor", () => {
    const waiting = live("waiting", 2, {
      status: "rescheduled",
      canceledAt: TEST_NOW,
      lossSeenAt: TEST_NOW,
    });
    expect(decidePrimary([waiting, live("later", 9)], TEST_NOW).redecideAt).toEqual(
      addMs(TEST_NOW, 10 * MINUTE_MS),
    );
  });

  it("never comes for what is over or lost", () => {
    const given = [buildEnded({ id: "held" }), canceled("canceled", TEST_NOW), vanished("gone", TEST_NOW)];
    expect(decidePrimary(given, TEST_NOW).redecideAt).toBeNull();
  });

  it("has come exactly when the decision differs", () => {
    const meeting = buildAppointmentFacts({ startAt: addMs(TEST_NOW, HOUR_MS) });
    const { redecideAt } = decidePrimary([meeting], TEST_NOW);
    if (redecideAt === null) throw new Error("A live meeting ends some time.");
    expect(decidePrimary([meeting], addMs(redecideAt, -1)).state).toBe("booked");
    expect(decidePrimary([meeting], redecideAt).state).toBe("held");
  });
});
