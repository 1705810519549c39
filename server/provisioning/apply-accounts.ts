import type { Actor } from "#server/audit/actor.ts";
import { connectCalendly } from "#server/connections/connect-calendly.ts";
import type { ConnectFailure } from "#server/connections/connect-error.ts";
import { connectHighLevel } from "#server/connections/connect-highlevel.ts";
import { createWebhook } from "#server/connections/create-webhook.ts";
import { disconnect } from "#server/connections/disconnect.ts";
import { rotateToken } from "#server/connections/rotate-token.ts";
import type { Deps } from "#server/deps.ts";
import { AppError } from "#server/lib/errors.ts";
import type { AccountStep } from "./plan-accounts.ts";

export type AccountProblem = { provider: AccountStep["provider"]; reason: string };

/**
 * Does what was planned, one account after the other. A provider that has changed its mind since it was asked is
 * reported, and neither stops the other nor takes back the workspace.
 */
export async function applyAccounts(
  deps: Deps,
  actor: Actor,
  workspaceId: string,
  steps: AccountStep[],
): Promise<AccountProblem[]> {
  const problems: AccountProblem[] = [];
  for (const step of steps) {
    const reason = await applyStep(deps, actor, workspaceId, step).catch(codeOf);
    if (reason !== null) problems.push({ provider: step.provider, reason });
  }
  return problems;
}

async function applyStep(
  deps: Deps,
  actor: Actor,
  workspaceId: string,
  step: AccountStep,
): Promise<string | null> {
  switch (step.act) {
    case "leave":
      return null;
    case "disconnect":
      await disconnect(deps, actor, { workspaceId, connectionId: step.connectionId });
      return null;
    case "replace":
      return reasonOf(
        await rotateToken(deps, actor, { workspaceId, connectionId: step.connectionId, token: step.token }),
      );
    case "connect":
      return step.provider === "calendly"
        ? connectWithWebhook(deps, actor, workspaceId, step.token)
        : reasonOf(await connectHighLevel(deps, actor, { workspaceId, ...step }));
    default:
      return step satisfies never;
  }
}

async function connectWithWebhook(
  deps: Deps,
  actor: Actor,
  workspaceId: string,
  token: string,
): Promise<string | null> {
  const connected = await connectCalendly(deps, actor, { workspaceId, token });
  if (!connected.ok) return reasonOf(connected);
  // An earlier subscription to this workspace's address can only be ours, under a key that is gone.
  await createWebhook(deps, actor, { workspaceId, connectionId: connected.connectionId, takeOver: true });
  return null;
}

function reasonOf(result: { ok: true } | ConnectFailure): string | null {
  return result.ok ? null : result.error.code;
}

function codeOf(error: unknown): string {
  if (error instanceof AppError) return error.code;
  throw error;
}
