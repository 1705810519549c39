import type { RateBucketState } from "./decide-rate-slot.ts";
import { type BucketKey, startingState } from "./rate-bucket.ts";
import { createRateLimiter, type RateLimiter, type RateLimiterOptions } from "./rate-limiter.ts";

/** Counts within this process only: for tests and for tools that run alone. */
export function createMemoryRateLimiter(options: RateLimiterOptions): RateLimiter {
  const buckets = new Map<BucketKey, RateBucketState>();
  return createRateLimiter(
    {
      async update(bucket, change) {
        const { next, result } = change(buckets.get(bucket) ?? startingState(bucket));
        if (next) buckets.set(bucket, next);
        return result;
      },
    },
    options,
  );
}
