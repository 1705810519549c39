import { MINUTE_MS } from "#server/lib/duration.ts";
import { decideRetryWaitMs } from "../decide-retry-wait.ts";
import type { ProviderDialect } from "../http-client.ts";
import { CALENDLY_SHARE, type RateFacts } from "../rate-bucket.ts";
import { readCount } from "../read-count.ts";
import { decideCalendlyRefusal } from "./decide-refusal.ts";

/** How Calendly refuses and counts. `share` is the part of the user's limit that is ours. */
export function createCalendlyDialect(share = CALENDLY_SHARE): ProviderDialect {
  return {
    provider: "calendly",
    headers: {},
    decideRefusal: decideCalendlyRefusal,
    readRateFacts: (headers, now) => readRateFacts(headers, now, share),
    decideRetryWaitMs: (headers, now, random) => decideRetryWaitMs(readRetryFacts(headers, now), random),
  };
}

function readRateFacts(headers: Headers, now: Date, share: number): RateFacts {
  const limit = readCount(headers.get("x-ratelimit-limit"));
  const remaining = readCount(headers.get("x-ratelimit-remaining"));
  const facts: RateFacts = {};
  if (limit !== null && limit > 0) facts.limit = Math.max(1, Math.floor(limit * share));
  if (remaining !== null) facts.remaining = remaining;
  if (remaining === 0) facts.resetInMs = decideRetryWaitMs(readRetryFacts(headers, now), () => 0);
  return facts;
}

function readRetryFacts(headers: Headers, now: Date) {
  return {
    retryAfter: headers.get("retry-after"),
    reset: headers.get("x-ratelimit-reset"),
    windowMs: MINUTE_MS,
    now,
  };
}
