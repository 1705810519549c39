import type { Provider } from "#server/db/generated/enums.ts";
import type { Deps } from "#server/deps.ts";
import type { Tier } from "#server/reconcile/window.ts";
import { CLOCK_COLUMNS, decideDueTier } from "#server/scheduler/decide-due-tier.ts";

export type SweepChoice = {
  connectionId: string;
  workspaceId: string;
  provider: Provider;
  /** Null: not now, and `skipped` says why. */
  tier: Tier | null;
  skipped: "paused" | "resting" | "not_due" | null;
};

type ChooseOptions = {
  /** One workspace only: it is swept now, whatever is due. */
  workspaceId: string | null;
  workspaceLimit: number | null;
  /** Somebody waits for how things stand now: what is near is read even where it is not due. */
  isAwaited: boolean;
};

/** Which connections a pass takes, those first that were swept longest ago, so that every workspace has its turn (R30). */
export async function chooseConnections(
  { db, clock }: Pick<Deps, "db" | "clock">,
  { workspaceId, workspaceLimit, isAwaited }: ChooseOptions,
): Promise<SweepChoice[]> {
  const now = clock.now();
  const rows = await db.connection.findMany({
    where: {
      state: { not: "off" },
      tokenSealed: { not: null },
      ...(workspaceId === null ? {} : { workspaceId }),
    },
    orderBy: [{ lastSweepAt: { sort: "asc", nulls: "first" } }, { id: "asc" }],
    select: {
      id: true,
      workspaceId: true,
      provider: true,
      ...CLOCK_COLUMNS,
      workspace: { select: { paused: true } },
    },
  });
  const workspaces = [...new Set(rows.map((row) => row.workspaceId))].slice(0, workspaceLimit ?? rows.length);
  return rows
    .filter((row) => workspaces.includes(row.workspaceId))
    .map(({ id, workspace, ...row }): SweepChoice => {
      const choice = { connectionId: id, workspaceId: row.workspaceId, provider: row.provider };
      if (workspace.paused) return { ...choice, tier: null, skipped: "paused" };
      // R31: what has failed rests until its time, whoever asks.
      if (row.breakerUntil !== null && row.breakerUntil > now) {
        return { ...choice, tier: null, skipped: "resting" };
      }
      const due = decideDueTier(row, now);
      const tier = workspaceId !== null ? "warm" : isAwaited ? nearTier(due) : due;
      return { ...choice, tier, skipped: tier === null ? "not_due" : null };
    });
}

/** History can wait for the next tick; whoever asks wants the days around now. */
function nearTier(due: Tier | null): Tier {
  return due === "warm" ? "warm" : "hot";
}
