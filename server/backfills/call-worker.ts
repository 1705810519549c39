import type { Tx } from "#server/db/client.ts";
import type { Deps } from "#server/deps.ts";

/**
 * Puts a run in line for a worker, now or `at` a time. The key carries the attempt: the job of a worker that died
 * counts as running until the queue notices, and must not hold its successor back; and the time, so that a call for
 * later never swallows one for now. A call too many does no harm, since a worker takes up only what nobody holds.
 */
export async function callWorker(
  queue: Deps["queue"],
  run: { id: string; attempt: number },
  { tx, at }: { tx?: Tx; at?: Date } = {},
): Promise<void> {
  await queue.send(
    "run-backfill",
    { backfillId: run.id },
    {
      key: [run.id, run.attempt, ...(at ? [at.getTime()] : [])].join("."),
      ...(tx ? { tx } : {}),
      ...(at ? { startAfter: at } : {}),
    },
  );
}
