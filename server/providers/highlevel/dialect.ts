import { SECOND_MS } from "#server/lib/duration.ts";
import { decideRetryWaitMs } from "../decide-retry-wait.ts";
import type { ProviderDialect } from "../http-client.ts";
import { HIGHLEVEL_SHARE, type RateFacts, TRAVEL_SLACK_MS } from "../rate-bucket.ts";
import { readCount } from "../read-count.ts";
import { decideHighLevelRefusal } from "./decide-refusal.ts";

const DEFAULT_INTERVAL_MS = 10 * SECOND_MS;

/** How HighLevel refuses and counts. */
export const highLevelDialect: ProviderDialect = {
  provider: "highlevel",
  headers: {},
  decideRefusal: decideHighLevelRefusal,
  readRateFacts,
  decideRetryWaitMs: readRetryWaitMs,
};

function readRateFacts(headers: Headers): RateFacts {
  const limit = readCount(headers.get("x-ratelimit-max"));
  const intervalMs = readCount(headers.get("x-ratelimit-interval-milliseconds"));
  const remaining = readCount(headers.get("x-ratelimit-remaining"));
  const dailyLimit = readCount(headers.get("x-ratelimit-limit-daily"));
  const dailyRemaining = readCount(headers.get("x-ratelimit-daily-remaining"));
  const dailyResetMs = readCount(headers.get("x-ratelimit-daily-reset"));
  const facts: RateFacts = {};
  if (limit !== null && limit > 0) facts.limit = Math.max(1, Math.floor(limit * HIGHLEVEL_SHARE));
  if (intervalMs !== null && intervalMs > 0) facts.windowMs = intervalMs + TRAVEL_SLACK_MS;
  if (remaining !== null) facts.remaining = remaining;
  if (remaining === 0) facts.resetInMs = intervalMs ?? DEFAULT_INTERVAL_MS;
  if (dailyLimit !== null && dailyLimit > 0) facts.dailyLimit = dailyLimit;
  if (dailyRemaining !== null) facts.dailyRemaining = dailyRemaining;
  if (dailyResetMs !== null) facts.dailyResetInMs = dailyResetMs;
  return facts;
}

/** No Retry-After is documented: one interval, or the rest of the day when the day is used up. */
function readRetryWaitMs(headers: Headers, now: Date, random: () => number): number {
  const dailyResetMs = readCount(headers.get("x-ratelimit-daily-reset"));
  if (readCount(headers.get("x-ratelimit-daily-remaining")) === 0 && dailyResetMs) {
    return dailyResetMs;
  }
  const windowMs = readCount(headers.get("x-ratelimit-interval-milliseconds")) ?? DEFAULT_INTERVAL_MS;
  return decideRetryWaitMs(
    { retryAfter: headers.get("retry-after"), reset: headers.get("x-ratelimit-reset"), windowMs, now },
    random,
  );
}
