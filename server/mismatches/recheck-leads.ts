import type { Deps } from "#server/deps.ts";
import { conflict, notFound } from "#server/lib/errors.ts";
import { lookUpLead } from "#server/reconcile/look-up-lead.ts";
import { readToken } from "./plan-token.ts";

/** A person waits: asks the lead's providers now and answers how many calls it took. The lead must be of this workspace. */
export async function recheckLead(
  deps: Pick<Deps, "db" | "clock" | "providers" | "secrets">,
  { workspaceId, leadId }: { workspaceId: string; leadId: string },
): Promise<{ calls: number }> {
  const lead = await deps.db.lead.findFirst({
    where: { id: leadId, workspaceId },
    select: {
      workspace: { select: { connections: { where: { state: { not: "off" } }, select: { id: true } } } },
    },
  });
  if (!lead) throw notFound("Lead");
  if (lead.workspace.connections.length === 0) {
    throw conflict("not_connected", "No provider is connected, so nobody can be asked.");
  }
  const { calls } = await lookUpLead(deps, leadId, { priority: "live" });
  return { calls };
}

/** Lookups are one call or more each; a person who wants more than this wants a sweep. */
const MAX_LOOKUPS = 200;

/** Puts the stale leads of a preview in line for a lookup; answers how many. They count as fresh in the next preview. */
export async function recheckSkipped(
  deps: Pick<Deps, "db" | "queue">,
  token: string,
  who: { workspaceId: string; userId: string },
): Promise<{ queued: number }> {
  const { planId } = readToken(token);
  const plan = await deps.db.bulkPlan.findFirst({
    where: { id: planId, workspaceId: who.workspaceId, createdById: who.userId },
    select: {
      items: {
        where: { outcome: "skipped", reason: { in: ["evidence_stale", "not_checked"] } },
        select: { leadId: true },
        orderBy: { position: "asc" },
        take: MAX_LOOKUPS,
      },
    },
  });
  if (!plan) throw notFound("Preview");
  for (const { leadId } of plan.items) {
    await deps.queue.send("look-up-lead", { leadId }, { key: leadId });
  }
  return { queued: plan.items.length };
}
