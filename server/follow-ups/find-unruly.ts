import type { Db, Tx } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";

/**
 * R28 in SQL, as `decideSilence` has it: an instance that runs for a lead which wants to hear nothing, or waits for a
 * snooze that is over.
 */
const isUnruly = Prisma.sql`(
  CASE WHEN l.status IN ('blacklisted', 'unqualified', 'not_interested')
         OR l.sentiment IN ('blacklist', 'not_interested') THEN true
       WHEN l.sentiment = 'snoozed' THEN i.status = 'active'
       ELSE i.status = 'paused' AND i.reason = 'lead_snoozed' END)`;

/** Workspaces where something runs that may have to stop (R26) or to wait (R28); `workspaceId` asks for one alone. */
export async function findWorkspacesToTend(
  db: Db,
  workspaceId: string | null,
): Promise<{ id: string; heldGateDays: number }[]> {
  const own = workspaceId === null ? Prisma.sql`true` : Prisma.sql`w.id = ${workspaceId}::uuid`;
  return db.$queryRaw`
    SELECT w.id, w."heldGateDays" FROM "Workspace" w
    WHERE ${own} AND EXISTS (
      SELECT 1 FROM "FollowUpInstance" i JOIN "Lead" l ON l.id = i."leadId"
      WHERE i."workspaceId" = w.id AND i.status IN ('active', 'paused')
        AND (${isUnruly} OR (i.trigger <> 'meeting_booked' AND (l."sharedBooking" OR l."meetingState" <> 'none'))))
    ORDER BY w.id`;
}

/** Leads whose sequences do not do what their labels say: something changed those beside the road. */
export async function findUnrulyLeads(tx: Tx, workspaceId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT l.id FROM "FollowUpInstance" i JOIN "Lead" l ON l.id = i."leadId"
    WHERE i."workspaceId" = ${workspaceId}::uuid AND i.status IN ('active', 'paused') AND ${isUnruly}
    ORDER BY l.id LIMIT 500`;
  return rows.map(({ id }) => id);
}
