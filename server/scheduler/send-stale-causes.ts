import type { Deps } from "#server/deps.ts";

/** Has causes decided where mismatches opened or changed their kind since (R24); the partial index makes asking cheap. */
export async function sendStaleCauses({ db, queue }: Pick<Deps, "db" | "queue">): Promise<number> {
  const rows = await db.$queryRaw<{ workspaceId: string }[]>`
    SELECT id AS "workspaceId" FROM "Workspace" w
    WHERE EXISTS (SELECT 1 FROM "Lead" l WHERE l."workspaceId" = w.id
                    AND l."mismatchKind" IS NOT NULL AND l."causeKind" IS DISTINCT FROM l."mismatchKind")`;
  for (const { workspaceId } of rows)
    await queue.send("refresh-causes", { workspaceId }, { key: workspaceId });
  return rows.length;
}
