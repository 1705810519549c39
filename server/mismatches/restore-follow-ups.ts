import type { Tx } from "#server/db/client.ts";
import { publish } from "#server/db/outbox.ts";
import type { FollowUpChanges, RowChange } from "./compute-follow-up-changes.ts";

/**
 * Takes back what a decision did beside the lead: what it opened or started is removed, what it changed reads again as
 * before. The caller has made sure that nobody touched these rows since.
 */
export async function restoreFollowUps(
  tx: Tx,
  workspaceId: string,
  changes: FollowUpChanges[],
  now: Date,
): Promise<void> {
  const tasks = changes.flatMap((change) => change.tasks);
  const instances = changes.flatMap((change) => change.instances);
  const offerIds = changes.flatMap((change) => change.clearedOfferIds);
  // What was opened goes first: of two open rows in one place the database would refuse the second.
  await removeOpened(tx, tasks, instances);
  await restoreTasks(tx, tasks, now);
  await restoreInstances(tx, instances);
  if (offerIds.length > 0) {
    await tx.$executeRaw`UPDATE "SlotOffer" SET "clearedAt" = NULL WHERE id = ANY(${offerIds}::uuid[])`;
  }
  await publish(tx, now, [{ workspaceId, kind: "task", ids: tasks.map(({ id }) => id) }]);
}

async function removeOpened(tx: Tx, tasks: RowChange[], instances: RowChange[]): Promise<void> {
  const taskIds = tasks.filter(({ before }) => before === null).map(({ id }) => id);
  const instanceIds = instances.filter(({ before }) => before === null).map(({ id }) => id);
  if (taskIds.length > 0) await tx.task.deleteMany({ where: { id: { in: taskIds } } });
  if (instanceIds.length > 0) await tx.followUpInstance.deleteMany({ where: { id: { in: instanceIds } } });
}

async function restoreTasks(tx: Tx, tasks: RowChange[], now: Date): Promise<void> {
  const rows = tasks.flatMap(({ before }) => (before ? [before] : []));
  if (rows.length === 0) return;
  const json = JSON.stringify(rows);
  await tx.$executeRaw`
    UPDATE "Task" t SET
      type = b.type, status = b.status, "dueAt" = b."dueAt", "closedAt" = b."closedAt",
      "closedReason" = b."closedReason", "closedById" = b."closedById", "ownerId" = b."ownerId",
      "leaseUntil" = b."leaseUntil", attempts = b.attempts, "lastOutcome" = b."lastOutcome",
      "lastOutcomeAt" = b."lastOutcomeAt", "lastOutcomeById" = b."lastOutcomeById",
      "awaitsEvidence" = b."awaitsEvidence", note = b.note, version = t.version + 1, "updatedAt" = ${now}::timestamptz
    FROM jsonb_populate_recordset(NULL::"Task", ${json}::jsonb) b WHERE t.id = b.id`;
  // Lines that the decision added to a task that was open already.
  await tx.$executeRaw`
    DELETE FROM "TaskMeeting" m USING jsonb_array_elements(${json}::jsonb) AS b(task)
    WHERE m."taskId" = (b.task->>'id')::uuid
      AND NOT b.task->'meetings' @> jsonb_build_array(jsonb_build_object('appointmentId', m."appointmentId"))`;
}

async function restoreInstances(tx: Tx, instances: RowChange[]): Promise<void> {
  const rows = instances.flatMap(({ before }) => (before ? [before] : []));
  if (rows.length === 0) return;
  await tx.$executeRaw`
    UPDATE "FollowUpInstance" i SET
      status = b.status, "nextStep" = b."nextStep", "nextStepAt" = b."nextStepAt", "endedAt" = b."endedAt",
      reason = b.reason
    FROM jsonb_populate_recordset(NULL::"FollowUpInstance", ${JSON.stringify(rows)}::jsonb) b WHERE i.id = b.id`;
}
