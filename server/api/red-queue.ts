import { z } from "zod";
import { claimNext, claimTask, releaseTask, renewClaim, type Worker } from "#server/red-queue/claim-task.ts";
import { NOT_INTERESTED_REASONS } from "#server/red-queue/decide-outcome.ts";
import { loadTaskPanel } from "#server/red-queue/load-task-panel.ts";
import { logOutcome } from "#server/red-queue/log-outcome.ts";
import { listRedTasks } from "#server/red-queue/queries.ts";
import { QUEUE_SORTS } from "#server/red-queue/queue-cursor.ts";
import { QUEUE_VIEWS } from "#server/red-queue/queue-order.ts";
import { loadRedTaskRows } from "#server/red-queue/red-task-rows.ts";
import { undoOutcome } from "#server/red-queue/undo-outcome.ts";
import { router, workspaceProcedure } from "./trpc.ts";

const procedure = workspaceProcedure("tasks.work");
const taskInput = z.object({ taskId: z.uuid() });
const seenInput = taskInput.extend({ version: z.number().int() });

const OUTCOMES = [
  "rebooked",
  "no_answer",
  "left_voicemail",
  "call_back",
  "not_interested",
  "bad_contact",
  "already_booked",
  "looked_at",
] as const;

export const redQueueRouter = router({
  list: procedure
    .input(
      z.object({
        view: z.enum(QUEUE_VIEWS),
        q: z.string().max(200).default(""),
        sort: z.enum(QUEUE_SORTS).default("next"),
        dir: z.enum(["asc", "desc"]).default("asc"),
        cursor: z.string().max(1_000).nullable().default(null),
      }),
    )
    .query(({ ctx, input }) =>
      listRedTasks(ctx.deps, { ...workerOf(ctx), userZone: ctx.user.timezone }, input),
    ),

  /** Rows on screen, whatever tab they belong to by now. */
  rows: procedure
    .input(z.object({ ids: z.array(z.uuid()).max(200) }))
    .query(({ ctx, input }) =>
      loadRedTaskRows(ctx.deps.db, { ...workerOf(ctx), now: ctx.deps.clock.now() }, input.ids),
    ),

  get: procedure
    .input(taskInput)
    .query(({ ctx, input }) => loadTaskPanel(ctx.deps, workerOf(ctx), input.taskId)),

  claim: procedure.input(seenInput).mutation(({ ctx, input }) => claimTask(ctx.deps, workerOf(ctx), input)),

  renew: procedure
    .input(taskInput)
    .mutation(({ ctx, input }) => renewClaim(ctx.deps, workerOf(ctx), input.taskId)),

  release: procedure
    .input(taskInput)
    .mutation(({ ctx, input }) => releaseTask(ctx.deps, workerOf(ctx), input.taskId)),

  claimNext: procedure.mutation(({ ctx }) => claimNext(ctx.deps, workerOf(ctx))),

  logOutcome: procedure
    .input(
      seenInput.extend({
        outcome: z.enum(OUTCOMES),
        at: z.iso
          .datetime()
          .transform((text) => new Date(text))
          .optional(),
        reason: z.enum(NOT_INTERESTED_REASONS).optional(),
        appointmentId: z.uuid().optional(),
      }),
    )
    .mutation(({ ctx, input }) => logOutcome(ctx.deps, workerOf(ctx), input)),

  undoOutcome: procedure
    .input(taskInput)
    .mutation(({ ctx, input }) => undoOutcome(ctx.deps, workerOf(ctx), input.taskId)),
});

function workerOf({
  access,
  user,
}: {
  access: { workspaceId: string; timezone: string };
  user: { id: string };
}): Worker {
  return { workspaceId: access.workspaceId, workspaceZone: access.timezone, userId: user.id };
}
