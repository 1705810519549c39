import type { Connection } from "#server/db/generated/client.ts";
import { addMs, MINUTE_MS } from "#server/lib/duration.ts";
import { computeTurnOffAt } from "./decide-connection-state.ts";

export type ConnectionRow = ReturnType<typeof mapConnection>;

/** A connection as people may see it: named column by column, so that no secret can slip out (R43). */
export function mapConnection(
  row: Connection & { eventTypes: { selected: boolean }[] },
  beside: { disconnectedBy: string | null; incidents: number },
) {
  return {
    id: row.id,
    provider: row.provider,
    state: row.state,
    reasonCode: row.reasonCode,
    stateSince: row.stateSince,
    accountName: row.accountName,
    ownerName: row.ownerName,
    ownerRole: row.ownerRole,
    plan: row.plan,
    locationId: row.locationId,
    timezone: row.timezone,
    fullScope: row.fullScope,
    seesPeople: row.seesPeople,
    missingScopes: row.scopes.flatMap((scope) => (scope.startsWith("-") ? [scope.slice(1)] : [])),
    tokenChangedAt: row.tokenChangedAt,
    createdAt: row.createdAt,
    lastEventAt: row.lastEventAt,
    lastCheckAt: row.lastCheckAt,
    lastSweepAt: row.lastSweepAt,
    nextSweepAt: nextSweepAt(row),
    everyMin: { hot: row.hotEveryMin, warm: row.warmEveryMin },
    sweptAt: { hot: row.hotSweptAt, warm: row.warmSweptAt, cold: row.coldSweptAt },
    eventTypes: {
      selected: row.eventTypes.filter(({ selected }) => selected).length,
      total: row.eventTypes.length,
      chosenAt: row.eventTypesChosenAt,
      includeNew: row.includeNewEventTypes,
    },
    webhook: row.webhookId
      ? {
          state: row.webhookState,
          scope: row.webhookScope,
          createdAt: row.webhookCreatedAt,
          checkedAt: row.webhookCheckedAt,
          retryStartedAt: row.retryStartedAt,
          turnsOffAt: computeTurnOffAt(row.retryStartedAt),
        }
      : null,
    hasSigningKey: row.signingKeySealed !== null,
    previousKeyUntil: row.previousSigningKeySealed ? row.previousKeyUntil : null,
    disconnectedAt: row.disconnectedAt,
    disconnectedBy: beside.disconnectedBy,
    /** How many are open about it. */
    incidents: beside.incidents,
  };
}

function nextSweepAt({ state, hotSweptAt, hotEveryMin, breakerUntil }: Connection): Date | null {
  if (state === "off") return null;
  const due = hotSweptAt && addMs(hotSweptAt, hotEveryMin * MINUTE_MS);
  if (breakerUntil && (!due || breakerUntil > due)) return breakerUntil;
  return due;
}
