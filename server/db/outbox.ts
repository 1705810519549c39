import type { Tx } from "./client.ts";

export const OUTBOX_CHANNEL = "bookproof_outbox";

/** `booking`: one without a lead came, changed, or has its lead now. */
export type LiveKind = "task" | "lead" | "mismatch" | "booking" | "run" | "connection";

export type LiveEvent = { workspaceId: string; kind: LiveKind; ids: string[] };

/** Ids in one event; a page of changes is a hint to look again, not a payload. */
const MAX_IDS = 200;

/**
 * Tells live screens what changed, in the transaction that changed it. The row is what streams replay; the
 * notification is only the bell.
 */
export async function publish(tx: Tx, at: Date, events: LiveEvent[]): Promise<void> {
  const rows = events.filter((event) => event.ids.length > 0);
  if (rows.length === 0) return;
  const payload = JSON.stringify(rows.map((event) => ({ ...event, ids: event.ids.slice(0, MAX_IDS) })));
  await tx.$executeRaw`
    WITH written AS (
      INSERT INTO "OutboxEvent" ("workspaceId", kind, ids, at)
      SELECT r."workspaceId", r.kind, ARRAY(SELECT jsonb_array_elements_text(r.ids)), ${at}::timestamptz
      FROM jsonb_to_recordset(${payload}::jsonb) AS r("workspaceId" uuid, kind text, ids jsonb)
    )
    SELECT pg_notify(${OUTBOX_CHANNEL}, '')`;
}
