import { beforeEach, expect, it } from "vitest";
import { systemClock } from "#server/lib/clock.ts";
import { addMs, HOUR_MS, MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import { createPostgresRateLimiter } from "#server/providers/postgres-rate-limiter.ts";
import { createProviderClients } from "#server/providers/provider-clients.ts";
import { calendlyBucket } from "#server/providers/rate-bucket.ts";
import { systemSleep } from "#server/providers/sleep.ts";
import { buildConnection, buildWorkspace } from "#server/testing/factories.ts";
import { setUpTestServer } from "#server/testing/start-test-server.ts";
import { runSweep } from "./run-sweep.ts";

const server = setUpTestServer();
const BUCKET = calendlyBucket("dana");

beforeEach(async () => {
  await server.db.$executeRaw`DELETE FROM pgboss.job`;
  await server.db.rateBucket.deleteMany();
});

/** Runs a pass of an account that rests for so long, and answers when the next one is to begin. */
async function sweepResting(forMs: number): Promise<Date[]> {
  const { db, deps } = server;
  const limiter = createPostgresRateLimiter(db, { clock: systemClock, sleep: systemSleep });
  await limiter.coolDown(BUCKET, forMs);
  const { id: workspaceId } = await buildWorkspace(db);
  const { id: connectionId } = await buildConnection(db, {
    workspaceId,
    provider: "calendly",
    ownerId: "dana",
    tokenSealed: deps.secrets.seal("token"),
  });
  const providers = createProviderClients({ config: deps.config, clock: systemClock, limiter });
  await runSweep({ ...deps, providers }, { connectionId, tier: "warm", trigger: "cron" });
  const jobs = await db.$queryRaw<{ startAfter: Date }[]>`
    SELECT start_after AS "startAfter" FROM pgboss.job WHERE name = 'sweep' AND singleton_key = ${connectionId}`;
  return jobs.map(({ startAfter }) => startAfter);
}

it("goes on at the moment when the provider's limit opens, and not only with the tick after it", async () => {
  const before = systemClock.now();
  const [goesOnAt, ...more] = await sweepResting(MINUTE_MS);
  const bucket = await server.db.rateBucket.findUniqueOrThrow({ where: { key: BUCKET } });
  expect(goesOnAt).toEqual(bucket.cooldownUntil);
  expect(goesOnAt?.getTime()).toBeGreaterThanOrEqual(addMs(before, MINUTE_MS - SECOND_MS).getTime());
  expect(more).toEqual([]);
});

it("leaves a long rest to the ticks, so that work for now is not told that some waits already", async () => {
  expect(await sweepResting(HOUR_MS)).toEqual([]);
});
