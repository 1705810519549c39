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
import { type Viewer, visibleLeadSql } from "./lead-scope.ts";

const PAGE_ROWS = 100;
const COUNT_LIMIT = 10_000;

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
  const wanted = Prisma.sql`${visibleLeadSql(viewer)} AND ${filterSql(query)}`;
  const isBackward = cursor?.isBackward ?? false;
  const beside = cursor
    ? Prisma.sql`AND (l."updatedAt", l.id) ${isBackward ? Prisma.sql`>` : Prisma.sql`<`} (${cursor.at}::timestamptz, ${cursor.id}::uuid)`
    : Prisma.empty;
  const direction = isBackward ? Prisma.sql`ASC` : Prisma.sql`DESC`;
  const found = await db.$queryRaw<(LeadListRow & { firstName: string | null; lastName: string | null })[]>`
    SELECT l.id, l.version, l."firstName", l."lastName", l.email, l.company, l.timezone, l.status, l.sentiment,
           l."sentimentAt", l."meetingState", l."meetingProvider", l."meetingStatus", l."meetingStartAt",
           l."meetingSource", l."meetingAsOf", l."lostAt", l."mismatchKind",
           coalesce(l."claimUnverified", false) AS "claimUnverified", l."updatedAt",
           (SELECT CASE WHEN bool_or(t.type <> 'meeting_rescheduled') THEN 'lost' ELSE 'moved' END FROM "Task" t
            WHERE t."leadId" = l.id AND t.status IN ('pending', 'snoozed')
              AND t.type IN ('meeting_canceled', 'meeting_no_show', 'meeting_rescheduled')
            HAVING count(*) > 0) AS red
    FROM "Lead" l WHERE ${wanted} ${beside}
    ORDER BY l."updatedAt" ${direction}, l.id ${direction} LIMIT ${PAGE_ROWS + 1}`;
  const [count] = await db.$queryRaw<{ value: number }[]>`
    SELECT count(*)::int AS value FROM (SELECT 1 FROM "Lead" l WHERE ${wanted} LIMIT ${COUNT_LIMIT + 1}) c`;

  const hasMore = found.length > PAGE_ROWS;
  const rows = found.slice(0, PAGE_ROWS).map(({ firstName, lastName, ...row }) => ({
    ...row,
    name: displayName({ firstName, lastName, email: row.email }),
  }));
  if (isBackward) rows.reverse();
  const from = isBackward && !hasMore ? 1 : (cursor?.from ?? 1);
  const hasNext = isBackward || hasMore;
  const hasPrev = isBackward ? hasMore : cursor !== null;
  const total = count?.value ?? 0;
  return {
    rows,
    from,
    next: hasNext ? writeCursor(rows.at(-1), false, from + rows.length) : null,
    prev: hasPrev ? writeCursor(rows[0], true, Math.max(1, from - PAGE_ROWS)) : null,
    total: { value: Math.min(total, COUNT_LIMIT), exact: total <= COUNT_LIMIT },
    asOf: clock.now(),
  };
}

export function displayName(lead: {
  firstName: string | null;
  lastName: string | null;
  email: string;
}): string {
  return [lead.firstName, lead.lastName].filter(Boolean).join(" ") || lead.email;
}

function filterSql({ q, status, meeting }: LeadQuery): Prisma.Sql {
  return Prisma.join(
    [
      matchSql(q),
      status ? Prisma.sql`l.status = ${status}::"LeadStatus"` : null,
      meeting ? Prisma.sql`l."meetingState" = ${meeting}::"MeetingState"` : null,
    ].filter((part) => part !== null),
    " AND ",
  );
}

/** Names and e-mails from their beginnings, company anywhere; digits as a whole phone number or its end. */
function matchSql(q: string): Prisma.Sql {
  const text = q.trim().toLowerCase();
  if (text === "") return Prisma.sql`true`;
  const escaped = text.replace(/[\\%_]/g, "\\$&");
  const prefix = `${escaped}%`;
  const digits = text.replace(/[\s()+.-]/g, "");
  const byText = Prisma.sql`(l."emailKey" LIKE ${prefix} OR lower(l."firstName") LIKE ${prefix} OR lower(l."lastName") LIKE ${prefix}
    OR lower(concat_ws(' ', l."firstName", l."lastName")) LIKE ${prefix} OR lower(l.company) LIKE ${`%${escaped}%`})`;
  if (!/^\d{4,}$/.test(digits)) return byText;
  return Prisma.sql`(${byText} OR regexp_replace(l.phone, '\\D', '', 'g') LIKE ${`%${digits}`})`;
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

/** For the palette: a handful of leads whose name or e-mail begins so, or whose phone number it is. */
export async function searchLeads(
  db: Db,
  viewer: Viewer,
  q: string,
): Promise<{ id: string; name: string; email: string; company: string | null }[]> {
  if (q.trim().length < 2) return [];
  const rows = await db.$queryRaw<
    { id: string; firstName: string | null; lastName: string | null; email: string; company: string | null }[]
  >`
    SELECT l.id, l."firstName", l."lastName", l.email, l.company FROM "Lead" l
    WHERE ${visibleLeadSql(viewer)} AND ${matchSql(q)}
    ORDER BY l."emailKey" = ${q.trim().toLowerCase()} DESC, l."updatedAt" DESC, l.id LIMIT 8`;
  return rows.map(({ id, email, company, ...name }) => ({
    id,
    name: displayName({ ...name, email }),
    email,
    company,
  }));
}
