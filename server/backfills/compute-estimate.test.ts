import { describe, expect, it } from "vitest";
import { decideRateSlot } from "#server/providers/decide-rate-slot.ts";
import { calendlyBucket, startingState } from "#server/providers/rate-bucket.ts";
import { BACKFILL_SHARE, type ConnectionLoad, computeEstimate } from "./compute-estimate.ts";

const calendly = (overrides: Partial<ConnectionLoad> = {}): ConnectionLoad => ({
  provider: "calendly",
  meetings: 1_000,
  calls: 1_100,
  limit: 250,
  windowMs: 60_000,
  ...overrides,
});

describe("what a run would cost", () => {
  it("waits for a window after every 150 calls of a Calendly user", () => {
    // 1,100 calls are eight windows' worth: seven waits of a minute.
    expect(computeEstimate([calendly()])).toMatchObject({ minutesLow: 7, minutesHigh: 10 });
  });

  it("uses three tenths of Calendly's own limit while it is longer than a window", () => {
    expect(computeEstimate([calendly()])).toMatchObject({ limitShare: 0.3, limitProvider: "calendly" });
  });

  it("uses less of the limit when it fits into one window", () => {
    expect(computeEstimate([calendly({ calls: 50 })]).limitShare).toBeCloseTo(0.1);
  });

  it("takes connections one after another", () => {
    const highlevel = calendly({
      provider: "highlevel",
      meetings: 200,
      calls: 360,
      limit: 90,
      windowMs: 10_000,
    });
    expect(computeEstimate([calendly(), highlevel])).toMatchObject({
      meetings: 1_200,
      calls: 1_460,
      minutesLow: 8,
      limitProvider: "highlevel",
    });
  });

  it("says about a minute for a small one", () => {
    expect(computeEstimate([calendly({ meetings: 3, calls: 4 })])).toMatchObject({
      minutesLow: 1,
      minutesHigh: 1,
    });
  });

  it("does not know the sum when one part is unknown", () => {
    expect(computeEstimate([calendly(), calendly({ meetings: null })]).meetings).toBeNull();
  });

  it("costs nothing without a connection", () => {
    expect(computeEstimate([])).toMatchObject({ meetings: 0, calls: 0, limitShare: 0, limitProvider: null });
  });
});

it("counts with the share that the limiter really grants a backfill", () => {
  const now = new Date("2026-03-10T15:00:00.000Z");
  let state = startingState(calendlyBucket("someone"));
  let granted = 0;
  for (;;) {
    const slot = decideRateSlot(state, { priority: "backfill", now });
    if (slot.verdict === "wait") break;
    state = slot.next;
    granted += 1;
  }
  expect(granted).toBe(Math.floor(state.limit * BACKFILL_SHARE));
});
