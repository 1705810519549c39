import type { Tx } from "#server/db/client.ts";
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

/** Opens an incident, or counts it once more while it is open: one call is one sighting. */
export async function openIncident(tx: Tx, now: Date, incident: IncidentInput): Promise<void> {
  const action = incident.action ?? INCIDENT_KINDS[incident.kind].action;
  await tx.$executeRaw`
    INSERT INTO "Incident" AS i ("workspaceId", "connectionId", kind, subject, cause, action, "firstSeenAt", "lastSeenAt", details)
    VALUES (${incident.workspaceId}::uuid, ${incident.connectionId}::uuid, ${incident.kind}, ${incident.subject},
            ${incident.cause}, ${action}, ${now}::timestamptz, ${now}::timestamptz,
            ${JSON.stringify(incident.details ?? {})}::jsonb)
    ON CONFLICT ("workspaceId", kind, subject) WHERE "closedAt" IS NULL DO UPDATE SET
      "lastSeenAt" = excluded."lastSeenAt", count = i.count + 1, cause = excluded.cause, action = excluded.action,
      details = excluded.details`;
}

type Which = { workspaceId: string; kind: IncidentKind; subject: string };

/** Its cause is gone. With `seenBefore`, only where it was not seen since. Answers whether one was open. */
export async function closeIncident(
  tx: Tx,
  now: Date,
  { workspaceId, kind, subject, seenBefore }: Which & { seenBefore?: Date },
): Promise<boolean> {
  const { count } = await tx.incident.updateMany({
    where: {
      workspaceId,
      kind,
      subject,
      closedAt: null,
      ...(seenBefore ? { lastSeenAt: { lt: seenBefore } } : {}),
    },
    data: { closedAt: now },
  });
  return count > 0;
}
