import type { Prisma } from "#server/db/generated/client.ts";

/**
 * Whose runs a caller may see (R42). A run over several workspaces belongs to admins: its figures are sums over
 * accounts that are nobody else's business.
 */
export type BackfillScope =
  /** An admin across all workspaces. */
  { kind: "all" } | { kind: "workspace"; workspaceId: string; isAdmin: boolean };

export function whereVisible(scope: BackfillScope): Prisma.BackfillWhereInput {
  if (scope.kind === "all") return {};
  return scope.isAdmin ? { workspaceIds: { has: scope.workspaceId } } : { workspaceId: scope.workspaceId };
}
