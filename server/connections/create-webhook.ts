import type { Actor } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Connection } from "#server/db/generated/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { AppError } from "#server/lib/errors.ts";
import { openConnection } from "#server/reconcile/open-connection.ts";
import { closeIncidents } from "./close-incidents.ts";
import { computeGapStart, type GapCause, type LostWebhook } from "./compute-gap.ts";
import type { ConnectErrorCode, ConnectFailure } from "./connect-error.ts";
import type { NoWebhookReason } from "./decide-connection-state.ts";
import { sendGap } from "./fill-gap.ts";
import { type ConnectionRef, findActiveConnection } from "./find-connection.ts";
import { sendSweep } from "./save-connection.ts";
import { saveConnectionState } from "./save-connection-state.ts";
import { decideStateOf } from "./state-facts.ts";
import { type Subscription, subscribeWebhook } from "./subscribe-webhook.ts";

export type WebhookDeps = Pick<Deps, "db" | "clock" | "providers" | "secrets" | "queue" | "publicUrl">;

/** A refusal that stays: without a webhook the sweeps go on, and the screen says why. */
const POLLING_BECAUSE: Partial<Record<ConnectErrorCode, NoWebhookReason>> = {
  scope: "no_webhook_scope",
  plan: "webhook_plan",
  role: "webhook_refused",
};

/**
 * Creates the webhook, or with `takeOver` replaces what is there: for an earlier one of unknown key, for one that
 * Calendly turned off, and for a change of key. Both keys are accepted for a day.
 */
export async function createWebhook(
  deps: WebhookDeps,
  actor: Actor,
  { takeOver, ...ref }: ConnectionRef & { takeOver: boolean },
): Promise<Subscription | ConnectFailure> {
  const row = await findActiveConnection(deps.db, ref);
  const open = await openConnection(deps, row.id, { priority: "live" });
  if (open.provider !== "calendly") throw new AppError("bad_request", "Only Calendly has webhooks here.");
  const cause = gapCauseOf(open.row);
  const outcome = await subscribeWebhook(deps, open, {
    takeOver,
    onCreated: async (tx, now) => {
      if (cause === null) return;
      const from = computeGapStart(rememberedState(open.row), open.row, now);
      await sendGap({ queue: deps.queue, tx }, row.id, cause, { from, to: now });
    },
  });
  const now = deps.clock.now();
  const polling = outcome.ok ? null : POLLING_BECAUSE[outcome.error.code];
  if (polling === undefined) return outcome;
  // An existing subscription goes on working when its successor is refused.
  if (polling !== null && open.row.webhookId !== null) return outcome;

  await runTransaction(deps.db, "saveWebhook", async (tx) => {
    const webhook = polling
      ? ({ state: "none", reason: polling } as const)
      : ({ state: "active", retryStartedAt: null } as const);
    const verdict = decideStateOf(open.row, { tokenProblem: null, isUnreachable: false, webhook });
    await saveConnectionState(tx, open.row, verdict, now, {}, actor);
    if (!outcome.ok) return;
    await closeIncidents(
      tx,
      { workspaceId: row.workspaceId, connectionId: row.id, kind: "refused_deliveries" },
      now,
    );
    await writeAudit(tx, actor, now, [
      {
        workspaceId: row.workspaceId,
        verb: "connection_webhook_created",
        subjectType: "connection",
        subjectId: row.id,
        after: { scope: outcome.webhook.scope, takeOver },
        source: "operator",
      },
    ]);
    // Deliveries begin now: what happened since the last sweep is read once more.
    await sendSweep({ queue: deps.queue, tx }, row.id, "webhook_created");
  });
  return outcome;
}

/** Null while deliveries came, or where none was ever expected. */
function gapCauseOf({ webhookId, webhookState, retryStartedAt }: Connection): GapCause | null {
  if (webhookId === null) return null;
  if (webhookState === "disabled") return "webhook_disabled";
  if (webhookState === "gone") return "webhook_gone";
  return retryStartedAt ? "webhook_retrying" : null;
}

function rememberedState({ webhookState, retryStartedAt }: Connection): LostWebhook {
  const state = webhookState === "disabled" || webhookState === "gone" ? webhookState : "active";
  return { state, retryStartedAt };
}
