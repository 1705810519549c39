import { z } from "zod";
import { Prisma } from "#server/db/generated/client.ts";
import type { MessageDirection, MismatchCause } from "#server/db/generated/enums.ts";
import type { Deps } from "#server/deps.ts";
import { AppError } from "#server/lib/errors.ts";
import { decideSuggestion } from "#server/mismatches/decide-suggestion.ts";
import { checkedAt } from "#server/mismatches/list-mismatches.ts";
import { loadCheckTimes } from "#server/mismatches/load-check-times.ts";
import { isSetAside } from "#server/mismatches/mismatch-filter.ts";
import { KIND_NAMES, type MismatchKindNumber } from "#server/mismatches/mismatch-kind.ts";
import { findWorkspace } from "../find-workspace.ts";
import { cursorTime } from "../page.ts";
import { yesOrNo } from "../yes-or-no.ts";

const KINDS = [1, 2, 3, 4, 5] as const satisfies MismatchKindNumber[];

export const reportQuery = z.object({
  /** Id or slug; without it, every workspace. */
  workspaceId: z.string().trim().min(1).max(100).optional(),
  countsOnly: yesOrNo.default(false),
  limitPerType: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().max(2_000).optional(),
});

/** Per kind, where its list goes on; null where it has ended. */
const cursorShape = z.record(z.enum(["1", "2", "3", "4", "5"]), z.tuple([cursorTime, z.uuid()]).nullable());
type Cursor = z.output<typeof cursorShape>;

type StoredRow = {
  workspaceId: string;
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

/** What contradicts itself in one workspace or in all: how much of each kind, and the oldest of each. */
export async function reportMismatches(
  deps: Pick<Deps, "db" | "clock">,
  query: z.output<typeof reportQuery>,
) {
  const asOf = deps.clock.now();
  const workspaceId = query.workspaceId ? await findWorkspace(deps, query.workspaceId) : null;
  const counted = await countPerWorkspace(deps, workspaceId, asOf);
  const counts = { workspaceId, ...counted, asOf };
  if (query.countsOnly) return counts;

  const cursor = readCursor(query.cursor);
  const next: Cursor = { "1": null, "2": null, "3": null, "4": null, "5": null };
  const types = [];
  for (const kind of KINDS) {
    // Kind 5 is for workspaces that ask for it.
    if (kind === 5 && counted.counts[5] === 0) continue;
    const after = cursor?.[`${kind}`];
    const found =
      after === null
        ? []
        : await selectOldest(deps, {
            workspaceId,
            kind,
            after: after ?? null,
            limit: query.limitPerType + 1,
            asOf,
          });
    const shown = found.slice(0, query.limitPerType);
    const last = shown.at(-1);
    if (found.length > shown.length && last) next[`${kind}`] = [last.since.toISOString(), last.leadId];
    types.push({
      kind,
      type: KIND_NAMES[kind],
      count: counted.counts[kind],
      rows: await describeRows(deps, shown, asOf),
    });
  }
  const hasMore = Object.values(next).some((place) => place !== null);
  return {
    ...counts,
    types,
    next: hasMore ? Buffer.from(JSON.stringify(next)).toString("base64url") : null,
  };
}

type Counts = Record<MismatchKindNumber, number>;

const none = (): Counts => ({ 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 });

async function countPerWorkspace(
  { db }: Pick<Deps, "db">,
  workspaceId: string | null,
  now: Date,
): Promise<{
  counts: Counts;
  unknown: number;
  workspaces: { workspaceId: string; counts: Counts; unknown: number }[];
}> {
  const rows = await db.$queryRaw<{ workspaceId: string; kind: MismatchKindNumber | null; count: number }[]>`
    SELECT l."workspaceId", l."mismatchKind" AS kind, count(*)::int AS count FROM "Lead" l
    WHERE ${workspaceId === null ? Prisma.sql`true` : Prisma.sql`l."workspaceId" = ${workspaceId}::uuid`}
      AND l."mismatchKind" IS NOT NULL AND NOT ${isSetAside(now)}
    GROUP BY 1, 2
    UNION ALL
    SELECT l."workspaceId", 5, count(*)::int FROM "Lead" l
    WHERE ${workspaceId === null ? Prisma.sql`true` : Prisma.sql`l."workspaceId" = ${workspaceId}::uuid`}
      AND l."attendanceUnrecorded" AND l."mismatchKind" IS NULL AND NOT ${isSetAside(now)}
    GROUP BY 1
    UNION ALL
    SELECT l."workspaceId", NULL, count(*)::int FROM "Lead" l
    WHERE ${workspaceId === null ? Prisma.sql`true` : Prisma.sql`l."workspaceId" = ${workspaceId}::uuid`}
      AND l."claimUnverified" AND NOT ${isSetAside(now)}
    GROUP BY 1
    ORDER BY 1`;
  const counts = none();
  let unknown = 0;
  const workspaces = new Map<string, { workspaceId: string; counts: Counts; unknown: number }>();
  for (const row of rows) {
    const own = workspaces.get(row.workspaceId) ?? {
      workspaceId: row.workspaceId,
      counts: none(),
      unknown: 0,
    };
    workspaces.set(row.workspaceId, own);
    if (row.kind === null) {
      own.unknown += row.count;
      unknown += row.count;
    } else {
      own.counts[row.kind] += row.count;
      counts[row.kind] += row.count;
    }
  }
  return { counts, unknown, workspaces: [...workspaces.values()] };
}

type Selection = {
  workspaceId: string | null;
  kind: number;
  after: [string, string] | null;
  limit: number;
  asOf: Date;
};

/** Workspace by workspace through its index, then the oldest of all. */
function selectOldest({ db }: Pick<Deps, "db">, { workspaceId, kind, after, limit, asOf }: Selection) {
  const own = workspaceId === null ? Prisma.sql`true` : Prisma.sql`w.id = ${workspaceId}::uuid`;
  const isKind =
    kind === 5
      ? Prisma.sql`l."attendanceUnrecorded" AND l."mismatchKind" IS NULL`
      : Prisma.sql`l."mismatchKind" = ${kind}`;
  const since = kind === 5 ? Prisma.sql`l."meetingEndAt"` : Prisma.sql`l."mismatchSince"`;
  const beyond = after
    ? Prisma.sql`AND (${since}, l.id) > (${new Date(after[0])}::timestamptz, ${after[1]}::uuid)`
    : Prisma.empty;
  return db.$queryRaw<StoredRow[]>`
    SELECT r.* FROM "Workspace" w CROSS JOIN LATERAL (
      SELECT l."workspaceId", l.id AS "leadId", ${kind}::int AS "mismatchKind",
             CASE WHEN l."causeKind" = l."mismatchKind" THEN l."mismatchCause" END AS cause,
             ${since} AS since, l."claimAt", l."lookedUpAt", l."lastInboundAt", l."lastMessageAt",
             l."lastMessageDirection"
      FROM "Lead" l
      WHERE l."workspaceId" = w.id AND ${isKind} AND NOT ${isSetAside(asOf)} ${beyond}
      ORDER BY ${since}, l.id LIMIT ${limit}) r
    WHERE ${own}
    ORDER BY r.since, r."leadId" LIMIT ${limit}`;
}

async function describeRows({ db }: Pick<Deps, "db">, rows: StoredRow[], now: Date) {
  const ids = [...new Set(rows.map((row) => row.workspaceId))];
  const checks = new Map(
    await Promise.all(ids.map(async (id) => [id, await loadCheckTimes(db, id, now)] as const)),
  );
  return rows.map(({ mismatchKind, lookedUpAt, ...row }) => {
    const times = checks.get(row.workspaceId);
    return {
      ...row,
      checkedAt: times ? checkedAt({ mismatchKind, lookedUpAt }, times) : lookedUpAt,
      suggested: decideSuggestion(mismatchKind, row.cause),
    };
  });
}

function readCursor(text: string | undefined): Cursor | null {
  if (text === undefined) return null;
  try {
    return cursorShape.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
  } catch (cause) {
    throw new AppError("bad_cursor", "This cursor is not one of this list.", { cause });
  }
}
