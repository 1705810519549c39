import { z } from "zod";
import { operator } from "#server/audit/actor.ts";
import { linkBooking } from "#server/leads/link-booking.ts";
import { listUnmatched } from "#server/leads/list-unmatched.ts";
import { suggestLeads } from "#server/leads/suggest-leads.ts";
import { router, workspaceProcedure } from "./trpc.ts";

const see = workspaceProcedure("unmatched.see");
const link = workspaceProcedure("unmatched.link");

export const unmatchedRouter = router({
  list: see
    .input(
      z.object({
        when: z.enum(["ahead", "over"]).default("ahead"),
        cursor: z.string().max(500).nullable().default(null),
      }),
    )
    .query(({ ctx, input }) => listUnmatched(ctx.deps, ctx.access.workspaceId, input)),

  /** Beside the list, which does not wait for it. */
  suggestions: see
    .input(z.object({ appointmentIds: z.array(z.uuid()).min(1).max(50) }))
    .query(({ ctx, input }) => suggestLeads(ctx.deps, ctx.access.workspaceId, input.appointmentIds)),

  link: link
    .input(z.object({ appointmentId: z.uuid(), leadId: z.uuid(), rememberAlias: z.boolean().default(false) }))
    .mutation(async ({ ctx, input: { appointmentId, leadId, rememberAlias } }) => {
      const who = { workspaceId: ctx.access.workspaceId, actor: operator(ctx.user.id) };
      await linkBooking(ctx.deps, who, { appointmentId, leadId, rememberAlias });
      return { appointmentId, leadId };
    }),
});
