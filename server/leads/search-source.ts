import type { Db } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import type { LeadStatus, MeetingState } from "#server/db/generated/enums.ts";
import { selectVisible, type Viewer } from "./lead-scope.ts";
import { fitsSearch, selectMatches } from "./search-matches.ts";

/** Lists are counted and searches read this far; a longer one says "10,000+". */
export const COUNT_LIMIT = 10_000;

/** Where the leads of a list come from: `from` brings in `l` ("Lead"), `where` holds for those that belong. */
export type LeadSource = {
  from: Prisma.Sql;
  where: Prisma.Sql;
  /** Set where the search fits thousands: most pages are then found soon by asking the newest leads one by one. */
  fits: Prisma.Sql | null;
  /** How many there are, where choosing the source has told already. */
  count: number | null;
};

type Wanted = { q: string; status: LeadStatus | null; meeting: MeetingState | null };

/**
 * Decides how to come by the leads of a list: in the order of the list, or from the index of what makes them belong.
 * PostgreSQL would have to guess how many leads a search fits; here they are counted first, through the same indexes.
 */
export async function chooseSource(db: Db, viewer: Viewer, { q, ...labels }: Wanted): Promise<LeadSource> {
  // A setter's leads are the visible ones already: where they come from needs no further word on it.
  const where = Prisma.sql`l."workspaceId" = ${viewer.workspaceId}::uuid ${labelCondition(labels)}`;
  const isSearch = q.trim() !== "";
  const visible = selectVisible(viewer);
  if (visible !== null) {
    const fits = isSearch ? Prisma.sql`AND ${fitsSearch(q)}` : Prisma.empty;
    return { from: joinLeads(visible), where: Prisma.sql`${where} ${fits}`, fits: null, count: null };
  }
  if (!isSearch) return { from: Prisma.sql`"Lead" l`, where, fits: null, count: null };
  const matches = await countMatches(db, viewer.workspaceId, q);
  const isBroad = matches > COUNT_LIMIT;
  return {
    from: isBroad
      ? Prisma.sql`(${selectMatches(viewer.workspaceId, q, null)}) found JOIN "Lead" l ON l.id = found.id`
      : joinLeads(selectMatches(viewer.workspaceId, q, null)),
    where,
    fits: isBroad ? fitsSearch(q) : null,
    count: labels.status === null && labels.meeting === null ? matches : null,
  };
}

/** One by one by their key: for ten thousand ids PostgreSQL would rather read a million leads (OFFSET 0 forbids it). */
function joinLeads(ids: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(${ids}) found
    CROSS JOIN LATERAL (SELECT * FROM "Lead" l WHERE l.id = found.id OFFSET 0) l`;
}

function labelCondition({ status, meeting }: Omit<Wanted, "q">): Prisma.Sql {
  const byStatus = status ? Prisma.sql`AND l.status = ${status}::"LeadStatus"` : Prisma.empty;
  const byMeeting = meeting ? Prisma.sql`AND l."meetingState" = ${meeting}::"MeetingState"` : Prisma.empty;
  return Prisma.sql`${byStatus} ${byMeeting}`;
}

/** As far as the limit; beyond it, any number above. */
async function countMatches(db: Db, workspaceId: string, q: string): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM (${selectMatches(workspaceId, q, COUNT_LIMIT + 1)}) found`;
  return row?.count ?? 0;
}

/** How many leads the source holds, counted up to the limit. */
export async function countSource(db: Db, { from, where, fits, count }: LeadSource): Promise<number> {
  if (count !== null) return count;
  const within = fits ? Prisma.sql`"Lead" l WHERE ${where} AND ${fits}` : Prisma.sql`${from} WHERE ${where}`;
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM (SELECT 1 FROM ${within} LIMIT ${COUNT_LIMIT + 1}) counted`;
  return row?.count ?? 0;
}
