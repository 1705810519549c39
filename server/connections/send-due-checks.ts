import type { Deps } from "#server/deps.ts";
import { addMs, MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";

/** R29: subscription health is looked at every five minutes, a little early so that ticks do not drift past it. */
const CHECK_EVERY_MS = 5 * MINUTE_MS;
const SLACK_MS = 30 * SECOND_MS;

/** Puts every due check in line, one per connection. */
export async function sendDueChecks({
  db,
  clock,
  queue,
}: Pick<Deps, "db" | "clock" | "queue">): Promise<number> {
  const before = addMs(clock.now(), SLACK_MS - CHECK_EVERY_MS);
  const due = await db.connection.findMany({
    where: {
      state: { not: "off" },
      tokenSealed: { not: null },
      OR: [{ lastCheckAt: null }, { lastCheckAt: { lt: before } }],
    },
    select: { id: true },
  });
  for (const { id } of due)
    await queue.send("check-connection", { connectionId: id }, { key: id, onceInSeconds: 60 });
  return due.length;
}
