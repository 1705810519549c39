import { SYSTEM } from "#server/audit/actor.ts";
import { countEffects } from "#server/audit/count-effects.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { Tx } from "#server/db/client.ts";
import { publish } from "#server/db/outbox.ts";
import { addDays } from "#server/lib/duration.ts";

export type Stray = { id: string; leadId: string; sequenceId: string };

/**
 * R26, the backstop: a sequence that runs for a lead with a meeting ahead, with one held within the gate, or with a
 * booking that may be its own (R13), is completed, whoever started it. Booking itself completes what ran before, so
 * whatever is found here came in by another way. The caller holds `lockWorkspace`.
 */
export async function completeStrays(
  tx: Tx,
  { workspaceId, heldGateDays, now }: { workspaceId: string; heldGateDays: number; now: Date },
): Promise<Stray[]> {
  const strays = await tx.$queryRaw<(Stray & { reason: string })[]>`
    UPDATE "FollowUpInstance" i SET
      status = 'completed', reason = CASE WHEN l."sharedBooking" THEN 'booking_shared' ELSE 'meeting_booked' END,
      "endedAt" = ${now}::timestamptz, "nextStepAt" = NULL
    FROM "Lead" l
    WHERE i."workspaceId" = ${workspaceId}::uuid AND i.status IN ('active', 'paused')
      AND i.trigger <> 'meeting_booked' AND l.id = i."leadId"
      AND (l."sharedBooking" OR EXISTS (
        SELECT 1 FROM "Appointment" a WHERE a."leadId" = l.id
          -- What only waits for its successor gates nobody who was never booked (R16).
          AND ((a.standing = 'live' AND a.status <> 'rescheduled')
            OR (a.standing = 'held' AND a."endAt" >= ${addDays(now, -heldGateDays)}::timestamptz))))
    RETURNING i.id, i."leadId", i."sequenceId", i.reason`;
  if (strays.length === 0) return [];
  await countEffects(tx, { workspaceId, source: "reconcile" }, { stray_completed: strays.length });
  await writeAudit(
    tx,
    SYSTEM,
    now,
    strays.map(({ id, leadId, sequenceId, reason }) => ({
      workspaceId,
      verb: "stray_completed",
      subjectType: "lead",
      subjectId: leadId,
      leadId,
      after: { instanceId: id, sequenceId },
      source: "reconcile",
      reason,
    })),
  );
  await publish(tx, now, [{ workspaceId, kind: "lead", ids: [...new Set(strays.map((s) => s.leadId))] }]);
  return strays.map(({ id, leadId, sequenceId }) => ({ id, leadId, sequenceId }));
}
