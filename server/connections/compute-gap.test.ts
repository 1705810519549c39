import { describe, expect, test } from "vitest";
import { addDays } from "#server/lib/duration.ts";
import { computeGapDays, computeGapStart, describeGap, type LostWebhook } from "./compute-gap.ts";

const at = (text: string) => new Date(`2026-11-${text}Z`);
const NOW = at("20T10:00");

describe("when a gap began", () => {
  const known = {
    retryStartedAt: null,
    lastEventAt: at("17T08:00"),
    webhookCheckedAt: at("20T09:55"),
    webhookCreatedAt: at("01T00:00"),
  };

  test.each<[string, LostWebhook, Partial<typeof known> | { retryStartedAt: Date }, Date]>([
    [
      "with Calendly's first failure",
      { state: "disabled", retryStartedAt: at("19T09:12") },
      {},
      at("19T09:12"),
    ],
    [
      "with the first failure that we remember, where a deleted webhook tells none any more",
      { state: "gone", retryStartedAt: null },
      { retryStartedAt: at("19T09:12") },
      at("19T09:12"),
    ],
    [
      "when a deleted webhook was last seen to stand",
      { state: "gone", retryStartedAt: null },
      {},
      at("20T09:55"),
    ],
    [
      "with the last delivery, where that came after it was last seen to stand",
      { state: "gone", retryStartedAt: null },
      { lastEventAt: at("20T09:58") },
      at("20T09:58"),
    ],
    [
      "with the last delivery, where nobody says since when it failed",
      { state: "disabled", retryStartedAt: null },
      {},
      at("17T08:00"),
    ],
    [
      "with its creation, where it never delivered anything",
      { state: "disabled", retryStartedAt: null },
      { lastEventAt: null as never },
      at("01T00:00"),
    ],
  ])("%s", (_sentence, webhook, more, expected) => {
    expect(computeGapStart(webhook, { ...known, ...more }, NOW)).toEqual(expected);
  });
});

describe("the days that a gap can have touched", () => {
  test("begin a day before it and reach as far ahead as is looked", () => {
    expect(computeGapDays({ from: at("19T09:12"), to: NOW }, 90)).toEqual({
      from: at("18T00:00"),
      to: addDays(at("20T00:00"), 91),
    });
  });

  test.each(["2026-03-08", "2026-03-29", "2026-10-25", "2026-11-01"])(
    "are whole UTC days, also on %s, when clocks change",
    (day) => {
      const gap = { from: new Date(`${day}T01:30:00Z`), to: new Date(`${day}T09:30:00Z`) };
      const days = computeGapDays(gap, 1);
      expect(days.from).toEqual(addDays(new Date(`${day}T00:00:00Z`), -1));
      expect(days.to).toEqual(addDays(new Date(`${day}T00:00:00Z`), 2));
    },
  );
});

test("the run's note says what happened and exactly when", () => {
  expect(describeGap("webhook_disabled", { from: at("19T09:12"), to: NOW }, "calendly")).toBe(
    "Started by Bookproof: Calendly had turned the webhook off, and nothing was delivered from 2026-11-19 09:12 to 2026-11-20 10:00 UTC.",
  );
});
