import { z } from "zod";
import { Prisma } from "#server/db/generated/client.ts";
import { type FilterContext, filterCondition, mismatchFilter } from "./mismatch-filter.ts";

/** More leads than a person selects by hand go by filter. */
const MAX_IDS = 10_000;

/** Which leads a bulk decision is about: those selected one by one, or all that match the filters of the list. */
export const planScope = z.object({
  ids: z.array(z.uuid()).max(MAX_IDS).optional(),
  filter: mismatchFilter,
});
export type PlanScope = z.infer<typeof planScope>;

/** Rows of the scope, over `"Lead" l`; ids of another workspace match nothing. */
export function scopeCondition(scope: PlanScope, context: FilterContext): Prisma.Sql {
  return scope.ids
    ? Prisma.sql`l."workspaceId" = ${context.workspaceId}::uuid AND l.id = ANY(${scope.ids}::uuid[])`
    : filterCondition(scope.filter, context);
}
