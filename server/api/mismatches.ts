import { z } from "zod";
import { commitPlan } from "#server/mismatches/commit-plan.ts";
import { countCauses, countTabs } from "#server/mismatches/count-mismatches.ts";
import { countNewer } from "#server/mismatches/count-newer.ts";
import { decideMismatch, mismatchDecision } from "#server/mismatches/decide-mismatch.ts";
import { getMismatch } from "#server/mismatches/get-mismatch.ts";
import { listMismatches } from "#server/mismatches/list-mismatches.ts";
import { getReceipt, listReceipts, listRunningPlans } from "#server/mismatches/list-receipts.ts";
import { type FilterContext, mismatchFilter } from "#server/mismatches/mismatch-filter.ts";
import { mismatchSort } from "#server/mismatches/page-query.ts";
import { planScope } from "#server/mismatches/plan-scope.ts";
import { previewPlan } from "#server/mismatches/preview-plan.ts";
import { recheckLead, recheckSkipped } from "#server/mismatches/recheck-leads.ts";
import { startUndo } from "#server/mismatches/undo-receipt.ts";
import { router, workspaceProcedure } from "./trpc.ts";

const see = workspaceProcedure("mismatches.see");
const decide = workspaceProcedure("mismatches.decide");
const bulk = workspaceProcedure("mismatches.bulk");

const page = { cursor: z.string().max(500).optional(), limit: z.number().int().min(1).max(100).default(100) };
const token = z.string().min(1).max(100);

function contextOf(ctx: {
  access: { workspaceId: string };
  user: { id: string };
  deps: { clock: { now(): Date } };
}): FilterContext {
  return { workspaceId: ctx.access.workspaceId, userId: ctx.user.id, now: ctx.deps.clock.now() };
}

export const mismatchesRouter = router({
  list: see
    .input(mismatchFilter.extend({ sort: mismatchSort, ...page }))
    .query(({ ctx, input }) => listMismatches(ctx.deps.db, input, contextOf(ctx))),

  /** Counts of all tabs, and of the causes within this one. */
  counts: see.input(mismatchFilter).query(async ({ ctx, input }) => {
    const context = contextOf(ctx);
    const [tabs, causes] = await Promise.all([
      countTabs(ctx.deps.db, context),
      countCauses(ctx.deps.db, input, context),
    ]);
    return { tabs, causes };
  }),

  get: see
    .input(z.object({ leadId: z.uuid() }))
    .query(({ ctx, input }) => getMismatch(ctx.deps.db, { ...contextOf(ctx), leadId: input.leadId })),

  decide: decide
    .input(mismatchDecision)
    .mutation(({ ctx, input }) => decideMismatch(ctx.deps, input, contextOf(ctx))),

  recheck: decide
    .input(z.object({ leadId: z.uuid() }))
    .mutation(({ ctx, input }) => recheckLead(ctx.deps, { ...contextOf(ctx), leadId: input.leadId })),

  preview: bulk
    .input(z.object({ scope: planScope }))
    .mutation(({ ctx, input }) => previewPlan(ctx.deps, input.scope, contextOf(ctx))),

  /** What came after the freeze, asked again while a preview is open. */
  newer: bulk
    .input(z.object({ token }))
    .query(({ ctx, input }) => countNewer(ctx.deps.db, input.token, contextOf(ctx))),

  recheckSkipped: bulk
    .input(z.object({ token }))
    .mutation(({ ctx, input }) => recheckSkipped(ctx.deps, input.token, contextOf(ctx))),

  commit: bulk
    .input(
      z.object({
        token,
        idempotencyKey: z.string().min(8).max(100),
        confirmCount: z.number().int().optional(),
      }),
    )
    .mutation(({ ctx, input }) => commitPlan(ctx.deps, input, contextOf(ctx))),

  undo: decide
    .input(z.object({ receiptId: z.uuid() }))
    .mutation(({ ctx, input }) =>
      startUndo(ctx.deps, input.receiptId, { ...contextOf(ctx), role: ctx.access.role }),
    ),

  receipts: see
    .input(z.object(page))
    .query(({ ctx, input }) => listReceipts(ctx.deps.db, { ...contextOf(ctx), ...input })),

  receipt: see
    .input(z.object({ receiptId: z.uuid() }))
    .query(({ ctx, input }) => getReceipt(ctx.deps.db, ctx.access.workspaceId, input.receiptId)),

  /** For the meter in the header. */
  running: see.query(({ ctx }) => listRunningPlans(ctx.deps.db, ctx.access.workspaceId)),
});
