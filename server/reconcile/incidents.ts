import type { Tx } from "#server/db/client.ts";

export type IncidentInput = {
  workspaceId: string;
  connectionId: string | null;
  /** Stable word: suspicious_drop, dead_feed, refused_deliveries, … */
  kind: string;
  subject: string;
  cause: string;
  action: string;
  details?: Record<string, unknown>;
};

/** Opens an incident, or counts it once more while it is open. */
export async function openIncident(tx: Tx, now: Date, incident: IncidentInput): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO "Incident" AS i ("workspaceId", "connectionId", kind, subject, cause, action, "firstSeenAt", "lastSeenAt", details)
    VALUES (${incident.workspaceId}::uuid, ${incident.connectionId}::uuid, ${incident.kind}, ${incident.subject},
            ${incident.cause}, ${incident.action}, ${now}::timestamptz, ${now}::timestamptz,
            ${JSON.stringify(incident.details ?? {})}::jsonb)
    ON CONFLICT ("workspaceId", kind, subject) WHERE "closedAt" IS NULL DO UPDATE SET
      "lastSeenAt" = excluded."lastSeenAt", count = i.count + 1, cause = excluded.cause, action = excluded.action,
      details = excluded.details`;
}

export async function closeIncident(
  tx: Tx,
  now: Date,
  { workspaceId, kind, subject }: Pick<IncidentInput, "workspaceId" | "kind" | "subject">,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE "Incident" SET "closedAt" = ${now}::timestamptz
    WHERE "workspaceId" = ${workspaceId}::uuid AND kind = ${kind} AND subject = ${subject} AND "closedAt" IS NULL`;
}
