import type { Deps } from "#server/deps.ts";
import { lookUpLead } from "#server/reconcile/look-up-lead.ts";
import { requireVisibleLead, type Viewer } from "./lead-scope.ts";

/** Asks every connected calendar about this lead now, before anything that waits in line. */
export async function checkLead(
  deps: Deps,
  viewer: Viewer,
  leadId: string,
): Promise<{ calls: number; changed: number }> {
  await requireVisibleLead(deps.db, viewer, leadId);
  const { calls, counts } = await lookUpLead(deps, leadId, { priority: "live" });
  return { calls, changed: counts.created + counts.updated };
}
