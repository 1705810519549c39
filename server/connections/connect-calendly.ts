import type { Actor } from "#server/audit/actor.ts";
import type { Deps } from "#server/deps.ts";
import type { ConnectFailure } from "./connect-error.ts";
import type { CalendlyAccount } from "./read-calendly-account.ts";
import { refuseSecondConnection, saveConnection } from "./save-connection.ts";
import { verifyCalendlyToken } from "./verify-calendly-token.ts";

export type ConnectDeps = Pick<Deps, "db" | "clock" | "providers" | "queue" | "secrets">;

/**
 * Links a Calendly account: nothing is stored before the token has proved itself. The webhook comes after, with
 * `createWebhook`; until then sweeps keep the evidence true. Throws 409 `already_connected`.
 */
export async function connectCalendly(
  deps: ConnectDeps,
  actor: Actor,
  { workspaceId, token }: { workspaceId: string; token: string },
): Promise<{ ok: true; connectionId: string } | ConnectFailure> {
  await refuseSecondConnection(deps, workspaceId, "calendly");
  const verified = await verifyCalendlyToken(deps, token);
  if (!verified.ok) return verified;
  const { account } = verified;
  const row = {
    ...accountColumns(account),
    workspaceId,
    provider: "calendly" as const,
    state: "polling" as const,
    reasonCode: account.missingScopes.includes("webhooks:write") ? "no_webhook_scope" : "webhook_not_created",
  };
  return { ok: true, connectionId: await saveConnection(deps, actor, token, row, account.eventTypes) };
}

/** What a verified token tells about itself, as the connection keeps it. */
export function accountColumns(account: CalendlyAccount) {
  return {
    ownerId: account.ownerId,
    ownerName: account.ownerName,
    ownerEmail: account.ownerEmail,
    ownerRole: account.role,
    accountName: account.organizationName,
    plan: account.plan,
    organizationId: account.organizationId,
    timezone: account.timezone,
    fullScope: account.isFullScope,
    /** Those that are missing, with a minus: the ones it has cannot be listed. */
    scopes: account.missingScopes.map((scope) => `-${scope}`),
    seesPeople: account.people,
  };
}
