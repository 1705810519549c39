import { createHash } from "node:crypto";
import { MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import type { RateBucketState } from "./decide-rate-slot.ts";

export type ProviderName = "calendly" | "highlevel";

/** Whose budget a call is taken from: the provider counts per token owner or location, not per workspace. */
export type BucketKey = `calendly:${string}` | `highlevel:${string}`;

export function calendlyBucket(userId: string): BucketKey {
  return `calendly:${userId}`;
}

export function highlevelBucket(locationId: string): BucketKey {
  return `highlevel:${locationId}`;
}

/** For the first calls with a token whose owner is not known yet. The digest cannot be turned back. */
export function calendlyBucketOfToken(token: string): BucketKey {
  return `calendly:new-${createHash("sha256").update(token).digest("hex").slice(0, 16)}`;
}

export function providerOfBucket(bucket: BucketKey): ProviderName {
  return bucket.startsWith("calendly:") ? "calendly" : "highlevel";
}

/**
 * What a reply's headers say, already reduced to the share that is ours; absent means not said. Durations,
 * no times: the limiter follows the provider's time, whatever clock the rest of the server is given.
 */
export type RateFacts = {
  limit?: number;
  windowMs?: number;
  /** The provider's own count of what is left, everybody's calls included. */
  remaining?: number;
  /** When `remaining` is 0: how long it stays so. */
  resetInMs?: number;
  dailyLimit?: number;
  dailyRemaining?: number;
  dailyResetInMs?: number;
};

/** Calendly counts per user, and the customer's other tools share that count: half is ours (R32). */
export const CALENDLY_SHARE = 0.5;
/** HighLevel counts per app and location: a tenth is left for clocks that disagree (R32). */
export const HIGHLEVEL_SHARE = 0.9;

/** Requests travel at different speeds, so that two sent a window apart can arrive within one. */
export const TRAVEL_SLACK_MS = SECOND_MS / 2;

const STARTING_STATE: Record<ProviderName, RateBucketState> = {
  calendly: {
    windowMs: MINUTE_MS + TRAVEL_SLACK_MS,
    limit: 250,
    calls: [],
    cooldownUntil: null,
    dailyLimit: null,
    dailyUsed: 0,
    dailyResetAt: null,
  },
  highlevel: {
    windowMs: 10 * SECOND_MS + TRAVEL_SLACK_MS,
    limit: 90,
    calls: [],
    cooldownUntil: null,
    dailyLimit: 200_000,
    dailyUsed: 0,
    dailyResetAt: null,
  },
};

/** What is assumed before the first reply. */
export function startingState(bucket: BucketKey): RateBucketState {
  return { ...STARTING_STATE[providerOfBucket(bucket)], calls: [] };
}
