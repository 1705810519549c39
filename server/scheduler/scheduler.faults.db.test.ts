import { describe, expect, it, onTestFinished } from "vitest";
import { createQueue } from "#server/db/queue.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import { createLog } from "#server/lib/log.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildConnection } from "#server/testing/factories.ts";
import { type ConnectionClock, decideDueTier } from "./decide-due-tier.ts";
import { sendDueSweeps } from "./send-due-sweeps.ts";

const database = setUpTestDatabase();
const TICK_MS = 10 * SECOND_MS;

/** A process's way to tick, over the real queue. */
async function openTicker(clock: SettableClock) {
  const queue = await createQueue(database.url, createLog("silent"));
  onTestFinished(() => queue.stop(0));
  return () => sendDueSweeps({ db: database.db, clock, queue }, "cron");
}

const waitingSweeps = () =>
  database.db.$queryRaw<{ key: string }[]>`
    SELECT singleton_key AS key FROM pgboss.job WHERE name = 'sweep' AND state = 'created'`;

/** Ticks for as long as it is told; every sweep ends at once. */
function tickThrough(from: Date, forMs: number): Date[] {
  const clock: ConnectionClock = {
    hotSweptAt: from,
    warmSweptAt: from,
    coldSweptAt: from,
    hotEveryMin: 1,
    warmEveryMin: 15,
    breakerUntil: null,
  };
  const warm: Date[] = [];
  for (let now = addMs(from, TICK_MS); now.getTime() <= from.getTime() + forMs; now = addMs(now, TICK_MS)) {
    const tier = decideDueTier(clock, now);
    if (tier !== null) clock.hotSweptAt = now;
    if (tier !== "warm") continue;
    clock.warmSweptAt = now;
    warm.push(now);
  }
  return warm;
}

describe("ticks that come late or twice", () => {
  it("put each connection in line once, however many processes tick and however long none did", async () => {
    const clock = new SettableClock(new Date("2026-03-29T06:00:00Z"));
    const sweptAt = addMs(clock.now(), -10 * HOUR_MS);
    const swept = { tokenSealed: "sealed", hotSweptAt: sweptAt, warmSweptAt: sweptAt, coldSweptAt: sweptAt };
    const connections = [
      await buildConnection(database.db, swept),
      await buildConnection(database.db, swept),
    ];
    const [first, second] = [await openTicker(clock), await openTicker(clock)];
    await Promise.all([first(), second()]);
    clock.advance(TICK_MS);
    await Promise.all([second(), first()]);
    expect((await waitingSweeps()).map(({ key }) => key).sort()).toEqual(
      connections.map(({ id }) => id).sort(),
    );
  });

  it.each([
    ["spring forward", "2026-03-28T22:00:00Z"],
    ["fall back", "2026-10-24T22:00:00Z"],
  ])("keep their pace through the day on which clocks %s", (_change, from) => {
    const warm = tickThrough(new Date(from), DAY_MS);
    const gaps = warm.slice(1).map((at, index) => at.getTime() - Number(warm[index]));
    expect(warm).toHaveLength(96);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(15 * MINUTE_MS);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(15 * MINUTE_MS - TICK_MS);
  });
});

describe("work that fails", () => {
  it("is tried a bounded number of times, ever later, by every queue there is (10)", async () => {
    const queue = await createQueue(database.url, createLog("silent"));
    onTestFinished(() => queue.stop(0));
    const limits = await database.db.$queryRaw<{ name: string; tries: number; backoff: boolean }[]>`
      SELECT name, retry_limit AS tries, retry_backoff AS backoff FROM pgboss.queue`;
    expect(limits.length).toBeGreaterThan(5);
    for (const { name, tries, backoff } of limits) {
      expect(tries, name).toBeLessThanOrEqual(20);
      expect(backoff, name).toBe(true);
    }
  });
});
