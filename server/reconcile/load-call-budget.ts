import type { Connection } from "#server/db/generated/client.ts";
import type { Deps } from "#server/deps.ts";
import { DAY_MS, MINUTE_MS } from "#server/lib/duration.ts";
import type { RateBucketState } from "#server/providers/decide-rate-slot.ts";
import {
  type BucketKey,
  calendlyBucket,
  highlevelBucket,
  startingState,
} from "#server/providers/rate-bucket.ts";

/**
 * How much of a bucket planned work may fill. Calendly's bucket is half of what the provider grants already, of which
 * reconciling never takes the share that is kept for people; HighLevel's is nine tenths, so that half is five ninths.
 */
const PLANNED_SHARE = { calendly: 0.85, highlevel: 5 / 9 };
const PLANNED_DAILY_SHARE = 0.5;

type Owner = Pick<Connection, "provider" | "ownerId" | "locationId">;

/** Calls a minute that this connection may plan with: half the limit, divided among those that share it (R29, R32). */
export async function loadCallBudget({ db }: Pick<Deps, "db">, owner: Owner): Promise<number> {
  const key = bucketOf(owner);
  const [bucket, sharers] = await Promise.all([
    db.rateBucket.findUnique({
      where: { key },
      select: { windowMs: true, limit: true, dailyLimit: true },
    }),
    db.connection.count({
      where: {
        provider: owner.provider,
        ...(owner.provider === "calendly" ? { ownerId: owner.ownerId } : { locationId: owner.locationId }),
        state: { not: "off" },
        workspace: { paused: false },
      },
    }),
  ]);
  return computeCallBudget(owner.provider, bucket ?? startingState(key)) / Math.max(1, sharers);
}

export function computeCallBudget(
  provider: Owner["provider"],
  { windowMs, limit, dailyLimit }: Pick<RateBucketState, "windowMs" | "limit" | "dailyLimit">,
): number {
  const byWindow = (limit * PLANNED_SHARE[provider] * MINUTE_MS) / windowMs;
  if (dailyLimit === null) return byWindow;
  return Math.min(byWindow, (dailyLimit * PLANNED_DAILY_SHARE * MINUTE_MS) / DAY_MS);
}

function bucketOf({ provider, ownerId, locationId }: Owner): BucketKey {
  return provider === "calendly" ? calendlyBucket(ownerId ?? "") : highlevelBucket(locationId ?? "");
}
