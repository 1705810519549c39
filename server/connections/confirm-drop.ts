import type { Actor } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { conflict } from "#server/lib/errors.ts";
import { type ConnectionRef, findActiveConnection } from "./find-connection.ts";
import { sendSweep } from "./save-connection.ts";

/**
 * A person says that the meetings which a list left out are really gone (R5). That is no proof yet: each of them is asked
 * for by its id, and only what the provider does not know any more is lost. More missing ones than were shown wait for
 * another word.
 */
export async function confirmDrop(
  { db, clock, queue }: Pick<Deps, "db" | "clock" | "queue">,
  actor: Actor,
  ref: ConnectionRef,
): Promise<{ missing: number }> {
  const row = await findActiveConnection(db, ref);
  const now = clock.now();
  return runTransaction(db, "confirmDrop", async (tx) => {
    const incident = await tx.incident.findFirst({
      where: {
        workspaceId: row.workspaceId,
        connectionId: row.id,
        kind: "suspicious_drop",
        closedAt: null,
      },
      select: { details: true },
    });
    const missing = readMissing(incident?.details);
    if (missing === null) {
      throw conflict(
        "nothing_to_confirm",
        "The provider lists those meetings again, or somebody confirmed them.",
      );
    }
    await tx.connection.update({ where: { id: row.id }, data: { dropConfirmed: missing } });
    await writeAudit(tx, actor, now, [
      {
        workspaceId: row.workspaceId,
        verb: "connection_drop_confirmed",
        subjectType: "connection",
        subjectId: row.id,
        after: { missing },
        source: "operator",
      },
    ]);
    await sendSweep({ queue, tx }, row.id, "drop_confirmed");
    await publish(tx, now, [{ workspaceId: row.workspaceId, kind: "connection", ids: [row.id] }]);
    return { missing };
  });
}

function readMissing(details: unknown): number | null {
  if (typeof details !== "object" || details === null || !("missing" in details)) return null;
  return typeof details.missing === "number" ? details.missing : null;
}
