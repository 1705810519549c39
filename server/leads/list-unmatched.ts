import { z } from "zod";
import type { Db } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import type { AppointmentStatus, Provider, Source } from "#server/db/generated/enums.ts";
import type { Deps } from "#server/deps.ts";
import { AppError } from "#server/lib/errors.ts";
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
  organizerName: string | null;
  /** Several leads have its address: all of them are gated until a person says whose it is (R13). */
  ambiguous: boolean;
  source: Source;
  asOf: Date;
  firstSeenAt: Date;
};

export type UnmatchedPage = { rows: UnmatchedRow[]; next: string | null; total: number; asOf: Date };

const cursorSchema = z.tuple([z.iso.datetime().refine((text) => isStorableTime(new Date(text))), z.uuid()]);

/**
 * R11: bookings without a lead, those ahead before those that are over, the nearest first. What was moved stands as its
 * successor; where event types are chosen, only those are listed, since one account may serve several workspaces.
 */
export async function listUnmatched(
  { db, clock }: Pick<Deps, "db" | "clock">,
  workspaceId: string,
  { when, cursor }: { when: "ahead" | "over"; cursor: string | null },
): Promise<UnmatchedPage> {
  const asOf = clock.now();
  const place = readCursor(cursor);
  const own = Prisma.sql`a."workspaceId" = ${workspaceId}::uuid AND a."leadId" IS NULL AND a."onConfiguredType"
    AND a.status <> 'rescheduled'`;
  // By the start, as the index has it: a meeting that goes on right now counts as over.
  const side =
    when === "ahead"
      ? Prisma.sql`a."startAt" >= ${asOf}::timestamptz`
      : Prisma.sql`a."startAt" < ${asOf}::timestamptz`;
  const beyond =
    place === null
      ? Prisma.empty
      : when === "ahead"
        ? Prisma.sql`AND (a."startAt", a.id) > (${place[0]}::timestamptz, ${place[1]}::uuid)`
        : Prisma.sql`AND (a."startAt", a.id) < (${place[0]}::timestamptz, ${place[1]}::uuid)`;
  const order = when === "ahead" ? Prisma.sql`ASC` : Prisma.sql`DESC`;
  const [found, total] = await Promise.all([
    db.$queryRaw<UnmatchedRow[]>`
      SELECT a.id, a.provider, a.title, a."startAt", a."endAt", a.status, a."attendeeName", a."attendeeEmail",
             a."attendeePhone", a."organizerName", a.ambiguous, a.source, a."asOf", a."firstSeenAt"
      FROM "Appointment" a WHERE ${own} AND ${side} ${beyond}
      ORDER BY a."startAt" ${order}, a.id ${order} LIMIT ${PAGE_ROWS + 1}`,
    count(db, Prisma.sql`${own} AND ${side}`),
  ]);
  const rows = found.slice(0, PAGE_ROWS);
  const last = rows.at(-1);
  const next = found.length > PAGE_ROWS && last ? writeCursor(last) : null;
  return { rows, next, total, asOf };
}

async function count(db: Db, condition: Prisma.Sql): Promise<number> {
  const [row] = await db.$queryRaw<{ total: number }[]>`
    SELECT count(*)::int AS total FROM "Appointment" a WHERE ${condition}`;
  return row?.total ?? 0;
}

function writeCursor({ startAt, id }: UnmatchedRow): string {
  return Buffer.from(JSON.stringify([startAt.toISOString(), id])).toString("base64url");
}

function readCursor(cursor: string | null): [Date, string] | null {
  if (cursor === null) return null;
  try {
    const [at, id] = cursorSchema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
    return [new Date(at), id];
  } catch {
    throw new AppError("bad_cursor", "This cursor is not one of this list.");
  }
}
