import type { Deps } from "#server/deps.ts";
import { addDays, addMs, startOfUtcDay } from "#server/lib/duration.ts";

export type DueLeads = {
  workspaceId: string;
  connectionIds: string[];
  /** A lead that was looked up more recently has to wait. */
  minAgeMs: number;
  limit: number;
};

/**
 * Leads whose evidence must not be late: in a sequence that a booking would end, or with a meeting that no list names.
 * Those never looked up come first, then those longest ago; one whose last lookup failed waits for its time (R30).
 */
export async function findDueLeads(
  { db, clock }: Pick<Deps, "db" | "clock">,
  { workspaceId, connectionIds, minAgeMs, limit }: DueLeads,
): Promise<string[]> {
  const now = clock.now();
  const rows = await db.$queryRaw<{ id: string }[]>`
    WITH hot AS (
      SELECT "leadId" AS id FROM "FollowUpInstance"
      WHERE "workspaceId" = ${workspaceId}::uuid AND status IN ('active', 'paused') AND trigger <> 'meeting_booked'
      UNION
      SELECT "leadId" FROM "Appointment"
      WHERE "connectionId" = ANY(${connectionIds}::uuid[]) AND unlisted AND "leadId" IS NOT NULL
        AND "startAt" >= ${addDays(startOfUtcDay(now), -2)}::timestamptz
    )
    SELECT l.id FROM hot JOIN "Lead" l ON l.id = hot.id LEFT JOIN "LeadLookup" x ON x."leadId" = l.id
    WHERE l."workspaceId" = ${workspaceId}::uuid AND (x."dueAt" IS NULL OR x."dueAt" <= ${now}::timestamptz)
      AND coalesce(greatest(l."lookedUpAt", x."triedAt"), '-infinity') <= ${addMs(now, -minAgeMs)}::timestamptz
    ORDER BY greatest(l."lookedUpAt", x."triedAt") NULLS FIRST, l.id
    LIMIT ${limit}`;
  return rows.map(({ id }) => id);
}
