import type { Actor } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { addMs, HOUR_MS } from "#server/lib/duration.ts";
import { AppError, conflict } from "#server/lib/errors.ts";
import { createToken } from "#server/lib/secrets.ts";
import { closeIncidents } from "./close-incidents.ts";
import { type ConnectionRef, findActiveConnection } from "./find-connection.ts";

/** Long enough for an owner to paste the new one into every workflow. */
const FORMER_SECRET_LIFE_MS = 25 * HOUR_MS;

/**
 * Makes the secret that HighLevel workflows of this workspace send in a header (R35), and answers it this one time.
 * The former one is accepted for a day and an hour.
 */
export async function createWorkflowSecret(
  deps: Pick<Deps, "db" | "clock" | "secrets">,
  actor: Actor,
  ref: ConnectionRef,
): Promise<{ secret: string; formerUntil: Date | null }> {
  const row = await findActiveConnection(deps.db, ref);
  if (row.provider !== "highlevel") throw new AppError("bad_request", "Only HighLevel has workflows.");
  const secret = createToken(32);
  const signingKeySealed = deps.secrets.seal(secret);
  const now = deps.clock.now();
  const formerUntil = row.signingKeySealed === null ? null : addMs(now, FORMER_SECRET_LIFE_MS);
  await runTransaction(deps.db, "createWorkflowSecret", async (tx) => {
    const { count } = await tx.connection.updateMany({
      where: { id: row.id, version: row.version, state: { not: "off" } },
      data: {
        signingKeySealed,
        previousSigningKeySealed: row.signingKeySealed,
        previousKeyUntil: formerUntil,
        version: { increment: 1 },
      },
    });
    if (count === 0)
      throw conflict("connection_changed", "Somebody else changed this connection. Look again.");
    const which = { workspaceId: row.workspaceId, connectionId: row.id };
    await closeIncidents(tx, { ...which, kind: "refused_deliveries" }, now);
    await writeAudit(tx, actor, now, [
      {
        workspaceId: row.workspaceId,
        verb: "connection_secret_created",
        subjectType: "connection",
        subjectId: row.id,
        after: { replaced: row.signingKeySealed !== null },
        source: "operator",
      },
    ]);
    await publish(tx, now, [{ workspaceId: row.workspaceId, kind: "connection", ids: [row.id] }]);
  });
  return { secret, formerUntil };
}
