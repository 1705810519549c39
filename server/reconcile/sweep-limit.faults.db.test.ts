import { beforeEach, describe, expect, it } from "vitest";
import { STOPPING } from "#server/db/queue.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { addDays, addMs, HOUR_MS, MINUTE_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { AppError } from "#server/lib/errors.ts";
import { createMemoryRateLimiter } from "#server/providers/memory-rate-limiter.ts";
import { createProviderClients } from "#server/providers/provider-clients.ts";
import { calendlyBucket } from "#server/providers/rate-bucket.ts";
import { TEST_NOW } from "#server/testing/factories.ts";
import { type SweepDeps, sweepConnection } from "./sweep-connection.ts";
import { setUpReconcile } from "./testing/set-up-reconcile.ts";

const test = setUpReconcile();

const clock = new SettableClock(TEST_NOW);
const dayAt = (days: number) => addDays(startOfUtcDay(TEST_NOW), days);
const connectionId = () => test.world.calendly.id;
const readConnection = () => test.db.connection.findUniqueOrThrow({ where: { id: connectionId() } });
const sweep = (deps: SweepDeps, signal?: AbortSignal) =>
  sweepConnection(deps, { connectionId: connectionId(), tier: "warm", trigger: "test" }, signal);
const fault = (rule: Record<string, unknown>) =>
  test.sandbox.control("/faults", { provider: "calendly", match: { path: "^/scheduled_events$" }, ...rule });
/** A window of the limit, and the half second that ours is longer. */
const waitForLimit = () => clock.advance(MINUTE_MS + 500);

beforeEach(async () => {
  clock.set(TEST_NOW);
  await test.sandbox.control("/clock", { now: TEST_NOW.toISOString() });
});

/** One meeting a day, from tomorrow on. */
async function bookDays(count: number): Promise<{ eventId: string; inviteeId: string }[]> {
  const organization = test.world.organization.organization.id;
  const bookings = Array.from({ length: count }, (_, at) => ({
    organization,
    eventType: "Intro call",
    start: addMs(dayAt(1 + at), 10 * HOUR_MS).toISOString(),
    invitee: { email: `guest${at}@harbor.example`, name: `Guest ${at}` },
  }));
  return (await test.sandbox.control("/calendly/bulk-book", bookings)).booked;
}

/** An account of 50 calls a minute: half of them are ours, and 21 of those a sweep's. */
async function openSmallAccount({
  isRead = false,
  pageSize = 100,
  onCall = () => {},
} = {}): Promise<SweepDeps> {
  const limiter = createMemoryRateLimiter({
    clock,
    sleep: async () => {},
    maxWaitMs: { live: 0, reconcile: 0, backfill: 0 },
  });
  const providers = createProviderClients({
    config: {
      calendlyApiUrl: `${test.sandbox.url}/calendly`,
      highlevelApiUrl: `${test.sandbox.url}/highlevel`,
    },
    clock,
    limiter,
    sleep: async () => {},
    onCall,
  });
  const deps = { ...test.deps, clock, providers };
  // Told, and not enforced: its minute is a real one, ours is the clock's.
  await test.sandbox.control("/settings", { calendlyPageSize: pageSize, calendlyWindowMs: 1 });
  if (isRead) {
    await sweep(deps);
    clock.advance(16 * MINUTE_MS);
  }
  await test.sandbox.control("/settings", { calendlyLimit: 50 });
  await limiter.learn(calendlyBucket(test.world.calendly.ownerId ?? ""), { limit: 25 });
  return deps;
}

async function readVerifiedAt(days: number): Promise<Date | undefined> {
  const row = await test.db.coverage.findFirst({ where: { connectionId: connectionId(), day: dayAt(days) } });
  return row?.verifiedAt;
}

it("comes to the end of a page that holds more new people than the limit lets it read in a minute (R32)", async () => {
  await bookDays(44);
  const deps = await openSmallAccount();
  const countKnown = () => test.db.appointment.count({ where: { connectionId: connectionId() } });

  const known: number[] = [];
  for (let pass = 0; pass < 2; pass++) {
    await expect(sweep(deps)).rejects.toMatchObject({ kind: "rate_limited" });
    known.push(await countKnown());
    waitForLimit();
  }
  // One call lists, each of the others reads an event: none is asked about twice.
  expect(known).toEqual([20, 40]);
  expect(await sweep(deps)).toMatchObject({ calls: 5, seen: 44, known: 40, created: 4 });
  expect(await countKnown()).toBe(44);
});

describe("a calendar of more pages than the limit lets through (23)", () => {
  it("is verified part by part, and what vanished at its far end is noticed (R5, R29)", async () => {
    const booked = await bookDays(30);
    const deps = await openSmallAccount({ isRead: true, pageSize: 1 });
    await test.sandbox.control("/calendly/delete", { invitee: booked[29]?.inviteeId });

    const beganAt = clock.now();
    await expect(sweep(deps)).rejects.toMatchObject({ kind: "rate_limited" });
    expect([await readVerifiedAt(20), await readVerifiedAt(21)]).toEqual([beganAt, TEST_NOW]);
    expect(await readConnection()).toMatchObject({ warmSweptAt: TEST_NOW });

    waitForLimit();
    expect(await sweep(deps)).toMatchObject({ pages: 9, vanished: 1 });
    // The pass is as old as its first part, and costs what both took.
    expect([await readVerifiedAt(21), await readVerifiedAt(30)]).toEqual([beganAt, beganAt]);
    expect(await readConnection()).toMatchObject({ warmSweptAt: beganAt, warmCalls: 30 });
    expect(await test.db.sweepPosition.count()).toBe(0);
  });

  it.each<[string, Error, number]>([
    ["goes on behind what its job's time let it read", new Error("The job's time is over."), 4],
    ["begins anew where the process stopped", new AppError(STOPPING, "This process is stopping."), 12],
  ])("%s", async (_, reason, pages) => {
    await bookDays(12);
    let calls = 0;
    const time = new AbortController();
    const deps = await openSmallAccount({
      isRead: true,
      pageSize: 1,
      // Each was listed, and then read, by the first pass.
      onCall: () => (++calls === 12 + 12 + 9 ? time.abort(reason) : undefined),
    });
    await expect(sweep(deps, time.signal)).rejects.toThrow(reason.message);
    expect(await sweep(deps)).toMatchObject({ pages, vanished: 0 });
  });

  it("loses nothing of a part that comes back empty, which a pass without that settles (R5)", async () => {
    await bookDays(34);
    const deps = await openSmallAccount({ isRead: true, pageSize: 1 });
    const readDrop = () => test.db.incident.findFirst({ where: { kind: "suspicious_drop" } });

    await expect(sweep(deps)).rejects.toMatchObject({ kind: "rate_limited" });
    waitForLimit();
    await fault({ kind: "empty_list", times: 1 });
    expect(await sweep(deps)).toMatchObject({ guarded: 1, asked: 0, vanished: 0 });
    expect(await readVerifiedAt(30)).toEqual(TEST_NOW);
    expect(await readDrop()).toMatchObject({ details: { known: 34, missing: 14 }, closedAt: null });

    waitForLimit();
    await expect(sweep(deps)).rejects.toMatchObject({ kind: "rate_limited" });
    expect(await readDrop()).toMatchObject({ closedAt: null });
    waitForLimit();
    expect(await sweep(deps)).toMatchObject({ pages: 14, guarded: 0 });
    expect(await readDrop()).not.toMatchObject({ closedAt: null });
  });

  it("asks for nobody twice whom lists leave out, however few calls there are (R5)", async () => {
    await bookDays(60);
    const deps = await openSmallAccount({ isRead: true, pageSize: 10 });
    const leaveOut = (skip: number) => fault({ kind: "empty_page", skip, times: 1 });

    await leaveOut(1);
    await expect(sweep(deps)).rejects.toMatchObject({ kind: "rate_limited" });
    waitForLimit();
    await leaveOut(1);
    // Two calls each for those three that the first part did not get to, beside six pages.
    expect(await sweep(deps)).toMatchObject({ pages: 6, asked: 3, calls: 12, vanished: 0 });
    expect(await readVerifiedAt(60)).toEqual(addMs(TEST_NOW, 16 * MINUTE_MS));
    expect(await test.db.appointment.count({ where: { unlisted: true } })).toBe(10);
  });
});
