import { describe, expect, test } from "vitest";
import { SettableClock } from "#server/lib/clock.ts";
import { addMs, MINUTE_MS } from "#server/lib/duration.ts";
import type { CallPriority } from "./decide-rate-slot.ts";
import { createMemoryRateLimiter } from "./memory-rate-limiter.ts";
import { highlevelBucket } from "./rate-bucket.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const BUCKET = highlevelBucket("location");

function setUp(maxWaitMs?: Partial<Record<CallPriority, number>>) {
  const clock = new SettableClock(NOW);
  const sleeps: number[] = [];
  const sleep = async (ms: number, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    sleeps.push(ms);
    clock.advance(ms);
  };
  const limiter = createMemoryRateLimiter({ clock, sleep, maxWaitMs, random: () => 0 });
  const take = async (count: number, priority: CallPriority) => {
    for (let i = 0; i < count; i++) await limiter.acquire({ bucket: BUCKET, priority });
  };
  return { limiter, clock, sleeps, take };
}

describe("R32: waiting for a slot", () => {
  test("HighLevel gets at most 90 calls in any ten seconds, and the rest when they fit", async () => {
    const { take, sleeps, clock } = setUp({ live: MINUTE_MS });
    await take(90, "live");
    expect(sleeps).toEqual([]);
    await take(1, "live");
    expect(clock.now()).toEqual(addMs(NOW, 10_500));
  });

  test("a backfill leaves room for reconciling, and both leave room for people", async () => {
    const { take, sleeps } = setUp({ backfill: 0, reconcile: 0 });
    await take(54, "backfill");
    await expect(take(1, "backfill")).rejects.toMatchObject({ kind: "rate_limited" });
    await take(22, "reconcile");
    await expect(take(1, "reconcile")).rejects.toMatchObject({ kind: "rate_limited" });
    await take(14, "live");
    expect(sleeps).toEqual([]);
  });

  test("a wait beyond one's patience is refused at once, with the time from which it fits", async () => {
    const { take, sleeps, limiter } = setUp({ live: 2_000 });
    await take(90, "live");
    await expect(limiter.acquire({ bucket: BUCKET, priority: "live" })).rejects.toMatchObject({
      kind: "rate_limited",
      provider: "highlevel",
      retryAt: addMs(NOW, 10_500),
      details: { reason: "window" },
    });
    expect(sleeps).toEqual([]);
  });

  test("a call may bring less patience than its priority has", async () => {
    const { take, sleeps, limiter } = setUp({ backfill: MINUTE_MS });
    await take(54, "backfill");
    const hurried = limiter.acquire({ bucket: BUCKET, priority: "backfill", patienceMs: 1_000 });
    await expect(hurried).rejects.toMatchObject({ kind: "rate_limited", retryAt: addMs(NOW, 10_500) });
    expect(sleeps).toEqual([]);
  });

  test("ends under a clock that stands still", async () => {
    const limiter = createMemoryRateLimiter({ clock: new SettableClock(NOW), sleep: async () => {} });
    const all = Array.from({ length: 91 }, () => limiter.acquire({ bucket: BUCKET, priority: "backfill" }));
    const results = await Promise.allSettled(all);
    expect(results.filter(({ status }) => status === "rejected")).toHaveLength(91 - 54);
  });

  test("gives up when its signal does", async () => {
    const { limiter, take } = setUp({ live: MINUTE_MS });
    await take(90, "live");
    const signal = AbortSignal.abort(new Error("shutting down"));
    await expect(limiter.acquire({ bucket: BUCKET, priority: "live", signal })).rejects.toThrow(
      "shutting down",
    );
  });

  test("other locations have their own budget", async () => {
    const { limiter, take, sleeps } = setUp();
    await take(90, "live");
    await limiter.acquire({ bucket: highlevelBucket("other"), priority: "live" });
    expect(sleeps).toEqual([]);
  });
});

describe("what is learned", () => {
  test("unchanged headers are written every five seconds at most", async () => {
    const { limiter, clock } = setUp();
    await limiter.coolDown(BUCKET, 1_000);
    const limits: number[] = [];
    for (let second = 0; second < 12; second++) {
      clock.advance(1_000);
      await limiter.learn(BUCKET, { limit: 90, remaining: 50 });
      limits.push((await limiter.state(BUCKET)).limit);
    }
    // Halved to 45, then a twentieth of the way back with each write.
    expect(limits).toEqual([49, 49, 49, 49, 49, 53, 53, 53, 53, 53, 57, 57]);
  });

  test("a new limit and an empty bucket are written at once", async () => {
    const { limiter } = setUp();
    await limiter.learn(BUCKET, { limit: 90, remaining: 50 });
    await limiter.learn(BUCKET, { limit: 22, remaining: 20 });
    expect((await limiter.state(BUCKET)).limit).toBe(22);
    await limiter.learn(BUCKET, { limit: 22, remaining: 0, resetInMs: 10_000 });
    expect((await limiter.state(BUCKET)).cooldownUntil).toEqual(addMs(NOW, 10_000));
  });
});
