import type { Deps } from "#server/deps.ts";
import { addMs, DAY_MS, MINUTE_MS } from "#server/lib/duration.ts";

/** A little under the promise (R29), so that a tick that comes a moment early does not skip a day. */
const EVERY_MS = DAY_MS - 5 * MINUTE_MS;

/**
 * Puts pruning in line where the last run lies a day back. Not a fixed hour: an installation that sleeps at night would
 * never forget.
 */
export async function sendDuePrune({
  db,
  clock,
  queue,
}: Pick<Deps, "db" | "clock" | "queue">): Promise<boolean> {
  const since = addMs(clock.now(), -EVERY_MS);
  const recent = await db.jobRun.findFirst({
    where: { job: "prune", startedAt: { gt: since }, state: { in: ["running", "succeeded"] } },
    select: { id: true },
  });
  if (recent) return false;
  await queue.send("prune", {}, { key: "prune", onceInSeconds: 600 });
  return true;
}
