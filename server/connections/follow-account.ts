import type { Tx } from "#server/db/client.ts";
import type { Connection } from "#server/db/generated/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import { WORKFLOW_EVENT } from "#server/providers/highlevel/webhook-payload.ts";

type FollowingConnection = Pick<
  Connection,
  "id" | "workspaceId" | "provider" | "organizationId" | "locationId" | "ownerEmail" | "fullScope"
>;

/**
 * R1: disconnecting freezes what is known. Where the same account is connected again, it is followed again, so that what
 * was erased meanwhile is missed (R5); what another account told stays frozen. A token that sees one person takes over
 * that person's meetings only. Nothing is chosen on a new connection, so that all types count (R10). Deliveries that wait,
 * and those whose words may come again, are the new connection's too. The caller holds `lockWorkspace`.
 */
export async function followAccount(tx: Tx, connection: FollowingConnection): Promise<void> {
  const { id, workspaceId, provider, organizationId, locationId, ownerEmail, fullScope } = connection;
  const former = Prisma.sql`
    SELECT c.id FROM "Connection" c
    WHERE c."workspaceId" = ${workspaceId}::uuid AND c.provider = ${provider}::"Provider" AND c.state = 'off'
      AND CASE c.provider WHEN 'calendly' THEN c."organizationId" = ${organizationId}::text
                          ELSE c."locationId" = ${locationId}::text END`;
  await tx.$executeRaw`
    UPDATE "Appointment" SET "connectionId" = ${id}::uuid, "onConfiguredType" = true
    WHERE "connectionId" IN (${former})
      AND (${fullScope}::boolean OR lower("organizerEmail") = lower(${ownerEmail}::text))`;
  await tx.$executeRaw`
    UPDATE "WebhookDelivery" SET "connectionId" = ${id}::uuid
    WHERE "connectionId" IN (${former}) AND result = 'accepted'
      AND ("processedAt" IS NULL OR "eventType" = ${WORKFLOW_EVENT})`;
}
