import type { Tx } from "#server/db/client.ts";
import type { AppointmentStatus, Source } from "#server/db/generated/enums.ts";
import { addDays } from "#server/lib/duration.ts";
import { convergeLeads } from "./converge-leads.ts";
import { linkAppointments, markSharedBookings } from "./link-appointments.ts";
import type { OpenConnection } from "./open-connection.ts";
import { pairMirrors } from "./pair-mirrors.ts";
import { writeChanges } from "./write-changes.ts";

type VanishedRow = { id: string; leadId: string | null; eventId: string; fromStatus: AppointmentStatus };

/** Providers may forget. What ended longer ago and is not found any more is history that nobody can verify, and no loss. */
const REMEMBERED_DAYS = 365;

/**
 * R5: the provider positively does not know these any more. Known, standing bookings become vanished with their history
 * kept; what was lost already stays as it was, and so does what was read after the provider was asked. Answers how many.
 * The caller holds `lockWorkspace`.
 */
export async function markVanished(
  tx: Tx,
  open: Pick<OpenConnection, "row" | "provider">,
  providerIds: string[],
  step: { source: Source; reason: string; askedAt: Date; now: Date },
): Promise<number> {
  const { workspaceId, id: connectionId } = open.row;
  const rows = await tx.$queryRaw<VanishedRow[]>`
    WITH gone AS (
      SELECT id, status FROM "Appointment"
      WHERE "workspaceId" = ${workspaceId}::uuid AND provider = ${open.provider}::"Provider"
        AND "providerId" = ANY(${providerIds}::text[]) AND status IN ('confirmed', 'showed', 'no_show')
        AND "asOf" <= ${step.askedAt}::timestamptz
        AND "endAt" > ${addDays(step.now, -REMEMBERED_DAYS)}::timestamptz
      FOR UPDATE
    )
    UPDATE "Appointment" a SET
      status = 'vanished', "lossSeenAt" = ${step.now}::timestamptz, "asOf" = ${step.askedAt}::timestamptz,
      source = ${step.source}::"Source", "updatedAt" = ${step.now}::timestamptz
    FROM gone WHERE a.id = gone.id
    RETURNING a.id, a."leadId", a."eventId", gone.status AS "fromStatus"`;
  // Should it come back, it must be read and not pass for known.
  await tx.eventWatermark.deleteMany({
    where: { connectionId, eventId: { in: rows.map((r) => r.eventId) } },
  });
  await writeChanges(
    tx,
    { ...step, workspaceId },
    rows.map(({ id, leadId, fromStatus }) => ({
      appointmentId: id,
      leadId,
      kind: "vanished",
      before: { status: fromStatus },
      after: { status: "vanished", asOf: step.askedAt },
      reason: step.reason,
    })),
  );
  await freeSharers(
    tx,
    workspaceId,
    rows.filter(({ leadId }) => leadId === null).map(({ id }) => id),
    step.now,
  );
  const leadIds = [...new Set(rows.flatMap(({ leadId }) => leadId ?? []))];
  // A copy that is gone may leave its place to another one (R7).
  await pairMirrors(tx, leadIds);
  await convergeLeads(tx, leadIds, { ...step, workspaceId });
  return rows.length;
}

/** R13: a shared booking that is gone gates nobody any more. */
async function freeSharers(tx: Tx, workspaceId: string, nobodysIds: string[], now: Date): Promise<void> {
  if (nobodysIds.length === 0) return;
  const { sharedLeadIds } = await linkAppointments(tx, workspaceId, nobodysIds);
  await markSharedBookings(tx, workspaceId, sharedLeadIds, now);
}
