import type { Connection } from "#server/db/generated/client.ts";
import type { Deps } from "#server/deps.ts";
import { systemClock } from "#server/lib/clock.ts";
import { addMs } from "#server/lib/duration.ts";
import { decideRateSlot } from "#server/providers/decide-rate-slot.ts";
import { createPostgresRateLimiter } from "#server/providers/postgres-rate-limiter.ts";
import { systemSleep } from "#server/providers/sleep.ts";
import { bucketOf } from "./connection-bucket.ts";

/** Until when the connection's bucket has no room for a backfill; null while it has. */
export async function findLimitWait(
  { db, clock }: Pick<Deps, "db" | "clock">,
  connection: Pick<Connection, "provider" | "ownerId" | "locationId">,
): Promise<Date | null> {
  const bucket = bucketOf(connection);
  if (bucket === null) return null;
  // Providers count in real time, whatever the server's clock says.
  const realNow = systemClock.now();
  const limiter = createPostgresRateLimiter(db, { clock: systemClock, sleep: systemSleep });
  const slot = decideRateSlot(await limiter.state(bucket), { priority: "backfill", now: realNow });
  if (slot.verdict === "go") return null;
  return addMs(clock.now(), slot.until.getTime() - realNow.getTime());
}
