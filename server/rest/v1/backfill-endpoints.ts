import { z } from "zod";
import type { BackfillScope } from "#server/backfills/backfill-scope.ts";
import { commandBackfill } from "#server/backfills/command-backfill.ts";
import type { BackfillCommand } from "#server/backfills/decide-backfill-state.ts";
import { startBackfill } from "#server/backfills/start-backfill.ts";
import { BackfillMode, Provider } from "#server/db/generated/enums.ts";
import type { Deps } from "#server/deps.ts";
import { addDays, DAY_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { AppError, notFound } from "#server/lib/errors.ts";
import type { Caller } from "../find-caller.ts";
import { readId } from "../read-input.ts";
import { backfill } from "./answers.ts";
import type { ApiRoutes } from "./api-routes.ts";
import { loadBackfill } from "./backfill-rows.ts";

const MAX_DAYS = 3_660;
const FIRST_DAY = "1990-01-01";

/** A day, or an instant of it. */
const day = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

const backfillBody = z.strictObject({
  workspaceIds: z.array(z.uuid()).min(1).max(1_000).optional(),
  providers: z.array(z.enum(Provider)).min(1).optional(),
  from: day,
  /** Exclusive; an instant within a day includes that day. */
  to: day,
  mode: z.enum(BackfillMode).default("sweep"),
  dryRun: z.boolean().default(false),
  skipSideEffects: z.boolean().default(false),
  note: z.string().trim().max(500).nullish(),
});

const retryBody = z.strictObject({ code: z.string().trim().min(1).max(100).optional() });

const COMMANDS: { path: string; command: BackfillCommand; summary: string }[] = [
  { path: "pause", command: "pause", summary: "Pause a run after its present page" },
  { path: "resume", command: "resume", summary: "Go on where a run was paused" },
  { path: "cancel", command: "cancel", summary: "End a run for good; what it wrote stays" },
];

export function addBackfillEndpoints(routes: ApiRoutes, deps: Deps): void {
  routes.post(
    "/backfills",
    {
      summary: "Read a range of days again; the same run asked for twice is one run",
      body: backfillBody,
      answers: { 200: "The equal run that is under way", 201: "The run" },
      answer: backfill,
    },
    async ({ caller, body }) => {
      const { providers, note, workspaceIds, ...rest } = body;
      const { id, existed } = await startBackfill(
        deps,
        {
          ...rest,
          ...readRange(body),
          workspaceIds: await chosenWorkspaces(deps, caller, workspaceIds),
          providers: providers ?? Object.values(Provider),
          note: note || null,
        },
        caller.actor,
      );
      return { status: existed ? 200 : 201, body: await loadBackfill(deps, scopeOf(caller), id) };
    },
  );

  routes.get(
    "/backfills/:id",
    {
      summary: "One run: how far it is and what it did",
      answers: { 200: "The run" },
      answer: backfill,
    },
    async ({ caller, params }) => ({
      status: 200,
      body: await loadBackfill(deps, scopeOf(caller), readId(params.id, "Backfill")),
    }),
  );

  const perform = async (caller: Caller, id: unknown, command: BackfillCommand, errorCode?: string) => {
    const backfillId = readId(id, "Backfill");
    const scope = scopeOf(caller);
    await commandBackfill(deps, {
      backfillId,
      scope,
      command,
      actor: caller.actor,
      ...(errorCode === undefined ? {} : { errorCode }),
    });
    return { status: 200, body: await loadBackfill(deps, scope, backfillId) };
  };
  const run = { answers: { 200: "The run" }, answer: backfill };
  for (const { path, command, summary } of COMMANDS) {
    routes.post(`/backfills/:id/${path}`, { summary, ...run }, ({ caller, params }) =>
      perform(caller, params.id, command),
    );
  }
  routes.post(
    "/backfills/:id/retry-failed",
    { summary: "Read again what failed, and nothing else", body: retryBody, ...run },
    ({ caller, params, body }) => perform(caller, params.id, "retry", body.code),
  );
}

/** R42: a workspace's key sees the runs of that workspace alone; the instance's key sees all. */
function scopeOf({ workspaceId, isAdmin }: Caller): BackfillScope {
  return isAdmin ? { kind: "all" } : { kind: "workspace", workspaceId, isAdmin: false };
}

async function chosenWorkspaces(
  { db }: Pick<Deps, "db">,
  { workspaceId, isAdmin }: Caller,
  wanted: string[] | undefined,
): Promise<string[]> {
  const ids = [...new Set(wanted ?? [workspaceId])];
  if (!isAdmin && ids.some((id) => id !== workspaceId)) throw notFound("Workspace");
  const known = await db.workspace.count({ where: { id: { in: ids } } });
  if (known < ids.length) throw notFound("Workspace");
  return ids;
}

/** Whole UTC days that hold every instant from `from` up to `to`. */
function readRange(range: { from: string; to: string }): { from: Date; to: Date } {
  const from = startOfUtcDay(new Date(range.from));
  // Nobody had an online calendar before; years below 100 would be taken for those of the last century.
  if (range.from < FIRST_DAY) throw new AppError("bad_range", `from lies before ${FIRST_DAY}.`);
  const end = new Date(range.to);
  const floor = startOfUtcDay(end);
  const to = end > floor ? addDays(floor, 1) : floor;
  if (from >= to) throw new AppError("bad_range", "to lies after from.");
  if (to.getTime() - from.getTime() > MAX_DAYS * DAY_MS) {
    throw new AppError("bad_range", "from lies ten years before to at most.");
  }
  return { from, to };
}
