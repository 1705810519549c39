import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { markSharedBookings } from "./link-appointments.ts";

const BATCH = 1_000;

/**
 * R13: time alone ends the gate of a shared booking, as it ends that of a held one (R26). Nothing follows for the lead,
 * which may be enrolled again. Answers how many were freed.
 */
export async function lowerSharedGates(
  { db, clock }: Pick<Deps, "db" | "clock">,
  signal?: AbortSignal,
): Promise<number> {
  const rows = await db.$queryRaw<{ workspaceId: string; ids: string[] }[]>`
    SELECT "workspaceId", array_agg(id::text) AS ids FROM "Lead" WHERE "sharedBooking" GROUP BY "workspaceId"`;
  let freed = 0;
  for (const { workspaceId, ids } of rows) {
    for (let at = 0; at < ids.length; at += BATCH) {
      signal?.throwIfAborted();
      freed += await runTransaction(db, "lower shared gates", async (tx) => {
        await lockWorkspace(tx, workspaceId);
        return markSharedBookings(tx, workspaceId, ids.slice(at, at + BATCH), clock.now());
      });
    }
  }
  return freed;
}
