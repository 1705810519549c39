import { expect, it } from "vitest";
import { SettableClock } from "#server/lib/clock.ts";
import { addDays, addMs, HOUR_MS, MINUTE_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { createMemoryRateLimiter } from "#server/providers/memory-rate-limiter.ts";
import { createProviderClients } from "#server/providers/provider-clients.ts";
import { calendlyBucket } from "#server/providers/rate-bucket.ts";
import { sweepConnection } from "./sweep-connection.ts";
import { setUpReconcile } from "./testing/set-up-reconcile.ts";

const test = setUpReconcile();

/** An account of 50 calls a minute: half of them are ours, and 21 of those a sweep's. */
async function openSmallAccount() {
  const clock = new SettableClock("2026-11-20T12:00:00Z");
  const limiter = createMemoryRateLimiter({
    clock,
    sleep: async () => {},
    maxWaitMs: { live: 0, reconcile: 0, backfill: 0 },
  });
  await test.sandbox.control("/settings", { calendlyLimit: 50 });
  await limiter.learn(calendlyBucket(test.world.calendly.ownerId ?? ""), { limit: 25 });
  const providers = createProviderClients({
    config: {
      calendlyApiUrl: `${test.sandbox.url}/calendly`,
      highlevelApiUrl: `${test.sandbox.url}/highlevel`,
    },
    clock,
    limiter,
    sleep: async () => {},
  });
  return { clock, deps: { ...test.deps, providers } };
}

it("comes to the end of a page that holds more new people than the limit lets it read in a minute (R32)", async () => {
  const organization = test.world.organization.organization.id;
  const day = startOfUtcDay(new Date());
  await test.sandbox.control(
    "/calendly/bulk-book",
    Array.from({ length: 44 }, (_, at) => ({
      organization,
      eventType: "Intro call",
      start: addMs(addDays(day, 1 + at), 10 * HOUR_MS).toISOString(),
      invitee: { email: `guest${at}@harbor.example`, name: `Guest ${at}` },
    })),
  );
  const { clock, deps } = await openSmallAccount();
  const connectionId = test.world.calendly.id;
  const sweep = () => sweepConnection(deps, { connectionId, tier: "warm", trigger: "test" });
  const countKnown = () => test.db.appointment.count({ where: { connectionId } });

  const known: number[] = [];
  for (let pass = 0; pass < 2; pass++) {
    await expect(sweep()).rejects.toMatchObject({ kind: "rate_limited" });
    known.push(await countKnown());
    clock.advance(MINUTE_MS + 500);
  }
  // One call lists, each of the others reads an event: none is asked about twice.
  expect(known).toEqual([20, 40]);
  expect(await sweep()).toMatchObject({ calls: 5, seen: 44, known: 40, created: 4 });
  expect(await countKnown()).toBe(44);
});
