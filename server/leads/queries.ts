import { z } from "zod";
import type { Db } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import type {
  AppointmentStatus,
  LeadStatus,
  MeetingState,
  Provider,
  Sentiment,
  Source,
} from "#server/db/generated/enums.ts";
import type { Deps } from "#server/deps.ts";
import { selectVisible, type Viewer, visibleLeadSql } from "./lead-scope.ts";
import { fitsSearch, selectMatches } from "./search-matches.ts";
import { COUNT_LIMIT, chooseSource, countSource, type LeadSource } from "./search-source.ts";

const PAGE_ROWS = 100;
/** Of leads in their order, before a search that fits thousands goes through its index after all. */
const ASKED_ONE_BY_ONE = 20_000;
/** Of what fits thousands any handful is as good as another: the palette reads no more of each way to fit. */
const PALETTE_READS = 500;

export type LeadQuery = {
  q: string;
  status: LeadStatus | null;
  meeting: MeetingState | null;
  cursor: string | null;
};

/** One row of the lead list: what the conversation says beside what the providers say. */
export type LeadListRow = {
  id: string;
  version: number;
  name: string;
  email: string;
  company: string | null;
  timezone: string | null;
  status: LeadStatus;
  sentiment: Sentiment;
  sentimentAt: Date;
  meetingState: MeetingState;
  meetingProvider: Provider | null;
  meetingStatus: AppointmentStatus | null;
  meetingStartAt: Date | null;
  meetingSource: Source | null;
  meetingAsOf: Date | null;
  lostAt: Date | null;
  mismatchKind: number | null;
  /** Says booked and was not checked since (R22). */
  claimUnverified: boolean;
  red: "lost" | "moved" | null;
  updatedAt: Date;
};

export type LeadPage = {
  rows: LeadListRow[];
  next: string | null;
  prev: string | null;
  from: number;
  total: { value: number; exact: boolean };
  asOf: Date;
};

const cursorSchema = z.object({
  at: z.iso.datetime(),
  id: z.uuid(),
  from: z.number().int().min(1),
  isBackward: z.boolean(),
});
type LeadCursor = z.infer<typeof cursorSchema>;

/** Leads that this person may see, the most recently changed first, by pages of `(updatedAt, id)`. */
export async function listLeads(
  { db, clock }: Pick<Deps, "db" | "clock">,
  viewer: Viewer,
  query: LeadQuery,
): Promise<LeadPage> {
  const cursor = readCursor(query.cursor);
  const source = await chooseSource(db, viewer, query);
  const [found, total] = await Promise.all([findPage(db, source, cursor), countSource(db, source)]);
  const isBackward = cursor?.isBackward ?? false;
  const hasMore = found.length > PAGE_ROWS;
  const rows = found.slice(0, PAGE_ROWS).map(({ firstName, lastName, ...row }) => ({
    ...row,
    name: displayName({ firstName, lastName, email: row.email }),
  }));
  if (isBackward) rows.reverse();
  const from = isBackward && !hasMore ? 1 : (cursor?.from ?? 1);
  const hasNext = isBackward || hasMore;
  const hasPrev = isBackward ? hasMore : cursor !== null;
  return {
    rows,
    from,
    next: hasNext ? writeCursor(rows.at(-1), false, from + rows.length) : null,
    prev: hasPrev ? writeCursor(rows[0], true, Math.max(1, from - PAGE_ROWS)) : null,
    total: { value: Math.min(total, COUNT_LIMIT), exact: total <= COUNT_LIMIT },
    asOf: clock.now(),
  };
}

type FoundRow = LeadListRow & { firstName: string | null; lastName: string | null };

/** The rows of a page and one more, if there is one. */
async function findPage(
  db: Db,
  { from, where, fits }: LeadSource,
  cursor: LeadCursor | null,
): Promise<FoundRow[]> {
  const isBackward = cursor?.isBackward ?? false;
  const direction = isBackward ? Prisma.sql`ASC` : Prisma.sql`DESC`;
  const order = Prisma.sql`ORDER BY l."updatedAt" ${direction}, l.id ${direction}`;
  const beside = cursor
    ? Prisma.sql`AND (l."updatedAt", l.id) ${isBackward ? Prisma.sql`>` : Prisma.sql`<`} (${cursor.at}::timestamptz, ${cursor.id}::uuid)`
    : Prisma.empty;
  if (fits) {
    const next = Prisma.sql`(SELECT * FROM "Lead" l WHERE ${where} ${beside} ${order} LIMIT ${ASKED_ONE_BY_ONE}) l`;
    const rows = await selectRows(db, Prisma.sql`${next} WHERE ${fits} ${order}`);
    if (rows.length > PAGE_ROWS) return rows;
  }
  return selectRows(db, Prisma.sql`${from} WHERE ${where} ${beside} ${order}`);
}

async function selectRows(db: Db, leads: Prisma.Sql): Promise<FoundRow[]> {
  return db.$queryRaw<FoundRow[]>`
    SELECT l.id, l.version, l."firstName", l."lastName", l.email, l.company, l.timezone, l.status, l.sentiment,
           l."sentimentAt", l."meetingState", l."meetingProvider", l."meetingStatus", l."meetingStartAt",
           l."meetingSource", l."meetingAsOf", l."lostAt", l."mismatchKind",
           coalesce(l."claimUnverified", false) AS "claimUnverified", l."updatedAt",
           (SELECT CASE WHEN bool_or(t.type <> 'meeting_rescheduled') THEN 'lost' ELSE 'moved' END FROM "Task" t
            WHERE t."leadId" = l.id AND t.status IN ('pending', 'snoozed')
              AND t.type IN ('meeting_canceled', 'meeting_no_show', 'meeting_rescheduled')
            HAVING count(*) > 0) AS red
    FROM ${leads} LIMIT ${PAGE_ROWS + 1}`;
}

export function displayName(lead: {
  firstName: string | null;
  lastName: string | null;
  email: string;
}): string {
  return [lead.firstName, lead.lastName].filter(Boolean).join(" ") || lead.email;
}

function readCursor(text: string | null): LeadCursor | null {
  if (text === null) return null;
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
  } catch {
    // Not a cursor: the list begins at its first page.
    return null;
  }
}

function writeCursor(
  row: { updatedAt: Date; id: string } | undefined,
  isBackward: boolean,
  from: number,
): string | null {
  if (!row) return null;
  const cursor: LeadCursor = { at: row.updatedAt.toISOString(), id: row.id, from, isBackward };
  return Buffer.from(JSON.stringify(cursor)).toString("base64url");
}

/** For the palette: a handful of leads whose name, e-mail or company begins so, or whose phone number it is. */
export async function searchLeads(
  db: Db,
  viewer: Viewer,
  q: string,
): Promise<{ id: string; name: string; email: string; company: string | null }[]> {
  const text = q.trim().toLowerCase();
  if (text.length < 2) return [];
  const { workspaceId } = viewer;
  const visible = selectVisible(viewer);
  const found = visible
    ? Prisma.sql`SELECT l.id FROM (${visible}) own JOIN "Lead" l ON l.id = own.id WHERE ${fitsSearch(q)}`
    : Prisma.sql`${selectMatches(workspaceId, q, PALETTE_READS)}
      UNION SELECT l.id FROM "Lead" l WHERE l."workspaceId" = ${workspaceId}::uuid AND l."emailKey" = ${text}`;
  const rows = await db.$queryRaw<
    { id: string; firstName: string | null; lastName: string | null; email: string; company: string | null }[]
  >`
    SELECT l.id, l."firstName", l."lastName", l.email, l.company
    FROM (${found}) found JOIN "Lead" l ON l.id = found.id WHERE ${visibleLeadSql(viewer)}
    ORDER BY l."emailKey" = ${text} DESC, l."updatedAt" DESC, l.id LIMIT 8`;
  return rows.map(({ id, email, company, ...name }) => ({
    id,
    name: displayName({ ...name, email }),
    email,
    company,
  }));
}
