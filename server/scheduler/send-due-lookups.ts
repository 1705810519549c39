import type { Deps } from "#server/deps.ts";
import { type LookupBounds, type LookupPlan, planLookups } from "./plan-lookups.ts";

/** Puts lookups in line, a batch for each workspace whose turn it is (R30). */
export async function sendDueLookups(
  deps: Pick<Deps, "db" | "clock" | "queue">,
  bounds: LookupBounds,
  { trigger, workspaceId = null }: { trigger: string; workspaceId?: string | null },
): Promise<LookupPlan[]> {
  const plans = await planLookups(deps, bounds, workspaceId);
  for (const plan of plans) {
    await deps.queue.send(
      "look-up-leads",
      { workspaceId: plan.workspaceId, leads: bounds.leadsPerWorkspace, trigger },
      { key: plan.workspaceId, unlessRunning: true },
    );
  }
  await takeTurns(deps, plans);
  return plans;
}

/** Whose turn it was goes to the end of the line, whatever comes of it. */
export async function takeTurns(
  { db, clock }: Pick<Deps, "db" | "clock">,
  plans: LookupPlan[],
): Promise<void> {
  await db.workspace.updateMany({
    where: { id: { in: plans.map((plan) => plan.workspaceId) } },
    data: { lookupsSentAt: clock.now() },
  });
}
