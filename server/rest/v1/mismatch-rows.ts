import { z } from "zod";
import { Prisma } from "#server/db/generated/client.ts";
import { type MessageDirection, MismatchCause } from "#server/db/generated/enums.ts";
import type { Deps } from "#server/deps.ts";
import { decideSuggestion } from "#server/mismatches/decide-suggestion.ts";
import { checkedAt } from "#server/mismatches/list-mismatches.ts";
import { loadCheckTimes } from "#server/mismatches/load-check-times.ts";
import { type MismatchTab, tabCondition } from "#server/mismatches/mismatch-filter.ts";
import { cursorTime, pageQuery, readCursor, toPage } from "../page.ts";

type StoredMismatch = {
  leadId: string;
  mismatchKind: number;
  cause: MismatchCause | null;
  since: Date;
  claimAt: Date | null;
  lookedUpAt: Date | null;
  lastInboundAt: Date | null;
  lastMessageAt: Date | null;
  lastMessageDirection: MessageDirection | null;
};

const KINDS = ["1", "2", "3", "4", "5"] as const satisfies MismatchTab[];

/** Attendance that nobody recorded (kind 5) is missing since the meeting's end. */
const SINCE = Prisma.sql`coalesce(l."mismatchSince", l."meetingEndAt")`;

export const mismatchQuery = z.object({
  ...pageQuery,
  kind: z.enum(KINDS).optional(),
  cause: z.enum(MismatchCause).optional(),
});

type MismatchQuery = z.output<typeof mismatchQuery>;

async function countUnknown(db: Deps["db"], context: Parameters<typeof tabCondition>[1]): Promise<number> {
  const [row] = await db.$queryRaw<{ unknown: number }[]>`
    SELECT count(*)::int AS unknown FROM "Lead" l WHERE ${tabCondition("unknown", context)}`;
  return row?.unknown ?? 0;
}

/** What the screen's tabs show, the oldest first; `unknown` counts the claims that no complete check has overtaken. */
export async function listMismatches(
  { db, clock }: Pick<Deps, "db" | "clock">,
  workspaceId: string,
  query: MismatchQuery,
) {
  const asOf = clock.now();
  const context = { workspaceId, userId: "", now: asOf };
  const kinds = query.kind ? [query.kind] : KINDS;
  const conditions = [
    Prisma.sql`(${Prisma.join(
      kinds.map((kind) => Prisma.sql`(${tabCondition(kind, context)})`),
      " OR ",
    )})`,
  ];
  if (query.cause) {
    conditions.push(
      Prisma.sql`l."mismatchCause" = ${query.cause}::"MismatchCause" AND l."causeKind" = l."mismatchKind"`,
    );
  }
  const after = readCursor("mismatches", query.cursor, cursorTime);
  if (after) {
    conditions.push(Prisma.sql`(${SINCE}, l.id) > (${new Date(after[0])}::timestamptz, ${after[1]}::uuid)`);
  }
  const [checks, found, unknown] = await Promise.all([
    loadCheckTimes(db, workspaceId, asOf),
    db.$queryRaw<StoredMismatch[]>`
      SELECT l.id AS "leadId", coalesce(l."mismatchKind", 5) AS "mismatchKind",
             CASE WHEN l."causeKind" = l."mismatchKind" THEN l."mismatchCause" END AS cause,
             ${SINCE} AS since, l."claimAt", l."lookedUpAt", l."lastInboundAt", l."lastMessageAt",
             l."lastMessageDirection"
      FROM "Lead" l WHERE ${Prisma.join(conditions, " AND ")}
      ORDER BY ${SINCE}, l.id LIMIT ${query.limit + 1}`,
    countUnknown(db, context),
  ]);
  const page = toPage(
    "mismatches",
    found,
    { limit: query.limit, asOf },
    {
      place: (row) => [row.since.toISOString(), row.leadId],
      map: (row) => ({
        leadId: row.leadId,
        kind: row.mismatchKind,
        cause: row.cause,
        since: row.since,
        claimAt: row.claimAt,
        checkedAt: checkedAt(row, checks),
        lastInboundAt: row.lastInboundAt,
        lastMessageAt: row.lastMessageAt,
        lastMessageDirection: row.lastMessageDirection,
        suggested: decideSuggestion(row.mismatchKind, row.cause),
      }),
    },
  );
  return { ...page, unknown };
}
