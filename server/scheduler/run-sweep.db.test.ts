import { beforeEach, expect, it } from "vitest";
import { systemClock } from "#server/lib/clock.ts";
import { addMs, HOUR_MS, MINUTE_MS, SECOND_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { createPostgresRateLimiter } from "#server/providers/postgres-rate-limiter.ts";
import { createProviderClients } from "#server/providers/provider-clients.ts";
import { calendlyBucket } from "#server/providers/rate-bucket.ts";
import { systemSleep } from "#server/providers/sleep.ts";
import type { Tier } from "#server/reconcile/window.ts";
import { buildConnection, buildWorkspace } from "#server/testing/factories.ts";
import { setUpTestServer } from "#server/testing/start-test-server.ts";
import { runSweep } from "./run-sweep.ts";

const server = setUpTestServer();
const BUCKET = calendlyBucket("dana");

beforeEach(async () => {
  await server.db.$executeRaw`DELETE FROM pgboss.job`;
  await server.db.rateBucket.deleteMany();
});

type SweepOptions = {
  tier?: Tier;
  account?: Parameters<typeof buildConnection>[1];
  positions?: { tier: string; startedAt: Date; day: Date; calls: number }[];
};

/** Runs a pass of an account that rests for so long. */
async function sweepResting(
  forMs: number,
  { tier = "warm", account = {}, positions = [] }: SweepOptions = {},
): Promise<string> {
  const { db, deps } = server;
  const limiter = createPostgresRateLimiter(db, { clock: systemClock, sleep: systemSleep });
  await limiter.coolDown(BUCKET, forMs);
  const { id: workspaceId } = await buildWorkspace(db);
  const { id: connectionId } = await buildConnection(db, {
    workspaceId,
    provider: "calendly",
    ownerId: "dana",
    tokenSealed: deps.secrets.seal("token"),
    ...account,
  });
  await db.sweepPosition.createMany({ data: positions.map((position) => ({ connectionId, ...position })) });
  const providers = createProviderClients({ config: deps.config, clock: systemClock, limiter });
  await runSweep({ ...deps, providers }, { connectionId, tier, trigger: "cron" });
  return connectionId;
}

/** When the next passes of the account are to begin. */
async function readLine(connectionId: string): Promise<Date[]> {
  const jobs = await server.db.$queryRaw<{ startAfter: Date }[]>`
    SELECT start_after AS "startAfter" FROM pgboss.job WHERE name = 'sweep' AND singleton_key = ${connectionId}`;
  return jobs.map(({ startAfter }) => startAfter);
}

it("goes on at the moment when the provider's limit opens, and not only with the tick after it", async () => {
  const before = systemClock.now();
  const [goesOnAt, ...more] = await readLine(await sweepResting(MINUTE_MS));
  const bucket = await server.db.rateBucket.findUniqueOrThrow({ where: { key: BUCKET } });
  expect(goesOnAt).toEqual(bucket.cooldownUntil);
  expect(goesOnAt?.getTime()).toBeGreaterThanOrEqual(addMs(before, MINUTE_MS - SECOND_MS).getTime());
  expect(more).toEqual([]);
});

it("leaves a long rest to the ticks, so that work for now is not told that some waits already", async () => {
  expect(await readLine(await sweepResting(HOUR_MS))).toEqual([]);
});

it("leaves history to the ticks, which put it behind all that is due (R29)", async () => {
  const account = { warmSweptAt: systemClock.now() };
  expect(await readLine(await sweepResting(MINUTE_MS, { tier: "cold", account }))).toEqual([]);
});

it.each([
  ["reads near days before the rest of a warm pass", 2, "hot tier is due"],
  ["goes on with a warm pass while near days are fresh", 0, "the rest of a warm pass"],
])("%s (R29)", async (_, minutesAgo, why) => {
  const now = systemClock.now();
  const position = { tier: "warm", startedAt: now, day: startOfUtcDay(now), calls: 21 };
  const account = {
    warmSweptAt: addMs(now, -16 * MINUTE_MS),
    hotSweptAt: addMs(now, -minutesAgo * MINUTE_MS),
  };
  const connectionId = await sweepResting(MINUTE_MS, { account, positions: [position] });
  expect(await server.db.jobRun.findMany({ where: { connectionId } })).toMatchObject([{ why }]);
});
