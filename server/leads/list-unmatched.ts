import { z } from "zod";
import type { Db } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import type { AppointmentStatus, Provider, Source } from "#server/db/generated/enums.ts";
import type { Deps } from "#server/deps.ts";
import { isStorableTime } from "#server/lib/storable.ts";

const PAGE_ROWS = 50;

export type UnmatchedRow = {
  id: string;
  provider: Provider;
  title: string | null;
  startAt: Date;
  endAt: Date;
  status: AppointmentStatus;
  attendeeName: string | null;
  attendeeEmail: string | null;
  attendeePhone: string | null;
  attendeeTimezone: string | null;
  organizerName: string | null;
  /** Several leads have its address: all of them are gated until a person says whose it is (R13). */
  ambiguous: boolean;
  source: Source;
  asOf: Date;
  firstSeenAt: Date;
};

export type UnmatchedSide = "ahead" | "over";

export type UnmatchedQuery = {
  when: UnmatchedSide;
  /** Only bookings that look like this lead's (R24, `other_identity`). */
  leadId: string | null;
  cursor: string | null;
};

export type UnmatchedPage = {
  rows: UnmatchedRow[];
  next: string | null;
  prev: string | null;
  from: number;
  counts: Record<UnmatchedSide, number>;
  asOf: Date;
};

const cursorSchema = z.object({
  at: z.iso.datetime().refine((text) => isStorableTime(new Date(text))),
  id: z.uuid(),
  from: z.number().int().min(1),
  isBackward: z.boolean(),
});
type Cursor = z.infer<typeof cursorSchema>;

/**
 * R11: bookings without a lead, those ahead before those that are over, the nearest first. What was moved stands as its
 * successor; where event types are chosen, only those are listed, since one account may serve several workspaces.
 */
export async function listUnmatched(
  { db, clock }: Pick<Deps, "db" | "clock">,
  workspaceId: string,
  { when, leadId, cursor: text }: UnmatchedQuery,
): Promise<UnmatchedPage> {
  const asOf = clock.now();
  const cursor = readCursor(text);
  const wanted = Prisma.sql`a."workspaceId" = ${workspaceId}::uuid AND a."leadId" IS NULL AND a."onConfiguredType"
    AND a.status <> 'rescheduled' ${leadId === null ? Prisma.empty : looksLike(workspaceId, leadId)}`;
  // By the start, as the index has it: a meeting that goes on right now counts as over.
  const side =
    when === "ahead"
      ? Prisma.sql`a."startAt" >= ${asOf}::timestamptz`
      : Prisma.sql`a."startAt" < ${asOf}::timestamptz`;
  const isBackward = cursor?.isBackward ?? false;
  const isAscending = (when === "ahead") !== isBackward;
  const beyond =
    cursor === null
      ? Prisma.empty
      : Prisma.sql`AND (a."startAt", a.id) ${isAscending ? Prisma.sql`>` : Prisma.sql`<`} (${cursor.at}::timestamptz, ${cursor.id}::uuid)`;
  const order = isAscending ? Prisma.sql`ASC` : Prisma.sql`DESC`;
  const [found, counts] = await Promise.all([
    db.$queryRaw<UnmatchedRow[]>`
      SELECT a.id, a.provider, a.title, a."startAt", a."endAt", a.status, a."attendeeName", a."attendeeEmail",
             a."attendeePhone", a."attendeeTimezone", a."organizerName", a.ambiguous, a.source, a."asOf", a."firstSeenAt"
      FROM "Appointment" a WHERE ${wanted} AND ${side} ${beyond}
      ORDER BY a."startAt" ${order}, a.id ${order} LIMIT ${PAGE_ROWS + 1}`,
    count(db, wanted, asOf),
  ]);
  const hasMore = found.length > PAGE_ROWS;
  const rows = found.slice(0, PAGE_ROWS);
  if (isBackward) rows.reverse();
  const from = isBackward && !hasMore ? 1 : (cursor?.from ?? 1);
  const hasPrev = isBackward ? hasMore : cursor !== null;
  return {
    rows,
    from,
    next: isBackward || hasMore ? writeCursor(rows.at(-1), false, from + rows.length) : null,
    prev: hasPrev ? writeCursor(rows[0], true, Math.max(1, from - PAGE_ROWS)) : null,
    counts,
    asOf,
  };
}

async function count(db: Db, wanted: Prisma.Sql, asOf: Date): Promise<UnmatchedPage["counts"]> {
  const [row] = await db.$queryRaw<UnmatchedPage["counts"][]>`
    SELECT count(*) FILTER (WHERE a."startAt" >= ${asOf}::timestamptz)::int AS ahead,
           count(*) FILTER (WHERE a."startAt" < ${asOf}::timestamptz)::int AS over
    FROM "Appointment" a WHERE ${wanted}`;
  return row ?? { ahead: 0, over: 0 };
}

/** Shares with the lead what the cause of a mismatch goes by, or is the next link of a chain of the lead's (R16). */
function looksLike(workspaceId: string, leadId: string): Prisma.Sql {
  return Prisma.sql`AND EXISTS (
    SELECT 1 FROM "Lead" l
    WHERE l.id = ${leadId}::uuid AND l."workspaceId" = ${workspaceId}::uuid AND (
      trim(lower(a."attendeeName")) = nullif(trim(lower(coalesce(l."firstName", '') || ' ' || coalesce(l."lastName", ''))), '')
      OR (length(regexp_replace(l.phone, '\\D', '', 'g')) >= 7
          AND right(regexp_replace(a."attendeePhone", '\\D', '', 'g'), 10) = right(regexp_replace(l.phone, '\\D', '', 'g'), 10))
      OR (a.ambiguous AND (a."attendeeKey" = l."emailKey" OR EXISTS (
        SELECT 1 FROM "LeadAlias" x WHERE x."leadId" = l.id AND x."emailKey" = a."attendeeKey")))
      -- Asked once, and not for each booking.
      OR (a.provider, a."providerId") IN (
        SELECT p.provider, p."rescheduledToId" FROM "Appointment" p WHERE p."leadId" = ${leadId}::uuid)
      OR (a.provider, a."rescheduledFromId") IN (
        SELECT p.provider, p."providerId" FROM "Appointment" p WHERE p."leadId" = ${leadId}::uuid)))`;
}

function writeCursor(row: UnmatchedRow | undefined, isBackward: boolean, from: number): string | null {
  if (!row) return null;
  const cursor: Cursor = { at: row.startAt.toISOString(), id: row.id, from, isBackward };
  return Buffer.from(JSON.stringify(cursor)).toString("base64url");
}

function readCursor(text: string | null): Cursor | null {
  if (text === null) return null;
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
  } catch {
    // Not a cursor: the list begins at its first page.
    return null;
  }
}
