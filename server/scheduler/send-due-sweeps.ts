import type { Deps } from "#server/deps.ts";
import { CLOCK_COLUMNS, decideDueTier } from "./decide-due-tier.ts";

/**
 * Puts every due sweep in line, one per connection (R29, R31). Any number of processes may do so: the same work waits
 * only once.
 */
export async function sendDueSweeps(
  { db, clock, queue }: Pick<Deps, "db" | "clock" | "queue">,
  trigger: string,
): Promise<number> {
  const now = clock.now();
  const connections = await db.connection.findMany({
    where: { state: { not: "off" }, tokenSealed: { not: null }, workspace: { paused: false } },
    select: { id: true, ...CLOCK_COLUMNS },
  });
  let sent = 0;
  for (const { id, ...times } of connections) {
    const tier = decideDueTier(times, now);
    if (tier === null) continue;
    await queue.send(
      "sweep",
      { connectionId: id, tier, trigger },
      { key: id, onceInSeconds: 10, unlessRunning: true },
    );
    sent += 1;
  }
  return sent;
}
