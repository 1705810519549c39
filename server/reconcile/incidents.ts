import type { Tx } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import { publish } from "#server/db/outbox.ts";
import { INCIDENT_KINDS, type IncidentFacts, type IncidentKind } from "./incident-kinds.ts";

export type IncidentInput = {
  workspaceId: string;
  connectionId: string | null;
  kind: IncidentKind;
  /** What it is about: one incident of a kind is open for each. */
  subject: string;
  /** Stable word: what of the things that this kind can be it was. */
  cause: string;
  /** Stable word for what is to be done, where it is not what this kind usually wants. */
  action?: string;
  details?: IncidentFacts;
};

/** Opens an incident and tells its screen, or counts it once more while it is open: one call is one sighting. */
export async function openIncident(tx: Tx, now: Date, incident: IncidentInput): Promise<void> {
  const action = incident.action ?? INCIDENT_KINDS[incident.kind].action;
  const [row] = await tx.$queryRaw<{ count: number }[]>`
    INSERT INTO "Incident" AS i ("workspaceId", "connectionId", kind, subject, cause, action, "firstSeenAt", "lastSeenAt", details)
    VALUES (${incident.workspaceId}::uuid, ${incident.connectionId}::uuid, ${incident.kind}, ${incident.subject},
            ${incident.cause}, ${action}, ${now}::timestamptz, ${now}::timestamptz,
            ${JSON.stringify(incident.details ?? {})}::jsonb)
    ON CONFLICT ("workspaceId", kind, subject) WHERE "closedAt" IS NULL DO UPDATE SET
      "lastSeenAt" = excluded."lastSeenAt", count = i.count + 1, cause = excluded.cause, action = excluded.action,
      details = excluded.details
    RETURNING i.count`;
  if (row?.count === 1 && incident.connectionId) {
    const { workspaceId, connectionId } = incident;
    await publish(tx, now, [{ workspaceId, kind: "connection", ids: [connectionId] }]);
  }
}

type Which = { workspaceId: string; kind: IncidentKind; subject: string };
type Limits = { seenBefore?: Date; tiers?: string[]; covers?: Prisma.Sql };

/**
 * Its cause is gone, and its screen is told. With `seenBefore`, only where it was not seen since; with `tiers`, only
 * where one of these passes had met it (a backfill's counts as hot); with `covers`, only where that holds for its row.
 */
export async function closeIncident(
  tx: Tx,
  now: Date,
  { workspaceId, kind, subject, ...limits }: Which & Limits,
): Promise<void> {
  const { seenBefore, tiers } = limits;
  const conditions = [
    Prisma.sql`"workspaceId" = ${workspaceId}::uuid AND kind = ${kind} AND subject = ${subject} AND "closedAt" IS NULL`,
    ...(seenBefore ? [Prisma.sql`"lastSeenAt" < ${seenBefore}::timestamptz`] : []),
    ...(tiers ? [Prisma.sql`coalesce(details->>'tier', 'hot') = ANY(${tiers}::text[])`] : []),
    ...(limits.covers ? [limits.covers] : []),
  ];
  const closed = await tx.$queryRaw<{ connectionId: string | null }[]>`
    UPDATE "Incident" SET "closedAt" = ${now}::timestamptz WHERE ${Prisma.join(conditions, " AND ")}
    RETURNING "connectionId"`;
  const ids = closed.flatMap(({ connectionId }) => connectionId ?? []);
  await publish(tx, now, [{ workspaceId, kind: "connection", ids }]);
}
