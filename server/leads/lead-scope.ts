import { mayDo, type WorkspaceRole } from "#server/auth/permissions.ts";
import type { Db, Tx } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import { notFound } from "#server/lib/errors.ts";

/** Who is looking, and from which workspace. */
export type Viewer = { workspaceId: string; userId: string; role: WorkspaceRole };

/**
 * R42 as a condition over `l` ("Lead"): everybody stays in their workspace; a setter sees what is assigned to them and
 * what stands behind an open red task.
 */
export function visibleLeadSql({ workspaceId, userId, role }: Viewer): Prisma.Sql {
  const own = Prisma.sql`l."workspaceId" = ${workspaceId}::uuid`;
  if (mayDo(role, "leads.seeAll")) return own;
  return Prisma.sql`${own} AND (l."assignedToId" = ${userId} OR EXISTS (
    SELECT 1 FROM "Task" t WHERE t."leadId" = l.id
      AND t.type IN ('meeting_canceled', 'meeting_no_show', 'meeting_rescheduled') AND t.status IN ('pending', 'snoozed')))`;
}

/**
 * The ids of all leads that this person sees, or null where that is every lead of the workspace: the few of a setter are
 * found from what makes them visible, not by asking each lead.
 */
export function selectVisible({ workspaceId, userId, role }: Viewer): Prisma.Sql | null {
  if (mayDo(role, "leads.seeAll")) return null;
  return Prisma.sql`
    (SELECT l.id FROM "Lead" l WHERE l."workspaceId" = ${workspaceId}::uuid AND l."assignedToId" = ${userId})
    UNION
    (SELECT t."leadId" FROM "Task" t WHERE t."workspaceId" = ${workspaceId}::uuid
       AND t.type IN ('meeting_canceled', 'meeting_no_show', 'meeting_rescheduled') AND t.status IN ('pending', 'snoozed'))`;
}

/** Throws not found for a lead of another workspace, and for one that this role does not see. */
export async function requireVisibleLead(db: Db | Tx, viewer: Viewer, leadId: string): Promise<void> {
  const [row] = await db.$queryRaw<{ id: string }[]>`
    SELECT l.id FROM "Lead" l WHERE l.id = ${leadId}::uuid AND ${visibleLeadSql(viewer)}`;
  if (!row) throw notFound("Lead");
}
