import { beforeEach, describe, expect, test } from "vitest";
import { SettableClock } from "#server/lib/clock.ts";
import { SECOND_MS } from "#server/lib/duration.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import type { CallPriority } from "./decide-rate-slot.ts";
import { createPostgresRateLimiter } from "./postgres-rate-limiter.ts";
import { createProviderClients } from "./provider-clients.ts";
import { calendlyBucket } from "./rate-bucket.ts";
import { setUpSandbox } from "./testing/set-up-sandbox.ts";

const database = setUpTestDatabase();
const sandbox = setUpSandbox();

beforeEach(() => sandbox.control("/reset"));

/** An account at the sandbox, and what several processes that call on its behalf share. Nobody waits for a slot. */
async function openAccount() {
  const { users } = await sandbox.control("/calendly/organizations", {
    name: "Northwind Growth",
    users: [{ name: "Dana Ruiz", email: "dana@northwind.example" }],
    eventTypes: [],
  });
  const [{ id, token }] = users;
  const bucket = calendlyBucket(id);
  const clock = new SettableClock("2026-11-20T12:00:00Z");
  const limiter = createPostgresRateLimiter(database.db, {
    clock,
    sleep: async () => {},
    random: () => 0,
    maxWaitMs: { live: 0, reconcile: 0, backfill: 0 },
  });
  const providers = createProviderClients({
    config: { calendlyApiUrl: `${sandbox.url}/calendly`, highlevelApiUrl: `${sandbox.url}/highlevel` },
    clock,
    limiter,
    sleep: async () => {},
  });
  const open = (priority: CallPriority) => providers.calendly({ token, bucket, priority });
  return {
    clock,
    open,
    callAsAnotherApp: () =>
      fetch(`${sandbox.url}/calendly/users/me`, { headers: { authorization: `Bearer ${token}` } }),
    state: () => limiter.state(bucket),
    countCalls: async () => (await sandbox.control("/calls", {}, "GET")).tokens[token].calls,
    /** How many more calls each would be granted now. */
    async countSlots(priority: CallPriority) {
      for (let slots = 0; ; slots++) {
        const granted = await limiter.acquire({ bucket, priority }).then(
          () => true,
          () => false,
        );
        if (!granted) return slots;
      }
    },
  };
}

describe("somebody else eats the quota (11, 12)", () => {
  test("refusals that come together rest the bucket once; nobody calls until it is over", async () => {
    const account = await openAccount();
    await account.open("live").me();
    await sandbox.control("/faults", { provider: "calendly", kind: "429", latencyMs: 150 });
    const workers = Array.from({ length: 8 }, () => account.open("reconcile").me());
    const ends = await Promise.allSettled(workers);
    expect(ends.map((end) => end.status === "rejected" && end.reason.kind)).toEqual(
      Array.from({ length: 8 }, () => "rate_limited"),
    );
    const rested = await account.state();
    expect(rested.limit).toBe(125);
    const before = await account.countCalls();
    await expect(account.open("live").me()).rejects.toMatchObject({ retryAt: rested.cooldownUntil });
    expect(await account.countCalls()).toBe(before);
    await sandbox.control("/faults", {}, "DELETE");
    account.clock.set(rested.cooldownUntil ?? "");
    await account.open("live").me();
  });

  test("what another app used up is seen in the headers, before the first refusal", async () => {
    const account = await openAccount();
    await sandbox.control("/settings", { calendlyLimit: 10 });
    for (let call = 0; call < 9; call++) await account.callAsAnotherApp();
    await account.open("live").me();
    const { cooldownUntil } = await account.state();
    expect(Number(cooldownUntil) - account.clock.now().getTime()).toBeGreaterThan(50 * SECOND_MS);
    await expect(account.open("live").me()).rejects.toMatchObject({ details: { reason: "cool_down" } });
    expect(await account.countCalls()).toBe(10);
  });

  test("each storm halves the rate, people keep their share of it, and it comes back slowly", async () => {
    const account = await openAccount();
    for (const limit of [125, 62, 31]) {
      await sandbox.control("/faults", { provider: "calendly", kind: "429", times: 1 });
      await expect(account.open("reconcile").me()).rejects.toMatchObject({ kind: "rate_limited" });
      const { cooldownUntil, limit: left } = await account.state();
      expect(left).toBe(limit);
      account.clock.set(cooldownUntil ?? "");
    }
    account.clock.advance(60.5 * SECOND_MS);
    // Six tenths for a backfill, 85 % for sweeps as well, the rest for people and webhooks.
    expect(await account.countSlots("backfill")).toBe(18);
    expect(await account.countSlots("reconcile")).toBe(8);
    expect(await account.countSlots("live")).toBe(5);

    account.clock.advance(60.5 * SECOND_MS);
    const limits: number[] = [];
    while (limits.at(-1) !== 250 && limits.length < 30) {
      await account.open("live").me();
      limits.push((await account.state()).limit);
      account.clock.advance(5 * SECOND_MS);
    }
    expect(limits.slice(0, 3)).toEqual([43, 55, 67]);
    expect(limits).toHaveLength(19);
  });
});

describe("an account that was downgraded (23)", () => {
  test("the lower limit of its next answer holds at once; a higher one is approached", async () => {
    const account = await openAccount();
    await account.open("live").me();
    expect((await account.state()).limit).toBe(250);
    await sandbox.control("/settings", { calendlyLimit: 50 });
    account.clock.advance(5 * SECOND_MS);
    await account.open("live").me();
    expect((await account.state()).limit).toBe(25);
    await sandbox.control("/settings", { calendlyLimit: 500 });
    account.clock.advance(5 * SECOND_MS);
    await account.open("live").me();
    expect((await account.state()).limit).toBe(37);
  });
});
