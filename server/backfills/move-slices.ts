import { runTransaction } from "#server/db/run-transaction.ts";
import { type HeldRun, holdRun, type RunDeps } from "./held-run.ts";

/**
 * Connecting again makes a new connection: what a disconnected one has not read yet is read through the workspace's
 * present connection to the same provider, from the start of the slice.
 */
export async function moveSlicesToNewConnections({ db, clock }: RunDeps, run: HeldRun): Promise<void> {
  await runTransaction(db, "move backfill slices", async (tx) => {
    await holdRun(tx, run, clock.now());
    await tx.$executeRaw`
      UPDATE "BackfillSlice" s SET "connectionId" = n.id, state = 'pending', cursor = NULL, page = 0,
                                   done = 0, known = 0, failed = 0, "startedAt" = NULL
      FROM "Connection" c
      JOIN LATERAL (SELECT id FROM "Connection" x
                    WHERE x."workspaceId" = c."workspaceId" AND x.provider = c.provider AND x.state <> 'off'
                    ORDER BY x."createdAt" DESC LIMIT 1) n ON true
      WHERE s."backfillId" = ${run.id}::uuid AND s.state IN ('pending', 'running')
        AND c.id = s."connectionId" AND c.state = 'off'
        AND NOT EXISTS (SELECT 1 FROM "BackfillSlice" t
                        WHERE t."backfillId" = s."backfillId" AND t."connectionId" = n.id AND t.day = s.day)`;
  });
}
