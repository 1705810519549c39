import type { Db, Tx } from "#server/db/client.ts";
import type { Deps } from "#server/deps.ts";
import type { Clock } from "#server/lib/clock.ts";
import { addMs, DAY_MS } from "#server/lib/duration.ts";
import { createMemoryRateLimiter } from "#server/providers/memory-rate-limiter.ts";
import { createProviderClients } from "#server/providers/provider-clients.ts";
import type { RateLimiter } from "#server/providers/rate-limiter.ts";
import type { Sleep } from "#server/providers/sleep.ts";
import type { Lane } from "./open-lane.ts";

export type EngineDeps = Pick<Deps, "db" | "clock" | "log" | "secrets" | "providers" | "queue"> & {
  sleep: Sleep;
};

/** The process has died. Nothing that it would still do reaches the database. */
export class ProcessDied extends Error {}

export type Strike =
  /** Around the nth transaction: `inside` after all of its writes, so that they are taken back; `after` its commit. */
  | { strike: "crash"; at: number; when: "inside" | "after" }
  /** Before the nth step, a step being a provider call or a transaction. */
  | { strike: "meanwhile"; at: number; run: () => Promise<void> };

/**
 * What one job is given: the real database, limiter and clients, with a place in each where it can be struck. Every job
 * has a process of its own, so that nothing survives from one to the next but what is in the database.
 */
export function startProcess(lane: Lane, limiter: RateLimiter, strike: Strike | null): EngineDeps {
  let isDead = false;
  let steps = 0;
  let transactions = 0;

  async function step(): Promise<void> {
    if (isDead) throw new ProcessDied();
    steps += 1;
    if (strike?.strike === "meanwhile" && strike.at === steps) await strike.run();
  }
  function die(): never {
    isDead = true;
    throw new ProcessDied();
  }
  async function runStruck<T>(fn: (tx: Tx) => Promise<T>, options?: object): Promise<T> {
    await step();
    transactions += 1;
    const isStruck = strike?.strike === "crash" && strike.at === transactions;
    const result = await lane.db.$transaction(async (tx) => {
      const answer = await fn(tx);
      if (isStruck && strike.when === "inside") die();
      return answer;
    }, options);
    if (isStruck) die();
    return result;
  }
  const db = new Proxy(lane.db, {
    get(target, key) {
      if (isDead) throw new ProcessDied();
      if (key === "$transaction") return runStruck;
      const value = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  }) as Db;

  return {
    db,
    clock: lane.clock,
    log: lane.log,
    secrets: lane.secrets,
    queue: lane.queue,
    // Who waits a moment moves the world on by it.
    sleep: async (ms) => lane.setTime(addMs(lane.clock.now(), ms)),
    providers: createProviderClients({
      config: {
        calendlyApiUrl: `${lane.sandbox.url}/calendly`,
        highlevelApiUrl: `${lane.sandbox.url}/highlevel`,
      },
      clock: lane.clock,
      // Retries wait for nothing: faults count calls and know no time.
      sleep: async () => {},
      limiter: {
        ...limiter,
        acquire: async (request) => {
          await step();
          await limiter.acquire(request);
        },
      },
    }),
  };
}

/**
 * The real limiter. Who waits for it waits for nothing: its time is the world's, and what was waited comes on top. A
 * patient one refuses nobody.
 */
export function createHastyLimiter(clock: Clock, { isPatient }: { isPatient: boolean }): RateLimiter {
  let waitedMs = 0;
  return createMemoryRateLimiter({
    clock: { now: () => addMs(clock.now(), waitedMs) },
    sleep: async (ms) => {
      waitedMs += ms;
    },
    ...(isPatient ? { maxWaitMs: { live: DAY_MS, reconcile: DAY_MS, backfill: DAY_MS } } : {}),
  });
}
