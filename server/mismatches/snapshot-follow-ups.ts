import type { Tx } from "#server/db/client.ts";

/** A row as the database writes it in JSON: kept and given back whole, never read by field. */
export type RowJson = Record<string, unknown> & { id: string };

export type FollowUps = { tasks: RowJson[]; instances: RowJson[]; offerIds: string[] };

const NONE: FollowUps = { tasks: [], instances: [], offerIds: [] };

/** Everything that a transition may touch beside the lead itself, whole rows; taken before and after. */
export async function snapshotFollowUps(tx: Tx, leadIds: string[]): Promise<(leadId: string) => FollowUps> {
  if (leadIds.length === 0) return () => NONE;
  const rows = await tx.$queryRaw<({ leadId: string } & FollowUps)[]>`
    SELECT l.id AS "leadId",
      coalesce((
        SELECT jsonb_agg(to_jsonb(t) || jsonb_build_object('meetings', coalesce((
                 SELECT jsonb_agg(to_jsonb(m) ORDER BY m."appointmentId") FROM "TaskMeeting" m WHERE m."taskId" = t.id), '[]'))
               ORDER BY t.id)
        FROM "Task" t WHERE t."leadId" = l.id), '[]') AS tasks,
      coalesce((SELECT jsonb_agg(to_jsonb(i) ORDER BY i.id) FROM "FollowUpInstance" i WHERE i."leadId" = l.id), '[]') AS instances,
      coalesce((SELECT jsonb_agg(o.id ORDER BY o.id) FROM "SlotOffer" o
                WHERE o."leadId" = l.id AND o."clearedAt" IS NULL), '[]') AS "offerIds"
    FROM unnest(${leadIds}::uuid[]) AS l(id)`;
  const byLead = new Map(rows.map((row) => [row.leadId, row]));
  return (leadId) => byLead.get(leadId) ?? NONE;
}
