import { Prisma } from "#server/db/generated/client.ts";
import type { Deps } from "#server/deps.ts";

/**
 * Puts cause decisions in line: for workspaces where one is missing, or (`every`) for all that have mismatches, since
 * facts beside the lead may have moved. Partial indexes answer both without reading leads.
 */
export async function sendDueCauses(
  deps: Pick<Deps, "db" | "queue">,
  which: "missing" | "every",
): Promise<void> {
  const condition =
    which === "missing"
      ? Prisma.sql`l."mismatchKind" IS NOT NULL AND l."causeKind" IS DISTINCT FROM l."mismatchKind"`
      : Prisma.sql`l."mismatchKind" IS NOT NULL`;
  const workspaces = await deps.db.$queryRaw<{ id: string }[]>`
    SELECT w.id FROM "Workspace" w
    WHERE EXISTS (SELECT 1 FROM "Lead" l WHERE l."workspaceId" = w.id AND ${condition})`;
  for (const { id } of workspaces) {
    await deps.queue.send("refresh-causes", { workspaceId: id }, { key: id });
  }
}
