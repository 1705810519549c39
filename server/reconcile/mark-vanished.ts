import type { Tx } from "#server/db/client.ts";
import type { Source } from "#server/db/generated/enums.ts";
import { convergeLeads } from "./converge-leads.ts";
import type { OpenConnection } from "./open-connection.ts";
import { writeChanges } from "./write-changes.ts";

/**
 * R5: the provider positively does not know these any more. Known, standing bookings become vanished with their history
 * kept; what was lost already stays as it was. Answers how many. The caller holds `lockWorkspace`.
 */
export async function markVanished(
  tx: Tx,
  open: OpenConnection,
  providerIds: string[],
  step: { source: Source; reason: string; now: Date },
): Promise<number> {
  const { workspaceId, id: connectionId } = open.row;
  const rows = await tx.$queryRaw<{ id: string; leadId: string | null; eventId: string }[]>`
    UPDATE "Appointment" SET
      status = 'vanished', "lossSeenAt" = ${step.now}::timestamptz, "asOf" = ${step.now}::timestamptz,
      source = ${step.source}::"Source", "updatedAt" = ${step.now}::timestamptz
    WHERE "workspaceId" = ${workspaceId}::uuid AND provider = ${open.provider}::"Provider"
      AND "providerId" = ANY(${providerIds}::text[]) AND status IN ('confirmed', 'showed', 'no_show')
    RETURNING id, "leadId", "eventId"`;
  // Should it come back, it must be read and not pass for known.
  await tx.eventWatermark.deleteMany({
    where: { connectionId, eventId: { in: rows.map((r) => r.eventId) } },
  });
  await writeChanges(
    tx,
    { ...step, workspaceId },
    rows.map(({ id, leadId }) => ({
      appointmentId: id,
      leadId,
      kind: "vanished",
      before: null,
      after: { status: "vanished", asOf: step.now },
      reason: step.reason,
    })),
  );
  const leadIds = [...new Set(rows.flatMap(({ leadId }) => leadId ?? []))];
  await convergeLeads(tx, leadIds, { ...step, workspaceId });
  return rows.length;
}
