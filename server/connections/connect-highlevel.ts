import type { Actor } from "#server/audit/actor.ts";
import type { ConnectDeps } from "./connect-calendly.ts";
import type { ConnectFailure } from "./connect-error.ts";
import { refuseSecondConnection, saveConnection } from "./save-connection.ts";
import { type HighLevelAccount, verifyHighLevelToken } from "./verify-highlevel-token.ts";

/** Links a HighLevel location by private token; nothing is stored before both have proved themselves. */
export async function connectHighLevel(
  deps: ConnectDeps,
  actor: Actor,
  { workspaceId, token, locationId }: { workspaceId: string; token: string; locationId: string },
): Promise<{ ok: true; connectionId: string; account: HighLevelAccount } | ConnectFailure> {
  await refuseSecondConnection(deps, workspaceId, "highlevel");
  const verified = await verifyHighLevelToken(deps, { token, locationId });
  if (!verified.ok) return verified;
  const { account } = verified;
  const row = {
    ...locationColumns(account),
    workspaceId,
    provider: "highlevel" as const,
    state: "healthy" as const,
    fullScope: true,
  };
  const connectionId = await saveConnection(deps, actor, token, row, account.calendars);
  return { ok: true, connectionId, account };
}

export function locationColumns(account: HighLevelAccount) {
  return {
    locationId: account.locationId,
    accountName: account.locationName,
    timezone: account.timezone,
    seesPeople: account.people,
  };
}
