import { Prisma } from "#server/db/generated/client.ts";

/**
 * The ways in which a search can fit a lead, each with an index of its own: the beginning of its e-mail address (`l`,
 * "Lead"), of its whole name, last name or company; digits as its phone number or the end of it (`s`, "LeadSearch").
 */
function waysToFit(q: string): { byAddress: Prisma.Sql; byWords: Prisma.Sql[] } {
  const text = q.trim().toLowerCase();
  const prefix = `${text.replace(/[\\%_]/g, "\\$&")}%`;
  const byWords = [
    Prisma.sql`s.name LIKE ${prefix}`,
    Prisma.sql`s."lastName" LIKE ${prefix}`,
    Prisma.sql`s.company LIKE ${prefix}`,
  ];
  const digits = text.replace(/[\s()+./-]/g, "");
  if (/^\d{4,}$/.test(digits)) {
    byWords.push(Prisma.sql`s."phoneEnd" LIKE ${`${[...digits].reverse().join("")}%`}`);
  }
  return { byAddress: Prisma.sql`l."emailKey" LIKE ${prefix}`, byWords };
}

/** For whoever reads leads in an order of their own: whether the search fits `l` ("Lead"). */
export function fitsSearch(q: string): Prisma.Sql {
  const { byAddress, byWords } = waysToFit(q);
  return Prisma.sql`(${byAddress} OR EXISTS (
    SELECT 1 FROM "LeadSearch" s WHERE s."leadId" = l.id AND (${Prisma.join(byWords, " OR ")})))`;
}

/** The ids of all leads that the search fits, through the indexes; at most `limit` of each way to fit. */
export function selectMatches(workspaceId: string, q: string, limit: number | null): Prisma.Sql {
  const { byAddress, byWords } = waysToFit(q);
  const tail = limit === null ? Prisma.empty : Prisma.sql`LIMIT ${limit}`;
  const branches = [
    Prisma.sql`(SELECT l.id FROM "Lead" l WHERE l."workspaceId" = ${workspaceId}::uuid AND ${byAddress} ${tail})`,
    ...byWords.map(
      (way) =>
        Prisma.sql`(SELECT s."leadId" FROM "LeadSearch" s WHERE s."workspaceId" = ${workspaceId}::uuid AND ${way} ${tail})`,
    ),
  ];
  return Prisma.join(branches, " UNION ");
}
