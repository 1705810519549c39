import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { AppointmentStatus } from "#server/db/generated/enums.ts";
import { addDays, addMs, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import type { AppointmentReading, ReadingStatus } from "#server/providers/appointment-reading.ts";
import { TEST_NOW } from "#server/testing/factories.ts";
import {
  type AppointmentRecord,
  type ChangeKind,
  decideChangeKind,
  decideReading,
  type ReadingContext,
} from "./decide-reading.ts";
import { buildReading, cancelReading } from "./testing/build-reading.ts";

const CONTEXT: ReadingContext = {
  connectionId: "connection",
  source: "reconcile",
  onConfiguredType: true,
  verifiedAt: null,
  now: TEST_NOW,
};

function record(reading: AppointmentReading, context: Partial<ReadingContext> = {}): AppointmentRecord {
  const decision = decideReading(null, reading, { ...CONTEXT, ...context });
  if (decision.outcome !== "created") throw new Error("What is not known is created.");
  return decision.record;
}

function decide(
  known: AppointmentRecord,
  reading: AppointmentReading,
  context: Partial<ReadingContext> = {},
) {
  return decideReading(known, reading, { ...CONTEXT, ...context });
}

function update(
  known: AppointmentRecord,
  reading: AppointmentReading,
  context: Partial<ReadingContext> = {},
) {
  const decision = decide(known, reading, context);
  if (decision.outcome !== "updated") throw new Error(`Expected an update, was ${decision.outcome}.`);
  return decision.record;
}

const seconds = (n: number) => addMs(TEST_NOW, n * 1_000);

describe("the guard", () => {
  const booked = buildReading({ asOf: seconds(10) });

  it.each([
    { sentence: "a newer reading counts", asOf: seconds(11), outcome: "updated" },
    { sentence: "one of the same time counts: it ends what stood", asOf: seconds(10), outcome: "updated" },
    { sentence: "an older one is stale", asOf: seconds(9), outcome: "stale" },
    { sentence: "a millisecond older is older", asOf: addMs(seconds(10), -1), outcome: "stale" },
  ])("$sentence", ({ asOf, outcome }) => {
    expect(decide(record(booked), cancelReading(booked, { asOf })).outcome).toBe(outcome);
  });

  it("counts a complete check of the day as knowledge, though it wrote nothing to the row", () => {
    const canceled = cancelReading(booked, { asOf: seconds(20) });
    expect(decide(record(booked), canceled, { verifiedAt: seconds(21) }).outcome).toBe("stale");
    expect(decide(record(booked), canceled, { verifiedAt: seconds(20) }).outcome).toBe("updated");
    expect(decide(record(booked), canceled, { verifiedAt: seconds(19) }).outcome).toBe("updated");
  });

  it("does not hold an unknown booking against an older check", () => {
    expect(decideReading(null, booked, { ...CONTEXT, verifiedAt: seconds(99) }).outcome).toBe("created");
  });

  it("writes nothing when only the time or the way of knowing differs", () => {
    const again = { ...booked, asOf: seconds(60) };
    expect(decide(record(booked), again, { source: "webhook" }).outcome).toBe("unchanged");
  });

  it("says stale and not unchanged of an older equal reading", () => {
    expect(decide(record(booked), { ...booked, asOf: seconds(1) }).outcome).toBe("stale");
  });
});

describe("a clock that was set back ten minutes (fault 43)", () => {
  const known = buildReading({ asOf: seconds(0), providerUpdatedAt: seconds(-60) });
  const before = { asOf: seconds(-600) };

  it("hides no change that the provider dates after what is known", () => {
    const canceled = cancelReading(known, { ...before, providerUpdatedAt: seconds(-30) });
    expect(update(record(known), canceled)).toMatchObject({ status: "canceled", asOf: seconds(0) });
    expect(decide(record(known), canceled, { verifiedAt: seconds(5) }).outcome).toBe("updated");
  });

  it.each([
    ["of the same change", seconds(-60)],
    ["of an earlier change", seconds(-90)],
    ["that tells no change", null],
  ])("lets nothing %s pass for news", (_sentence, providerUpdatedAt) => {
    const older = { ...known, ...before, providerUpdatedAt, title: "Another title" };
    expect(decide(record(known), older).outcome).toBe("stale");
  });
});

describe("a tie", () => {
  /** In this order each ends what those before it leave standing. */
  const RANKED: ReadingStatus[] = ["confirmed", "showed", "no_show", "canceled", "rescheduled"];
  const pairs = RANKED.flatMap((weaker, at) =>
    RANKED.slice(at + 1).map((stronger) => ({ weaker, stronger })),
  );
  const base = buildReading();

  test.each(pairs)("goes to $stronger over $weaker, whichever comes first", ({ weaker, stronger }) => {
    const [weak, strong] = [
      { ...base, status: weaker },
      { ...base, status: stronger },
    ];
    expect(update(record(weak), strong).status).toBe(stronger);
    expect(decide(record(strong), weak).outcome).toBe("stale");
  });

  it("of the same word goes to the later update at the provider, whichever comes first", () => {
    const earlier = { ...base, providerUpdatedAt: seconds(-20), startAt: addDays(TEST_NOW, 3) };
    const later = { ...base, providerUpdatedAt: seconds(-10), startAt: addDays(TEST_NOW, 4) };
    expect(update(record(earlier), later).startAt).toEqual(later.startAt);
    expect(decide(record(later), earlier).outcome).toBe("stale");
  });

  it("goes to any word of the provider over not having found it", () => {
    const vanished = { ...record(base), status: "vanished" as const };
    expect(update(vanished, base).status).toBe("confirmed");
  });
});

describe("tombstones", () => {
  const booked = buildReading();

  it.each(["canceled", "rescheduled", "no_show"] as const)(
    "an older booking does not revive a %s one",
    (status) => {
      const lost = record({ ...booked, status, asOf: seconds(60) });
      expect(decide(lost, { ...booked, asOf: seconds(59) }).outcome).toBe("stale");
    },
  );

  it("an older booking does not revive a vanished one", () => {
    const vanished: AppointmentRecord = { ...record(booked), status: "vanished", asOf: seconds(60) };
    expect(decide(vanished, { ...booked, asOf: seconds(59) }).outcome).toBe("stale");
  });

  it("a newer one does: HighLevel can confirm again, Calendly can take a no-show mark back (R3)", () => {
    const lost = record(cancelReading(booked, { asOf: seconds(60) }));
    const back = update(lost, { ...booked, asOf: seconds(61) });
    expect(back).toMatchObject({
      status: "confirmed",
      canceledAt: null,
      cancelReason: null,
      lossSeenAt: null,
    });
  });
});

describe("a cancellation is told once and for all (R15)", () => {
  const booked = buildReading();
  const first = cancelReading(booked, {
    canceledAt: seconds(-60),
    cancelReason: "Ill",
    canceledByType: "invitee",
  });
  const other = {
    ...first,
    canceledAt: seconds(60),
    cancelReason: "Busy",
    canceledBy: "Dana Ruiz",
    canceledByType: "host" as const,
    asOf: addMs(first.asOf, HOUR_MS),
  };
  const told = {
    canceledAt: first.canceledAt,
    cancelReason: "Ill",
    canceledByType: "invitee",
    canceledBy: "Sam Porter",
  };

  it("keeps its time, reason and author", () => {
    expect(decide(record(first), other).outcome).toBe("unchanged");
    expect(update(record(first), { ...other, title: "Intro" })).toMatchObject(told);
  });

  it("keeps them when it turns out to be a move (R16)", () => {
    expect(update(record(first), { ...other, status: "rescheduled" })).toMatchObject({
      ...told,
      status: "rescheduled",
    });
  });

  it("learns a time that it lacked", () => {
    const unknown = record({ ...first, canceledAt: null });
    expect(update(unknown, other).canceledAt).toEqual(other.canceledAt);
  });

  it("tells a second cancellation after a restoration anew", () => {
    const restored = update(record(first), { ...booked, asOf: addMs(first.asOf, MINUTE_MS) });
    expect(update(restored, other)).toMatchObject({ canceledAt: other.canceledAt, cancelReason: "Busy" });
  });

  it("keeps when the loss was first seen", () => {
    const lost = record(first, { now: seconds(100) });
    const again = update(lost, { ...other, title: "Intro" }, { now: seconds(900) });
    expect(again.lossSeenAt).toEqual(seconds(100));
  });

  it("sees a second loss when it comes", () => {
    const lost = record(first, { now: seconds(100) });
    const restored = update(lost, { ...booked, asOf: addMs(first.asOf, MINUTE_MS) }, { now: seconds(200) });
    const again = update(restored, other, { now: seconds(300) });
    expect([restored.lossSeenAt, again.lossSeenAt]).toEqual([null, seconds(300)]);
  });
});

describe("what a reading leaves out", () => {
  const known = record(
    buildReading({
      attendeePhone: "+1 312 555 0142",
      contactId: "CONTACT",
      rescheduledFromId: "OLD",
      organizerEmail: "host@harbor.example",
    }),
  );

  it("stays as it was known: people, links of the chain, the host", () => {
    const bare = buildReading({
      providerId: known.providerId,
      eventId: known.eventId,
      title: "Demo",
      attendeeEmail: null,
      attendeeName: null,
      attendeePhone: null,
      attendeeTimezone: null,
      contactId: null,
      rescheduledFromId: null,
      organizerEmail: null,
      providerCreatedAt: null,
      asOf: seconds(60),
    });
    const { attendeeEmail, attendeeName, attendeePhone, attendeeTimezone, contactId, rescheduledFromId } =
      known;
    expect(update(known, bare)).toMatchObject({
      title: "Demo",
      attendeeEmail,
      attendeeName,
      attendeePhone,
      attendeeTimezone,
      contactId,
      rescheduledFromId,
      organizerEmail: known.organizerEmail,
      providerCreatedAt: known.providerCreatedAt,
    });
  });

  it("is not filled with another person's: HighLevel gave the appointment to another contact (R8)", () => {
    const given = buildReading({
      providerId: known.providerId,
      eventId: known.eventId,
      contactId: "SOMEBODY-ELSE",
      attendeeEmail: null,
      attendeeName: "Noor Adeyemi",
      attendeePhone: null,
      attendeeTimezone: null,
      asOf: seconds(60),
    });
    expect(update(known, given)).toMatchObject({
      contactId: "SOMEBODY-ELSE",
      attendeeEmail: null,
      attendeeName: "Noor Adeyemi",
      attendeePhone: null,
      attendeeTimezone: null,
    });
  });
});

describe("a meeting that moves in place (R16)", () => {
  const at = (days: number, more: Partial<AppointmentReading> = {}) =>
    buildReading({
      provider: "highlevel",
      providerId: "HL",
      startAt: addDays(TEST_NOW, days),
      endAt: addMs(addDays(TEST_NOW, days), HOUR_MS),
      ...more,
    });

  it("remembers where it was", () => {
    const moved = update(record(at(2)), at(5, { asOf: seconds(60) }));
    expect(moved).toMatchObject({ startAt: addDays(TEST_NOW, 5), movedFromAt: addDays(TEST_NOW, 2) });
  });

  it("does not count a canceled one's new time as a move", () => {
    const canceled = cancelReading(at(5), { asOf: seconds(60) });
    expect(update(record(at(2)), canceled).movedFromAt).toBeNull();
  });
});

describe("decideChangeKind", () => {
  const row = (status: AppointmentStatus, startAt = addDays(TEST_NOW, 2)) => ({
    ...record(buildReading({ startAt })),
    status,
  });
  const later = addDays(TEST_NOW, 5);
  const cases: { before: AppointmentRecord | null; after: AppointmentRecord; kind: ChangeKind }[] = [
    { before: null, after: row("confirmed"), kind: "booked" },
    { before: null, after: row("canceled"), kind: "canceled" },
    { before: null, after: row("rescheduled"), kind: "rescheduled" },
    { before: row("confirmed"), after: row("canceled"), kind: "canceled" },
    { before: row("confirmed"), after: row("rescheduled"), kind: "rescheduled" },
    { before: row("confirmed"), after: row("no_show"), kind: "no_show" },
    { before: row("confirmed"), after: row("showed"), kind: "showed" },
    { before: row("confirmed"), after: row("vanished"), kind: "vanished" },
    { before: row("canceled"), after: row("confirmed"), kind: "restored" },
    { before: row("no_show"), after: row("confirmed"), kind: "restored" },
    { before: row("vanished"), after: row("confirmed"), kind: "restored" },
    { before: row("confirmed"), after: row("confirmed", later), kind: "moved" },
    { before: row("confirmed"), after: row("confirmed"), kind: "updated" },
    { before: row("confirmed"), after: row("canceled", later), kind: "canceled" },
  ];
  test.each(cases)("$before.status → $after.status is $kind", ({ before, after, kind }) => {
    expect(decideChangeKind(before, after)).toBe(kind);
  });
});

describe("any order of the same readings", () => {
  const statuses: ReadingStatus[] = ["confirmed", "showed", "no_show", "canceled", "rescheduled"];
  const history = fc
    .array(fc.record({ status: fc.constantFrom(...statuses), at: fc.integer({ min: 0, max: 4 }) }), {
      minLength: 1,
      maxLength: 7,
    })
    .map((steps) =>
      steps.map(({ status, at }) =>
        buildReading({
          providerId: "ONE",
          eventId: "ONE",
          attendeeEmail: "maya@ridgeline.example",
          status,
          asOf: seconds(at),
        }),
      ),
    );

  it("ends at the newest, or in a tie the strongest, however they came", () => {
    fc.assert(
      fc.property(history, (readings) => {
        const [first, ...rest] = readings;
        if (!first) return;
        // The record says nothing of a reading that changed nothing: those are the caller's to remember.
        let known = record(first);
        for (const reading of rest) {
          const decision = decide(known, reading);
          if (decision.outcome === "updated") known = decision.record;
          if (decision.outcome === "unchanged") known = { ...known, asOf: reading.asOf };
        }
        const newest = Math.max(...readings.map((r) => r.asOf.getTime()));
        const last = readings
          .filter((r) => r.asOf.getTime() === newest)
          .map((r) => statuses.indexOf(r.status as ReadingStatus));
        expect(known.status).toBe(statuses[Math.max(...last)]);
      }),
    );
  });
});
