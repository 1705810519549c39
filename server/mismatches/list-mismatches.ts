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
import { isProtected } from "./decide-acceptance.ts";
import { decideSuggestion } from "./decide-suggestion.ts";
import { type CheckTimes, loadCheckTimes } from "./load-check-times.ts";
import { ageColumn, type FilterContext, filterCondition, type MismatchFilter } from "./mismatch-filter.ts";
import { kindOf } from "./mismatch-kind.ts";
import { type PageCursor, readCursor, writeCursor } from "./page-cursor.ts";

export const mismatchSort = z.object({
  by: z.enum(["age", "lead", "checked"]),
  direction: z.enum(["asc", "desc"]),
});
export type MismatchSort = z.infer<typeof mismatchSort>;

export type ListInput = MismatchFilter & { sort: MismatchSort; cursor?: string | undefined; limit: number };

/** Counting stops here; a longer list says "10,000+". */
const COUNT_LIMIT = 10_000;

/** The badge of one provider: the booking there that speaks for the lead. */
export type ProviderWord = {
  provider: Provider;
  status: AppointmentStatus;
  /** Cancellation or start, whichever the word is about. */
  at: string;
  asOf: string;
};

export type MismatchRow = {
  id: string;
  version: number;
  name: string;
  email: string;
  company: string | null;
  kind: number | null;
  since: Date | null;
  status: LeadStatus;
  sentiment: Sentiment;
  claim: { at: Date; channel: string | null };
  lastInboundAt: Date | null;
  lastMessageAt: Date | null;
  lastMessageDirection: MessageDirection | null;
  meetingState: MeetingState;
  providers: ProviderWord[];
  evidenceAsOf: Date | null;
  checkedAt: Date | null;
  cause: MismatchCause | null;
  suggested: Decision;
  isProtected: boolean;
  owner: { id: string; name: string } | null;
  decision: {
    decision: Decision;
    reason: string | null;
    at: Date | null;
    by: string | null;
    until: Date | null;
  } | null;
};

/** One page of a tab: a statement for its rows, one for the total, and the workspace's check times. */
export async function listMismatches(db: Db, input: ListInput, context: FilterContext) {
  const checks = await loadCheckTimes(db, context.workspaceId, context.now);
  const given = input.cursor === undefined ? null : readCursor(input.cursor);
  let cursor = given && isKeyOf(given, input.sort) ? given : null;
  const [connections, counted, found] = await Promise.all([
    db.connection.findMany({
      where: { workspaceId: context.workspaceId, state: { not: "off" } },
      select: { provider: true, state: true, stateSince: true },
      orderBy: { provider: "asc" },
    }),
    countUpTo(db, input, context),
    db.$queryRaw<PageRow[]>(pageQuery(input, context, checks, cursor)),
  ]);
  let rows = found;
  const isMoved = input.cursor !== undefined && (cursor === null || rows.length === 0);
  if (isMoved && cursor !== null) {
    cursor = null;
    rows = await db.$queryRaw<PageRow[]>(pageQuery(input, context, checks, null));
  }
  const hasMore = rows.length > input.limit;
  const shown = rows.slice(0, input.limit);
  if (cursor?.to === "prev") shown.reverse();
  const isForward = cursor?.to !== "prev";
  const from = cursor?.from ?? 1;
  const first = shown[0];
  const last = shown.at(-1);
  const hasPrev = isForward ? cursor !== null : hasMore;
  const hasNext = isForward ? hasMore : true;
  return {
    rows: shown.map((row) => toRow(row, checks)),
    from: hasPrev ? from : 1,
    prev:
      hasPrev && first
        ? writeCursor({ ...place(first), to: "prev", from: Math.max(1, from - input.limit) })
        : null,
    next: hasNext && last ? writeCursor({ ...place(last), to: "next", from: from + shown.length }) : null,
    total: { value: Math.min(counted, COUNT_LIMIT), exact: counted <= COUNT_LIMIT },
    /** The cursor led nowhere: this is the first page. */
    isMoved,
    lastCheckAt: checks.anyAt,
    /** Who is asked at all: a provider without a word of its own then says "none". */
    connections,
    asOf: context.now,
  };
}

type PageRow = {
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
};

/** Exported for the test that looks at its plan. */
export function pageQuery(
  input: ListInput,
  context: FilterContext,
  checks: CheckTimes,
  cursor: PageCursor | null,
): Prisma.Sql {
  const isDescending = (input.sort.direction === "desc") !== (cursor?.to === "prev");
  const direction = isDescending ? Prisma.raw("DESC") : Prisma.raw("ASC");
  const key = sortColumn(input, checks);
  const after = cursor ? keysetCondition(input.sort, key, cursor, isDescending) : Prisma.empty;
  return Prisma.sql`
    WITH page AS (
      SELECT l.id, ${key} AS "sortKey" FROM "Lead" l
      WHERE ${filterCondition(input, context)} ${after}
      ORDER BY ${key} ${direction}, l.id ${direction}
      LIMIT ${input.limit + 1}
    )
    SELECT l.id, page."sortKey", l.version, l."firstName", l."lastName", l.email, l.company, l."mismatchKind",
           l."mismatchSince", l."attendanceUnrecorded", l."meetingEndAt", l."claimAt", l.status, l.sentiment, l."sentimentAt", l."lastInboundAt",
           l."lastMessageAt", l."lastMessageDirection", l."lastMessageChannel", l."meetingState", l."meetingAsOf",
           l."lookedUpAt", l."mismatchCause", l.decision, l."decisionReason", l."decisionAt", l."decisionUntil",
           decider.name AS decider, owner.id AS "ownerId", owner.name AS "ownerName", words.providers
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

function sortColumn({ sort, tab }: ListInput, checks: CheckTimes): Prisma.Sql {
  switch (sort.by) {
    case "age":
      return ageColumn(tab);
    case "lead":
      return Prisma.sql`lower(coalesce(l."firstName", '') || ' ' || coalesce(l."lastName", ''))`;
    case "checked":
      // Never checked sorts as longest ago.
      return Prisma.sql`greatest(l."lookedUpAt", ${checks.anyAt ?? new Date(0)}::timestamptz)`;
    default:
      return sort.by satisfies never;
  }
}

/** No sort column is ever null on its tab: since, claim and decision times come with the row's being there. */
function keysetCondition(
  sort: MismatchSort,
  key: Prisma.Sql,
  cursor: PageCursor,
  isDescending: boolean,
): Prisma.Sql {
  const value =
    sort.by === "lead" ? Prisma.sql`${cursor.key}::text` : Prisma.sql`${new Date(cursor.key)}::timestamptz`;
  return isDescending
    ? Prisma.sql`AND (${key}, l.id) < (${value}, ${cursor.id}::uuid)`
    : Prisma.sql`AND (${key}, l.id) > (${value}, ${cursor.id}::uuid)`;
}

function isKeyOf(cursor: PageCursor, sort: MismatchSort): boolean {
  return sort.by === "lead" || !Number.isNaN(new Date(cursor.key).getTime());
}

function place(row: PageRow): { key: string; id: string } {
  const key = row.sortKey instanceof Date ? row.sortKey.toISOString() : (row.sortKey ?? "");
  return { key, id: row.id };
}

async function countUpTo(db: Db, filter: MismatchFilter, context: FilterContext): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM (
      SELECT 1 FROM "Lead" l WHERE ${filterCondition(filter, context)} LIMIT ${COUNT_LIMIT + 1}) matching`;
  return row?.count ?? 0;
}

function toRow(row: PageRow, checks: CheckTimes): MismatchRow {
  const kind = kindOf(row);
  return {
    id: row.id,
    version: row.version,
    name: nameOf(row),
    email: row.email,
    company: row.company,
    kind,
    since: row.mismatchSince ?? (kind === 5 ? row.meetingEndAt : row.claimAt),
    status: row.status,
    sentiment: row.sentiment,
    claim: { at: row.claimAt ?? row.sentimentAt, channel: row.lastMessageChannel },
    lastInboundAt: row.lastInboundAt,
    lastMessageAt: row.lastMessageAt,
    lastMessageDirection: row.lastMessageDirection,
    meetingState: row.meetingState,
    providers: row.providers ?? [],
    evidenceAsOf: row.meetingAsOf,
    checkedAt: checkedAt(row, checks),
    cause: row.mismatchKind === null ? null : row.mismatchCause,
    suggested: decideSuggestion(kind, row.mismatchCause),
    isProtected: isProtected(row.status),
    owner: row.ownerId && row.ownerName ? { id: row.ownerId, name: row.ownerName } : null,
    decision: row.decision && {
      decision: row.decision,
      reason: row.decisionReason,
      at: row.decisionAt,
      by: row.decider,
      until: row.decisionUntil,
    },
  };
}

/** A lead without a name is called by its address. */
export function nameOf(lead: { firstName: string | null; lastName: string | null; email: string }): string {
  return [lead.firstName, lead.lastName].filter(Boolean).join(" ") || lead.email;
}

/** R30: the later of the lead's own lookup and its coverage. A claim without evidence needs checks that see everyone. */
export function checkedAt(
  lead: { mismatchKind: number | null; lookedUpAt: Date | null },
  checks: CheckTimes,
): Date | null {
  const coverage = lead.mismatchKind === null || lead.mismatchKind === 1 ? checks.fullAt : checks.anyAt;
  if (lead.lookedUpAt === null) return coverage;
  return coverage !== null && coverage > lead.lookedUpAt ? coverage : lead.lookedUpAt;
}
