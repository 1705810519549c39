import { SYSTEM } from "#server/audit/actor.ts";
import { startBackfill } from "#server/backfills/start-backfill.ts";
import type { Tx } from "#server/db/client.ts";
import type { Jobs } from "#server/db/queue.ts";
import type { Deps } from "#server/deps.ts";
import { computeGapDays, describeGap, type Gap, type GapCause } from "./compute-gap.ts";

/** Puts the reading of a gap in line, if and only if what proves the gap to be over commits with it. */
export async function sendGap(
  { queue, tx }: { queue: Deps["queue"]; tx: Tx },
  connectionId: string,
  cause: GapCause,
  { from, to }: Gap,
): Promise<void> {
  const data = { connectionId, cause, from: from.toISOString(), to: to.toISOString() };
  await queue.send("fill-gap", data, { key: `${connectionId}:${data.from}`, tx });
}

/**
 * Starts the backfill of exactly what a gap can have touched, with a note that says so (R37). Started twice, it is the
 * same run while that is under way.
 */
export async function fillGap(
  deps: Pick<Deps, "db" | "clock" | "providers" | "secrets" | "queue">,
  { connectionId, cause, ...ends }: Jobs["fill-gap"],
): Promise<void> {
  const row = await deps.db.connection.findUnique({
    where: { id: connectionId },
    select: {
      workspaceId: true,
      provider: true,
      state: true,
      workspace: { select: { lookaheadDays: true } },
    },
  });
  if (row === null || row.state === "off") return;
  const gap = { from: new Date(ends.from), to: new Date(ends.to) };
  await startBackfill(
    deps,
    {
      workspaceIds: [row.workspaceId],
      providers: [row.provider],
      ...computeGapDays(gap, row.workspace.lookaheadDays),
      dryRun: false,
      skipSideEffects: false,
      note: describeGap(cause, gap, row.provider),
    },
    SYSTEM,
  );
}
