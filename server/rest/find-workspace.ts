import { z } from "zod";
import type { Deps } from "#server/deps.ts";
import { notFound } from "#server/lib/errors.ts";

/** A workspace by its id or by the name it has in addresses. */
export async function findWorkspace({ db }: Pick<Deps, "db">, idOrSlug: string): Promise<string> {
  const isId = z.uuid().safeParse(idOrSlug).success;
  const row = await db.workspace.findUnique({
    where: isId ? { id: idOrSlug } : { slug: idOrSlug },
    select: { id: true },
  });
  if (!row) throw notFound("Workspace");
  return row.id;
}
