import type { Db } from "#server/db/client.ts";
import { notFound } from "#server/lib/errors.ts";
import { type FilterContext, filterCondition } from "./mismatch-filter.ts";
import { planScope } from "./plan-scope.ts";
import { readToken } from "./plan-token.ts";

/** Mismatches that match the list of a frozen preview by now and are not part of it. */
export async function countNewer(
  db: Db,
  token: string,
  context: FilterContext,
): Promise<{ newerThanFreeze: number; state: string }> {
  const { planId } = readToken(token);
  const plan = await db.bulkPlan.findFirst({
    where: { id: planId, workspaceId: context.workspaceId, createdById: context.userId },
    select: { scope: true, frozenAt: true, state: true },
  });
  if (!plan) throw notFound("Preview");
  const { filter } = planScope.parse(plan.scope);
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM "Lead" l
    WHERE ${filterCondition(filter, context)} AND l."updatedAt" > ${plan.frozenAt}::timestamptz
      AND NOT EXISTS (SELECT 1 FROM "PlanItem" i WHERE i."planId" = ${planId}::uuid AND i."leadId" = l.id)`;
  return { newerThanFreeze: row?.count ?? 0, state: plan.state };
}
