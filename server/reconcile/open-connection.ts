import type { Connection } from "#server/db/generated/client.ts";
import type { Deps } from "#server/deps.ts";
import { notFound } from "#server/lib/errors.ts";
import type { CalendlyClient } from "#server/providers/calendly/client.ts";
import type { CallPriority } from "#server/providers/decide-rate-slot.ts";
import type { HighLevelClient } from "#server/providers/highlevel/client.ts";
import type { HostReading } from "#server/providers/highlevel/map-user.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import { calendlyBucket, calendlyBucketOfToken } from "#server/providers/rate-bucket.ts";

export type OpenDeps = Pick<Deps, "db" | "clock" | "providers" | "secrets">;

type OpenBase = {
  row: Connection;
  /** Event types or calendars that were chosen; null while nothing was, so that all count (R10). */
  configuredTypes: Set<string> | null;
  /** R10: bookings on other types are no evidence at all. */
  strictEventTypes: boolean;
  /** Types that were left out since, with bookings that are evidence already: those are followed to their end. */
  followedTypes: ReadonlySet<string>;
  windowDays: { back: number; ahead: number };
};

/** A connection with its secret opened and a client that calls on its behalf. */
export type OpenConnection =
  | (OpenBase & { provider: "calendly"; client: CalendlyClient })
  | (OpenBase & {
      provider: "highlevel";
      client: HighLevelClient;
      timezone: string;
      /** Calendars and members of the location; null until first read. */
      calendars: { id: string }[] | null;
      hosts: ReadonlyMap<string, HostReading> | null;
    });

/**
 * Loads a connection for calling its provider. Throws not found for an unknown one and `unauthorized` for one that was
 * disconnected, since its token is gone.
 */
export async function openConnection(
  deps: OpenDeps,
  connectionId: string,
  options: { priority: CallPriority; patienceMs?: number; signal?: AbortSignal },
): Promise<OpenConnection> {
  const row = await deps.db.connection.findUnique({
    where: { id: connectionId },
    include: {
      eventTypes: { where: { selected: true }, select: { providerId: true } },
      workspace: { select: { strictEventTypes: true, lookbackDays: true, lookaheadDays: true } },
    },
  });
  if (!row) throw notFound("Connection");
  const { eventTypes, workspace, ...connection } = row;
  if (connection.state === "off" || connection.tokenSealed === null) {
    throw new ProviderError(connection.provider, "unauthorized", "This connection is off.");
  }
  const base: OpenBase = {
    row: connection,
    configuredTypes: connection.eventTypesChosenAt ? new Set(eventTypes.map((t) => t.providerId)) : null,
    strictEventTypes: workspace.strictEventTypes,
    followedTypes:
      workspace.strictEventTypes && connection.eventTypesChosenAt
        ? await loadFollowedTypes(deps, connectionId)
        : new Set(),
    windowDays: { back: workspace.lookbackDays, ahead: workspace.lookaheadDays },
  };
  const token = deps.secrets.open(connection.tokenSealed);
  const context = {
    token,
    priority: options.priority,
    ...(options.patienceMs === undefined ? {} : { patienceMs: options.patienceMs }),
    ...(options.signal ? { signal: options.signal } : {}),
  };
  if (connection.provider === "calendly") {
    const bucket = connection.ownerId ? calendlyBucket(connection.ownerId) : calendlyBucketOfToken(token);
    return { ...base, provider: "calendly", client: deps.providers.calendly({ ...context, bucket }) };
  }
  const locationId = connection.locationId ?? "";
  return {
    ...base,
    provider: "highlevel",
    timezone: connection.timezone ?? "UTC",
    calendars: null,
    hosts: null,
    client: deps.providers.highlevel({ ...context, locationId }),
  };
}

async function loadFollowedTypes({ db }: OpenDeps, connectionId: string): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ calendarId: string }[]>`
    SELECT DISTINCT "calendarId" FROM "Appointment"
    WHERE "connectionId" = ${connectionId}::uuid AND NOT "onConfiguredType" AND "calendarId" IS NOT NULL
      AND status IN ('confirmed', 'showed', 'no_show')`;
  return new Set(rows.map((row) => row.calendarId));
}

/** Whose events a Calendly token lists: the organization's, or its owner's alone. */
export function calendlyOwner(row: Connection): { organization: string } | { user: string } {
  if (row.fullScope && row.organizationId) return { organization: row.organizationId };
  return { user: row.ownerId ?? "me" };
}
