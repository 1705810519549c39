import type { Tx } from "#server/db/client.ts";
import type { IncidentKind } from "#server/reconcile/incident-kinds.ts";

/** Closes what is open about one connection: of one kind, or not seen since a moment, or all of it. */
export async function closeIncidents(
  tx: Tx,
  which: { workspaceId: string; connectionId: string; kind?: IncidentKind; seenBefore?: Date },
  now: Date,
): Promise<void> {
  const { seenBefore, ...where } = which;
  await tx.incident.updateMany({
    where: { ...where, closedAt: null, ...(seenBefore ? { lastSeenAt: { lt: seenBefore } } : {}) },
    data: { closedAt: now },
  });
}
