import type { Actor } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Connection } from "#server/db/generated/client.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { conflict } from "#server/lib/errors.ts";
import { openConnection } from "#server/reconcile/open-connection.ts";
import { closeIncidents } from "./close-incidents.ts";
import type { ConnectErrorCode } from "./connect-error.ts";
import { decideConnectError } from "./decide-connect-error.ts";
import { type ConnectionRef, findActiveConnection } from "./find-connection.ts";
import { type KeptEvidence, loadKept } from "./load-kept.ts";
import { expectProviderError } from "./verify-calendly-token.ts";

export type DisconnectResult = {
  /** `none`: there was no webhook to delete. */
  webhook: { outcome: "deleted" | "none" } | { outcome: "not_deleted"; reason: ConnectErrorCode };
  tokenErased: true;
  kept: KeptEvidence;
};

type DisconnectDeps = Pick<Deps, "db" | "clock" | "providers" | "secrets" | "log">;

/**
 * Ends a connection: its webhook is deleted where the provider lets us, token and keys are erased whatever it says,
 * and what is known stays as it is (R1). Answers what happened, step by step.
 */
export async function disconnect(
  deps: DisconnectDeps,
  actor: Actor,
  ref: ConnectionRef,
): Promise<DisconnectResult> {
  const row = await findActiveConnection(deps.db, ref);
  const webhook = await deleteWebhook(deps, row);
  const now = deps.clock.now();
  await runTransaction(deps.db, "disconnect", async (tx) => {
    const { count } = await tx.connection.updateMany({
      where: { id: row.id, state: { not: "off" } },
      data: {
        state: "off",
        reasonCode: "disconnected",
        reasonText: null,
        stateSince: now,
        tokenSealed: null,
        signingKeySealed: null,
        previousSigningKeySealed: null,
        previousKeyUntil: null,
        webhookId: null,
        webhookState: null,
        retryStartedAt: null,
        disconnectedAt: now,
        disconnectedById: actor.kind === "operator" ? actor.id : null,
        version: { increment: 1 },
      },
    });
    if (count === 0) throw conflict("connection_off", "Somebody disconnected this account already.");
    await closeIncidents(tx, { workspaceId: row.workspaceId, connectionId: row.id }, now);
    await writeAudit(tx, actor, now, [
      {
        workspaceId: row.workspaceId,
        verb: "connection_disconnected",
        subjectType: "connection",
        subjectId: row.id,
        before: { provider: row.provider, state: row.state },
        after: { webhook: webhook.outcome },
        source: "operator",
      },
    ]);
    await publish(tx, now, [{ workspaceId: row.workspaceId, kind: "connection", ids: [row.id] }]);
  });
  return { webhook, tokenErased: true, kept: await loadKept(deps.db, row) };
}

async function deleteWebhook(deps: DisconnectDeps, row: Connection): Promise<DisconnectResult["webhook"]> {
  if (row.provider !== "calendly" || !row.webhookId) return { outcome: "none" };
  try {
    const open = await openConnection(deps, row.id, { priority: "live" });
    if (open.provider === "calendly") await open.client.deleteWebhook(row.webhookId);
    return { outcome: "deleted" };
  } catch (error) {
    const refusal = expectProviderError(error);
    // Gone already is what was wanted.
    if (refusal.kind === "not_found") return { outcome: "deleted" };
    return { outcome: "not_deleted", reason: decideConnectError(refusal).code };
  }
}
