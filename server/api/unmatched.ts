import { z } from "zod";
import { operator } from "#server/audit/actor.ts";
import { getUnmatched } from "#server/leads/get-unmatched.ts";
import { linkBooking } from "#server/leads/link-booking.ts";
import { listUnmatched } from "#server/leads/list-unmatched.ts";
import { suggestLeads } from "#server/leads/suggest-leads.ts";
import { unlinkBooking } from "#server/leads/unlink-booking.ts";
import { router, workspaceProcedure } from "./trpc.ts";

const see = workspaceProcedure("unmatched.see");
const link = workspaceProcedure("unmatched.link");

export const unmatchedRouter = router({
  list: see
    .input(
      z.object({
        when: z.enum(["ahead", "over"]).default("ahead"),
        leadId: z.uuid().nullable().default(null),
        cursor: z.string().max(500).nullable().default(null),
      }),
    )
    .query(({ ctx, input }) => listUnmatched(ctx.deps, ctx.access.workspaceId, input)),

  get: see
    .input(z.object({ appointmentId: z.uuid() }))
    .query(({ ctx, input }) => getUnmatched(ctx.deps, ctx.access.workspaceId, input.appointmentId)),

  /** Beside the list, which does not wait for it. */
  suggestions: see
    .input(z.object({ appointmentIds: z.array(z.uuid()).min(1).max(50) }))
    .query(({ ctx, input }) => suggestLeads(ctx.deps, ctx.access.workspaceId, input.appointmentIds)),

  /** Remembers what can be, and answers whether later bookings under its address or contact will be this lead's too. */
  link: link
    .input(z.object({ appointmentId: z.uuid(), leadId: z.uuid() }))
    .mutation(({ ctx, input: { appointmentId, leadId } }) =>
      linkBooking(
        ctx.deps,
        { workspaceId: ctx.access.workspaceId, actor: operator(ctx.user.id) },
        { appointmentId, leadId, rememberAlias: "if_possible" },
      ),
    ),

  unlink: link.input(z.object({ appointmentId: z.uuid() })).mutation(({ ctx, input }) => {
    const { workspaceId, role } = ctx.access;
    return unlinkBooking(ctx.deps, { workspaceId, userId: ctx.user.id, role }, input.appointmentId);
  }),
});
