import { type Actor, SYSTEM } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Tx } from "#server/db/client.ts";
import type { Connection, Prisma } from "#server/db/generated/client.ts";
import { publish } from "#server/db/outbox.ts";
import type { ConnectionVerdict } from "./decide-connection-state.ts";

/**
 * Writes a verdict with what else was learned, audits it when it is news, and tells live screens. Does nothing to a
 * connection that was disconnected meanwhile: answers false then, and the caller has nothing to follow up.
 */
export async function saveConnectionState(
  tx: Tx,
  row: Connection,
  verdict: ConnectionVerdict,
  now: Date,
  changes: Prisma.ConnectionUpdateManyMutationInput = {},
  actor: Actor = SYSTEM,
): Promise<boolean> {
  const isNews = row.state !== verdict.state || row.reasonCode !== verdict.reasonCode;
  const { count } = await tx.connection.updateMany({
    where: { id: row.id, state: { not: "off" } },
    data: { ...changes, ...verdict, ...(isNews ? { stateSince: now } : {}) },
  });
  if (count === 0) return false;
  if (isNews) {
    await writeAudit(tx, actor, now, [
      {
        workspaceId: row.workspaceId,
        verb: "connection_state_changed",
        subjectType: "connection",
        subjectId: row.id,
        before: { state: row.state, reasonCode: row.reasonCode },
        after: verdict,
        source: actor.kind === "operator" ? "operator" : "reconcile",
      },
    ]);
  }
  await publish(tx, now, [{ workspaceId: row.workspaceId, kind: "connection", ids: [row.id] }]);
  return true;
}
