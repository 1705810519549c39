import type { Clock } from "#server/lib/clock.ts";
import { MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import { applyCoolDown, applyRateFacts } from "./compute-rate-bucket.ts";
import { type CallPriority, decideRateSlot, type RateBucketState } from "./decide-rate-slot.ts";
import { ProviderError } from "./provider-error.ts";
import { type BucketKey, providerOfBucket, type RateFacts } from "./rate-bucket.ts";
import type { Sleep } from "./sleep.ts";

/** One budget per token owner or location, shared by everything that calls on its behalf (R32). */
export interface RateLimiter {
  /**
   * Resolves when one call may be sent now. Throws `rate_limited` with `retryAt` when the wait would be
   * longer than this priority's patience, or than `patienceMs`, and the signal's reason when it aborts.
   */
  acquire(request: {
    bucket: BucketKey;
    priority: CallPriority;
    signal?: AbortSignal | undefined;
    patienceMs?: number | undefined;
  }): Promise<void>;
  /** What a reply's headers say about the budget. */
  learn(bucket: BucketKey, facts: RateFacts): Promise<void>;
  /** A call was refused: the whole bucket rests for `forMs` and comes back at half its rate. */
  coolDown(bucket: BucketKey, forMs: number, facts?: RateFacts): Promise<void>;
  state(bucket: BucketKey): Promise<RateBucketState>;
}

/** Synchronous and without effects: it may be asked again. Without a `next` the bucket stays as it is. */
export type RateBucketChange<T> = (state: RateBucketState) => { next: RateBucketState | null; result: T };

/** Reads, changes and writes one bucket with nobody else in between. */
export type RateBucketStore = {
  update<T>(bucket: BucketKey, change: RateBucketChange<T>): Promise<T>;
};

export type RateLimiterOptions = {
  /** Providers count in real time: even where the server's clock is moved, this one should be the system's. */
  clock: Clock;
  sleep: Sleep;
  maxWaitMs?: Partial<Record<CallPriority, number>>;
  random?: () => number;
};

/** People do not wait for long; a backfill may as well hold its place. */
const PATIENCE_MS: Record<CallPriority, number> = {
  live: 10 * SECOND_MS,
  reconcile: 30 * SECOND_MS,
  backfill: MINUTE_MS,
};

/** Spreads callers that were told the same moment. */
const RELEASE_JITTER_MS = 100;
/** Unchanged headers are written this often: it corrects the daily count and lets a halved rate recover. */
const RELEARN_MS = 5 * SECOND_MS;

export function createRateLimiter(store: RateBucketStore, options: RateLimiterOptions): RateLimiter {
  const { clock, sleep, random = Math.random } = options;
  const patience = { ...PATIENCE_MS, ...options.maxWaitMs };
  const learned = new Map<BucketKey, { limit: number | undefined; at: number }>();

  return {
    async acquire({ bucket, priority, signal, patienceMs: ownPatienceMs }) {
      // Counted in waits and not by the clock, so that it ends under a clock that stands still.
      let patienceMs = ownPatienceMs ?? patience[priority];
      for (;;) {
        signal?.throwIfAborted();
        const { slot, now } = await store.update(bucket, (state) => {
          // Read when it is decided, not when it was asked for: the stamp must be no older than the line before it.
          const now = clock.now();
          const slot = decideRateSlot(state, { priority, now });
          return { next: slot.verdict === "go" ? slot.next : null, result: { slot, now } };
        });
        if (slot.verdict === "go") return;
        const waitMs = Math.max(1, slot.until.getTime() - now.getTime());
        patienceMs -= waitMs;
        if (patienceMs < 0) {
          throw new ProviderError(
            providerOfBucket(bucket),
            "rate_limited",
            "The provider's limit is used up.",
            {
              retryAt: slot.until,
              details: { reason: slot.because },
            },
          );
        }
        await sleep(waitMs + random() * RELEASE_JITTER_MS, signal);
      }
    },

    async learn(bucket, facts) {
      if (Object.keys(facts).length === 0) return;
      const now = clock.now();
      const last = learned.get(bucket);
      const limit = facts.limit ?? last?.limit;
      const isDue = !last || Math.abs(now.getTime() - last.at) >= RELEARN_MS;
      if (!isDue && limit === last.limit && facts.remaining !== 0 && facts.dailyRemaining !== 0) return;
      learned.set(bucket, { limit, at: now.getTime() });
      await store.update(bucket, (state) => ({ next: applyRateFacts(state, facts, now), result: undefined }));
    },

    async coolDown(bucket, forMs, facts = {}) {
      const now = clock.now();
      await store.update(bucket, (state) => ({
        next: applyCoolDown(state, forMs, facts, now),
        result: undefined,
      }));
    },

    state: (bucket) => store.update(bucket, (state) => ({ next: null, result: state })),
  };
}
