import { z } from "zod";
import { operator } from "#server/audit/actor.ts";
import { findAccess } from "#server/auth/load-access.ts";
import { mayDo, type Permission } from "#server/auth/permissions.ts";
import type { BackfillScope } from "#server/backfills/backfill-scope.ts";
import { commandBackfill } from "#server/backfills/command-backfill.ts";
import { estimateBackfill } from "#server/backfills/estimate-backfill.ts";
import {
  getBackfill,
  listBackfills,
  listRunning,
  listSlices,
  listSources,
} from "#server/backfills/queries.ts";
import { startBackfill } from "#server/backfills/start-backfill.ts";
import { BackfillMode, Provider } from "#server/db/generated/enums.ts";
import { DAY_MS } from "#server/lib/duration.ts";
import { forbidden, notFound } from "#server/lib/errors.ts";
import { isStorableTime } from "#server/lib/storable.ts";
import { router, signedInProcedure } from "./trpc.ts";

/** The slug that stands for every workspace, for admins. */
const ALL = "all";

/** Like a workspace's own procedures, and besides across all workspaces for admins (R42). */
function scopedProcedure(permission: Permission) {
  return signedInProcedure
    .input(z.object({ workspace: z.string().min(1).max(100) }))
    .use(async ({ ctx, input, next }) => {
      if (input.workspace === ALL) {
        if (!ctx.user.isAdmin) throw notFound("Workspace");
        const scope: BackfillScope = { kind: "all" };
        return next({ ctx: { ...ctx, scope } });
      }
      const access = await findAccess(ctx.deps.db, ctx.user, input.workspace);
      if (!access) throw notFound("Workspace");
      if (!mayDo(access.role, permission)) throw forbidden();
      const scope: BackfillScope = {
        kind: "workspace",
        workspaceId: access.workspaceId,
        isAdmin: access.role === "admin",
      };
      return next({ ctx: { ...ctx, scope } });
    });
}

const see = scopedProcedure("backfills.see");
const run = scopedProcedure("backfills.run");

const day = z.iso
  .date()
  .transform((text) => new Date(`${text}T00:00:00.000Z`))
  .refine(isStorableTime);
const MAX_DAYS = 3_660;

const target = z
  .object({
    /** Across all workspaces only; inside one it is that one. */
    workspaceIds: z.array(z.uuid()).max(1_000).optional(),
    providers: z.array(z.enum(Provider)).min(1),
    from: day,
    /** Exclusive. */
    to: day,
    mode: z.enum(BackfillMode).default("sweep"),
  })
  .refine(({ from, to }) => from < to, { path: ["to"], error: "must lie after the first day" })
  .refine(({ from, to }) => to.getTime() - from.getTime() <= MAX_DAYS * DAY_MS, {
    path: ["from"],
    error: "may lie ten years back at most",
  });

const start = target.and(
  z.object({
    dryRun: z.boolean().default(false),
    skipSideEffects: z.boolean().default(false),
    note: z.string().trim().max(500).nullish(),
  }),
);

const byId = z.object({ id: z.uuid() });

export const backfillsRouter = router({
  list: see
    .input(z.object({ before: z.int32().positive().nullish() }))
    .query(({ ctx, input }) => listBackfills(facts(ctx), ctx.scope, { before: input.before ?? null })),
  running: see.query(({ ctx }) => listRunning(facts(ctx), ctx.scope)),
  sources: see.query(({ ctx }) => listSources(facts(ctx), ctx.scope)),
  get: see.input(byId).query(({ ctx, input }) => getBackfill(facts(ctx), ctx.scope, input.id)),
  log: see.input(byId).query(({ ctx, input }) => listSlices(facts(ctx), ctx.scope, input.id)),

  estimate: run
    .input(target)
    .query(async ({ ctx, input }) =>
      estimateBackfill(ctx.deps, { ...input, workspaceIds: await chosenWorkspaces(ctx, input.workspaceIds) }),
    ),
  start: run.input(start).mutation(async ({ ctx, input }) =>
    startBackfill(
      ctx.deps,
      {
        ...input,
        workspaceIds: await chosenWorkspaces(ctx, input.workspaceIds),
        note: input.note || null,
      },
      operator(ctx.user.id),
    ),
  ),
  pause: run.input(byId).mutation(({ ctx, input }) => command(ctx, input.id, "pause")),
  resume: run.input(byId).mutation(({ ctx, input }) => command(ctx, input.id, "resume")),
  cancel: run.input(byId).mutation(({ ctx, input }) => command(ctx, input.id, "cancel")),
  retryFailed: run
    .input(byId.extend({ code: z.string().max(100).optional() }))
    .mutation(({ ctx, input }) => command(ctx, input.id, "retry", input.code)),
});

type ScopedContext = {
  deps: Parameters<typeof commandBackfill>[0] & { db: Parameters<typeof listBackfills>[0]["db"] };
  user: { id: string };
  scope: BackfillScope;
};

function facts({ deps }: Pick<ScopedContext, "deps">) {
  return { db: deps.db, now: deps.clock.now() };
}

function command(
  { deps, user, scope }: ScopedContext,
  backfillId: string,
  word: "pause" | "resume" | "cancel" | "retry",
  errorCode?: string,
) {
  return commandBackfill(deps, {
    backfillId,
    scope,
    command: word,
    actor: operator(user.id),
    ...(errorCode === undefined ? {} : { errorCode }),
  });
}

/** Inside a workspace: that one, whatever was asked. Across all: those named, else every one. */
async function chosenWorkspaces(
  { deps, scope }: Pick<ScopedContext, "deps" | "scope">,
  wanted: string[] | undefined,
): Promise<string[]> {
  if (scope.kind === "workspace") return [scope.workspaceId];
  const rows = await deps.db.workspace.findMany({
    where: wanted && wanted.length > 0 ? { id: { in: wanted } } : {},
    select: { id: true },
  });
  if (wanted && wanted.length > rows.length) throw notFound("Workspace");
  return rows.map(({ id }) => id);
}
