import { beforeEach, expect, test } from "vitest";
import { createDb } from "#server/db/client.ts";
import { SettableClock, systemClock } from "#server/lib/clock.ts";
import { addMs } from "#server/lib/duration.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import type { CallPriority } from "./decide-rate-slot.ts";
import { createPostgresRateLimiter } from "./postgres-rate-limiter.ts";
import { ProviderError } from "./provider-error.ts";
import { calendlyBucket, highlevelBucket } from "./rate-bucket.ts";
import { systemSleep } from "./sleep.ts";

const database = setUpTestDatabase();
const NOW = new Date("2026-11-20T12:00:00Z");
const BUCKET = highlevelBucket("location");
const NO_PATIENCE = { live: 0, reconcile: 0, backfill: 0 };

beforeEach(async () => {
  await database.db.rateBucket.deleteMany();
});

function setUp(clock = new SettableClock(NOW)) {
  const limiter = createPostgresRateLimiter(database.db, {
    clock,
    sleep: systemSleep,
    maxWaitMs: NO_PATIENCE,
    random: () => 0,
  });
  const take = (count: number, priority: CallPriority) =>
    Promise.all(
      Array.from({ length: count }, () =>
        limiter.acquire({ bucket: BUCKET, priority }).then(
          () => true,
          (error: unknown) => {
            if (error instanceof ProviderError && error.kind === "rate_limited") return false;
            throw error;
          },
        ),
      ),
    ).then((results) => results.filter(Boolean).length);
  return { limiter, clock, take };
}

test("keeps a bucket over restarts, to the millisecond", async () => {
  const { limiter } = setUp();
  await limiter.acquire({ bucket: BUCKET, priority: "live" });
  await limiter.learn(BUCKET, {
    limit: 22,
    dailyLimit: 10_000,
    dailyRemaining: 9_999,
    dailyResetInMs: 5_000,
  });
  await limiter.coolDown(BUCKET, 1_234);
  expect(await setUp().limiter.state(BUCKET)).toEqual({
    windowMs: 10_500,
    limit: 11,
    calls: [NOW.getTime()],
    cooldownUntil: addMs(NOW, 1_234),
    dailyLimit: 10_000,
    dailyUsed: 1,
    dailyResetAt: addMs(NOW, 5_000),
  });
});

test("two processes that both come first agree on one bucket", async () => {
  const other = createDb(database.url, { max: 5 });
  try {
    const options = { clock: new SettableClock(NOW), sleep: systemSleep, maxWaitMs: NO_PATIENCE };
    const limiters = [database.db, other].map((db) => createPostgresRateLimiter(db, options));
    await Promise.all(
      limiters.flatMap((limiter) =>
        Array.from({ length: 5 }, () => limiter.acquire({ bucket: calendlyBucket("u"), priority: "live" })),
      ),
    );
    expect((await limiters[0]?.state(calendlyBucket("u")))?.calls).toHaveLength(10);
  } finally {
    await other.$disconnect();
  }
});

test("a hundred at once get ninety slots, and ninety more a window later (R32)", async () => {
  const { take, clock } = setUp();
  expect(await take(60, "backfill")).toBe(54);
  expect(await take(30, "reconcile")).toBe(22);
  expect(await take(30, "live")).toBe(14);
  clock.advance(10_499);
  expect(await take(1, "live")).toBe(0);
  clock.advance(1);
  expect(await take(100, "live")).toBe(90);
});

test("a cool-down that one process learned holds for all", async () => {
  const clock = new SettableClock(NOW);
  await setUp(clock).limiter.coolDown(BUCKET, 5_000);
  const other = setUp(clock);
  expect(await other.take(1, "live")).toBe(0);
  clock.advance(5_000);
  expect(await other.take(1, "live")).toBe(1);
});

test("waits are real and hold no lock: others go on meanwhile", async () => {
  const limiter = createPostgresRateLimiter(database.db, { clock: systemClock, sleep: systemSleep });
  await limiter.coolDown(BUCKET, 300);
  const waiting = limiter.acquire({ bucket: BUCKET, priority: "live" });
  expect((await limiter.state(BUCKET)).calls).toEqual([]);
  await limiter.acquire({ bucket: highlevelBucket("other"), priority: "live" });
  await waiting;
  expect((await limiter.state(BUCKET)).calls).toHaveLength(1);
});
