import type { Tx } from "#server/db/client.ts";
import { publish } from "#server/db/outbox.ts";

/**
 * Brings snoozed red tasks back when their time has come; among them those that waited a day for evidence of a
 * re-booking and got none (R38). Part of the look after follow-ups; answers how many returned. A row that somebody is writing at
 * this moment is left for the next minute.
 */
export async function wakeTasks(tx: Tx, now: Date): Promise<number> {
  const woken = await tx.$queryRaw<{ id: string; workspaceId: string }[]>`
    UPDATE "Task" t SET
      status = 'pending', "awaitsEvidence" = false, version = t.version + 1, "updatedAt" = ${now}::timestamptz
    FROM (
      SELECT id FROM "Task"
      WHERE type IN ('meeting_canceled', 'meeting_no_show', 'meeting_rescheduled')
        AND status IN ('pending', 'snoozed') AND status = 'snoozed' AND "dueAt" <= ${now}::timestamptz
      FOR UPDATE SKIP LOCKED
    ) due
    WHERE t.id = due.id
    RETURNING t.id, t."workspaceId"`;
  const byWorkspace = Map.groupBy(woken, ({ workspaceId }) => workspaceId);
  await publish(
    tx,
    now,
    [...byWorkspace].map(([workspaceId, tasks]) => ({
      workspaceId,
      kind: "task" as const,
      ids: tasks.map(({ id }) => id),
    })),
  );
  return woken.length;
}
