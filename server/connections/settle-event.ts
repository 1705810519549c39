import type { Tx } from "#server/db/client.ts";
import { publish } from "#server/db/outbox.ts";

/** An event arrived and was worked on: silence has ended, and with it the retries that a check had seen. */
export async function settleEvent(tx: Tx, connectionId: string, receivedAt: Date, now: Date): Promise<void> {
  const rows = await tx.$queryRaw<{ workspaceId: string }[]>`
    UPDATE "Connection" SET
      "lastEventAt" = greatest("lastEventAt", ${receivedAt}::timestamptz),
      "stateSince" = CASE WHEN state = 'quiet' OR "reasonCode" = 'webhook_retrying'
        THEN ${now}::timestamptz ELSE "stateSince" END,
      "retryStartedAt" = NULL,
      "reasonCode" = CASE WHEN state = 'quiet' OR "reasonCode" = 'webhook_retrying' THEN NULL ELSE "reasonCode" END,
      state = CASE WHEN state = 'quiet' OR "reasonCode" = 'webhook_retrying' THEN 'healthy' ELSE state END
    WHERE id = ${connectionId}::uuid AND state <> 'off'
    RETURNING "workspaceId"`;
  await publish(
    tx,
    now,
    rows.map(({ workspaceId }) => ({ workspaceId, kind: "connection", ids: [connectionId] })),
  );
}
