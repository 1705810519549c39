import type { Tx } from "#server/db/client.ts";
import type { TaskOutcome, TaskStatus, TaskType } from "#server/db/generated/enums.ts";
import { notFound } from "#server/lib/errors.ts";
import { type RedKind, redKindOf } from "./red-task.ts";

/** Everything of a red task that an operator's action can change, and what it is decided by. */
export type LockedTask = {
  id: string;
  workspaceId: string;
  leadId: string;
  type: TaskType;
  red: RedKind;
  status: TaskStatus;
  dueAt: Date;
  updatedAt: Date;
  closedAt: Date | null;
  closedReason: string | null;
  closedById: string | null;
  ownerId: string | null;
  leaseUntil: Date | null;
  attempts: number;
  lastOutcome: TaskOutcome | null;
  lastOutcomeAt: Date | null;
  lastOutcomeById: string | null;
  awaitsEvidence: boolean;
  version: number;
};

/**
 * Holds the row until the transaction ends: of two people at once, the second reads what the first left. A task of
 * another workspace, or of another type, does not exist.
 */
export async function lockRedTask(tx: Tx, workspaceId: string, taskId: string): Promise<LockedTask> {
  const [row] = await tx.$queryRaw<Omit<LockedTask, "red">[]>`
    SELECT id, "workspaceId", "leadId", type, status, "dueAt", "updatedAt", "closedAt", "closedReason", "closedById",
           "ownerId", "leaseUntil", attempts, "lastOutcome", "lastOutcomeAt", "lastOutcomeById", "awaitsEvidence", version
    FROM "Task" WHERE id = ${taskId}::uuid AND "workspaceId" = ${workspaceId}::uuid FOR UPDATE`;
  const red = row ? redKindOf(row.type) : null;
  if (!row || red === null) throw notFound("Task");
  return { ...row, red };
}
