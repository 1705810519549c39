import { z } from "zod";
import type { WorkspaceAccess } from "#server/auth/load-access.ts";
import { LeadStatus, MeetingState } from "#server/db/generated/enums.ts";
import { checkLead } from "#server/leads/check-lead.ts";
import type { Viewer } from "#server/leads/lead-scope.ts";
import { loadLead } from "#server/leads/load-lead.ts";
import { listLeads, searchLeads } from "#server/leads/queries.ts";
import { setAttendance } from "#server/leads/set-attendance.ts";
import { listWorkspaceIncidents } from "#server/reconcile/list-incidents.ts";
import { router, workspaceProcedure } from "./trpc.ts";

const see = workspaceProcedure("leads.see");
const seeAll = workspaceProcedure("leads.seeAll");
const act = workspaceProcedure("leads.act");
const leadInput = z.object({ leadId: z.uuid() });

export const leadsRouter = router({
  list: see
    .input(
      z.object({
        q: z.string().max(200).default(""),
        status: z.enum(LeadStatus).nullable().default(null),
        meeting: z.enum(MeetingState).nullable().default(null),
        cursor: z.string().max(1_000).nullable().default(null),
      }),
    )
    .query(({ ctx, input }) => listLeads(ctx.deps, viewerOf(ctx), input)),

  get: see
    .input(leadInput)
    .query(({ ctx, input }) =>
      loadLead(ctx.deps, { ...viewerOf(ctx), workspaceZone: ctx.access.timezone }, input.leadId),
    ),

  /** What is open about sequences and leads of the workspace as a whole (R26). */
  incidents: seeAll.query(({ ctx }) =>
    listWorkspaceIncidents(ctx.deps.db, { workspaceId: ctx.access.workspaceId, screen: "leads" }),
  ),

  search: see
    .input(z.object({ q: z.string().max(200) }))
    .query(({ ctx, input }) => searchLeads(ctx.deps.db, viewerOf(ctx), input.q)),

  checkNow: act
    .input(leadInput)
    .mutation(({ ctx, input }) => checkLead(ctx.deps, viewerOf(ctx), input.leadId)),

  setAttendance: act
    .input(z.object({ appointmentId: z.uuid(), mark: z.enum(["showed", "no_show"]).nullable() }))
    .mutation(({ ctx, input }) => setAttendance(ctx.deps, viewerOf(ctx), input)),
});

function viewerOf({ access, user }: { access: WorkspaceAccess; user: { id: string } }): Viewer {
  return { workspaceId: access.workspaceId, userId: user.id, role: access.role };
}
