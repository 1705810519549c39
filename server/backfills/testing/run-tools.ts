import { operator } from "#server/audit/actor.ts";
import { commandBackfill } from "#server/backfills/command-backfill.ts";
import type { BackfillCommand } from "#server/backfills/decide-backfill-state.ts";
import { getBackfill } from "#server/backfills/queries.ts";
import { startBackfill } from "#server/backfills/start-backfill.ts";
import type { BackfillMode } from "#server/db/generated/enums.ts";
import { type createBackfillDeps, dayFromNow } from "./backfill-world.ts";

export type TestDeps = ReturnType<typeof createBackfillDeps>;

const ALL = { kind: "all" as const };

/** A signal that nothing aborts. */
export function never(): AbortSignal {
  return new AbortController().signal;
}

/** Starts a run over the days [from, to), counted from today, of one or several workspaces. */
export function start(
  deps: TestDeps,
  workspaceIds: string | string[],
  from: number,
  to: number,
  options: { mode?: BackfillMode; dryRun?: boolean; skipSideEffects?: boolean } = {},
) {
  return startBackfill(
    deps,
    {
      workspaceIds: [workspaceIds].flat(),
      providers: ["calendly", "highlevel"],
      from: dayFromNow(from),
      to: dayFromNow(to),
      mode: options.mode,
      dryRun: options.dryRun ?? false,
      skipSideEffects: options.skipSideEffects ?? false,
      note: null,
    },
    operator("user_1"),
  );
}

export function command(deps: TestDeps, backfillId: string, word: BackfillCommand) {
  return commandBackfill(deps, { backfillId, scope: ALL, command: word, actor: operator("user_1") });
}

/** What the run page would say. */
export async function read(deps: TestDeps, id: string) {
  const { state, done, known, failed, slices, effects, errors, waitReason } = await getBackfill(
    { db: deps.db, now: deps.clock.now() },
    ALL,
    id,
  );
  return { state, done, known, failed, slices, effects, errors, waitReason };
}
