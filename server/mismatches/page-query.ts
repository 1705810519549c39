import { z } from "zod";
import type { Db } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import type {
  AppointmentStatus,
  Decision,
  LeadStatus,
  MeetingState,
  MessageDirection,
  MismatchCause,
  Provider,
  Sentiment,
} from "#server/db/generated/enums.ts";
import { ageColumn, type FilterContext, filterCondition, type MismatchFilter } from "./mismatch-filter.ts";
import type { PageCursor } from "./page-cursor.ts";

export const mismatchSort = z.object({
  by: z.enum(["age", "lead", "checked"]),
  direction: z.enum(["asc", "desc"]),
});
export type MismatchSort = z.infer<typeof mismatchSort>;

export type ListInput = MismatchFilter & { sort: MismatchSort; cursor?: string | undefined; limit: number };

/** Counting stops here; a longer list says "10,000+". */
export const COUNT_LIMIT = 10_000;

/** The badge of one provider: the booking there that speaks for the lead. */
export type ProviderWord = {
  provider: Provider;
  status: AppointmentStatus;
  /** Cancellation or start, whichever the word is about. */
  at: string;
  asOf: string;
};

export type PageRow = {
  id: string;
  sortKey: Date | string | null;
  version: number;
  firstName: string | null;
  lastName: string | null;
  email: string;
  company: string | null;
  mismatchKind: number | null;
  mismatchSince: Date | null;
  attendanceUnrecorded: boolean;
  meetingEndAt: Date | null;
  claimAt: Date | null;
  status: LeadStatus;
  sentiment: Sentiment;
  sentimentAt: Date;
  lastInboundAt: Date | null;
  lastMessageAt: Date | null;
  lastMessageDirection: MessageDirection | null;
  lastMessageChannel: string | null;
  meetingState: MeetingState;
  meetingAsOf: Date | null;
  lookedUpAt: Date | null;
  mismatchCause: MismatchCause | null;
  decision: Decision | null;
  decisionReason: string | null;
  decisionAt: Date | null;
  decisionUntil: Date | null;
  decider: string | null;
  ownerId: string | null;
  ownerName: string | null;
  providers: ProviderWord[] | null;
  /** All that match, told by every row where finding them all was the way to the page. */
  matching: number | null;
};

/** The rows of one page, one more if there is one, and how many match: exact up to the limit, beyond it any number above. */
export async function findPage(
  db: Db,
  input: ListInput,
  context: FilterContext,
  anyAt: Date | null,
  cursor: PageCursor | null,
): Promise<{ rows: PageRow[]; total: number }> {
  const query = db.$queryRaw<PageRow[]>(pageQuery(input, context, anyAt, cursor));
  if (asksEveryRow(input)) {
    const rows = await query;
    return { rows, total: rows[0]?.matching ?? 0 };
  }
  const [rows, total] = await Promise.all([query, countUpTo(db, input, context)]);
  return { rows, total };
}

/**
 * Whether a filter looks at each row of the tab at a price: then all that match are found once, for page and total.
 * Otherwise a page is read from where it begins and the total is counted beside it.
 */
function asksEveryRow({ q, provider }: MismatchFilter): boolean {
  return q !== undefined || provider !== undefined;
}

/** Exported for the test that looks at its plan. */
export function pageQuery(
  input: ListInput,
  context: FilterContext,
  anyAt: Date | null,
  cursor: PageCursor | null,
): Prisma.Sql {
  const isDescending = (input.sort.direction === "desc") !== (cursor?.to === "prev");
  const direction = isDescending ? Prisma.raw("DESC") : Prisma.raw("ASC");
  const key = sortColumn(input, anyAt);
  const filter = filterCondition(input, context);
  const page = asksEveryRow(input)
    ? Prisma.sql`
      matching AS MATERIALIZED (SELECT l.id, ${key} AS "sortKey" FROM "Lead" l WHERE ${filter}),
      page AS (
        SELECT l.id, l."sortKey" FROM matching l
        WHERE true ${keysetCondition(input.sort, Prisma.sql`l."sortKey"`, cursor, isDescending)}
        ORDER BY l."sortKey" ${direction}, l.id ${direction} LIMIT ${input.limit + 1}
      )`
    : Prisma.sql`
      page AS (
        SELECT l.id, ${key} AS "sortKey" FROM "Lead" l
        WHERE ${filter} ${keysetCondition(input.sort, key, cursor, isDescending)}
        ORDER BY ${key} ${direction}, l.id ${direction} LIMIT ${input.limit + 1}
      )`;
  const matching = asksEveryRow(input)
    ? Prisma.sql`(SELECT count(*)::int FROM matching)`
    : Prisma.sql`NULL::int`;
  return Prisma.sql`
    WITH ${page}
    SELECT l.id, page."sortKey", l.version, l."firstName", l."lastName", l.email, l.company, l."mismatchKind",
           l."mismatchSince", l."attendanceUnrecorded", l."meetingEndAt", l."claimAt", l.status, l.sentiment, l."sentimentAt", l."lastInboundAt",
           l."lastMessageAt", l."lastMessageDirection", l."lastMessageChannel", l."meetingState", l."meetingAsOf",
           l."lookedUpAt", l."mismatchCause", l.decision, l."decisionReason", l."decisionAt", l."decisionUntil",
           decider.name AS decider, owner.id AS "ownerId", owner.name AS "ownerName", words.providers,
           ${matching} AS matching
    FROM page
    JOIN "Lead" l ON l.id = page.id
    LEFT JOIN "User" owner ON owner.id = l."assignedToId"
    LEFT JOIN "User" decider ON decider.id = l."decisionById"
    LEFT JOIN LATERAL (${providerWords}) words ON true
    ORDER BY page."sortKey" ${direction}, page.id ${direction}`;
}

/** Per provider the booking that speaks for the lead: live first, then what was held, then what was lost. */
const providerWords = Prisma.sql`
  SELECT jsonb_agg(to_jsonb(w) ORDER BY w.provider) AS providers FROM (
    SELECT DISTINCT ON (a.provider) a.provider, a.status, a."asOf",
           CASE WHEN a.status IN ('canceled', 'rescheduled') THEN coalesce(a."canceledAt", a."lossSeenAt", a."startAt")
                WHEN a.status = 'vanished' THEN coalesce(a."lossSeenAt", a."startAt")
                ELSE a."startAt" END AS at
    FROM "Appointment" a WHERE a."leadId" = l.id
    ORDER BY a.provider,
             CASE WHEN a.standing = 'live' THEN 0 WHEN a.status = 'confirmed' THEN 1
                  WHEN a.status IN ('showed', 'no_show') THEN 2 WHEN a.status = 'canceled' THEN 3
                  WHEN a.status = 'vanished' THEN 4 ELSE 5 END,
             a."startAt" DESC) w`;

function sortColumn({ sort, tab }: ListInput, anyAt: Date | null): Prisma.Sql {
  switch (sort.by) {
    case "age":
      return ageColumn(tab);
    case "lead":
      return Prisma.sql`lower(coalesce(l."firstName", '') || ' ' || coalesce(l."lastName", ''))`;
    case "checked":
      // Never checked sorts as longest ago.
      return Prisma.sql`greatest(l."lookedUpAt", ${anyAt ?? new Date(0)}::timestamptz)`;
    default:
      return sort.by satisfies never;
  }
}

/** No sort column is ever null on its tab: since, claim and decision times come with the row's being there. */
function keysetCondition(
  sort: MismatchSort,
  key: Prisma.Sql,
  cursor: PageCursor | null,
  isDescending: boolean,
): Prisma.Sql {
  if (cursor === null) return Prisma.empty;
  const value =
    sort.by === "lead" ? Prisma.sql`${cursor.key}::text` : Prisma.sql`${new Date(cursor.key)}::timestamptz`;
  return isDescending
    ? Prisma.sql`AND (${key}, l.id) < (${value}, ${cursor.id}::uuid)`
    : Prisma.sql`AND (${key}, l.id) > (${value}, ${cursor.id}::uuid)`;
}

async function countUpTo(db: Db, filter: MismatchFilter, context: FilterContext): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM (
      SELECT 1 FROM "Lead" l WHERE ${filterCondition(filter, context)} LIMIT ${COUNT_LIMIT + 1}) matching`;
  return row?.count ?? 0;
}
