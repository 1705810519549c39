import type { Clock } from "#server/lib/clock.ts";
import { addMs, MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import { applyCoolDown, applyRateFacts } from "./compute-rate-bucket.ts";
import { type CallPriority, decideRateSlot, type RateBucketState } from "./decide-rate-slot.ts";
import { ProviderError } from "./provider-error.ts";
import { type BucketKey, providerOfBucket, type RateFacts } from "./rate-bucket.ts";
import type { Sleep } from "./sleep.ts";

/** One budget per token owner or location, shared by everything that calls on its behalf (R32). */
export interface RateLimiter {
  /**
   * Resolves when one call may be sent now. Throws `rate_limited` with `retryAt` when the wait would be
   * longer than this priority's patience, and the signal's reason when it aborts.
   */
  acquire(request: { bucket: BucketKey; priority: CallPriority; signal?: AbortSignal }): Promise<void>;
  /** What a reply's headers say about the budget. */
  learn(bucket: BucketKey, facts: RateFacts): Promise<void>;
  /** A call was refused: the whole bucket rests until `until` and comes back at half its rate. */
  coolDown(bucket: BucketKey, until: Date): Promise<void>;
  state(bucket: BucketKey): Promise<RateBucketState>;
}

/** Reads, changes and writes one bucket with nobody else in between; `change` is synchronous and pure. */
export type RateBucketStore = {
  update<T>(
    bucket: BucketKey,
    change: (state: RateBucketState) => { next: RateBucketState | null; result: T },
  ): Promise<T>;
};

export type RateLimiterOptions = {
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
    async acquire({ bucket, priority, signal }) {
      const deadline = addMs(clock.now(), patience[priority]);
      for (;;) {
        signal?.throwIfAborted();
        const slot = await store.update(bucket, (state) => {
          const decision = decideRateSlot(state, { priority, now: clock.now() });
          return { next: decision.verdict === "go" ? decision.next : null, result: decision };
        });
        if (slot.verdict === "go") return;
        if (slot.until > deadline) {
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
        const waitMs = slot.until.getTime() - clock.now().getTime();
        await sleep(Math.max(1, waitMs) + random() * RELEASE_JITTER_MS, signal);
      }
    },

    async learn(bucket, facts) {
      if (facts.limit === undefined && facts.remaining === undefined) return;
      const now = clock.now();
      const last = learned.get(bucket);
      const isNews = !last || last.limit !== facts.limit || Math.abs(now.getTime() - last.at) >= RELEARN_MS;
      if (!isNews && facts.remaining !== 0) return;
      learned.set(bucket, { limit: facts.limit, at: now.getTime() });
      await store.update(bucket, (state) => ({ next: applyRateFacts(state, facts, now), result: undefined }));
    },

    async coolDown(bucket, until) {
      const now = clock.now();
      await store.update(bucket, (state) => ({ next: applyCoolDown(state, until, now), result: undefined }));
    },

    state: (bucket) => store.update(bucket, (state) => ({ next: null, result: state })),
  };
}
