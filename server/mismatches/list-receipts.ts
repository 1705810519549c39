import type { Db } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import type { Decision, LeadStatus, PlanState, Sentiment } from "#server/db/generated/enums.ts";
import { notFound } from "#server/lib/errors.ts";
import { nameOf } from "./list-mismatches.ts";
import { readCursor, writeCursor } from "./page-cursor.ts";
import { API_AUTHOR } from "./plan-author.ts";

export type ReceiptRow = {
  id: string;
  decision: Decision;
  reason: string | null;
  state: PlanState;
  at: Date;
  actor: { id: string; name: string | null };
  total: number;
  applied: number;
  failed: number;
  restored: number | null;
  kept: { reason: string; count: number }[];
  undoUntil: Date;
  undoneAt: Date | null;
  undoneBy: string | null;
  /** Of a decision on one lead. */
  lead: { id: string; name: string } | null;
};

type Row = Omit<ReceiptRow, "actor" | "lead" | "kept"> & {
  actorId: string;
  actorName: string | null;
  kept: ReceiptRow["kept"] | null;
  leadId: string | null;
  firstName: string | null;
  lastName: string | null;
  email: string | null;
};

function receiptQuery(condition: Prisma.Sql, tail: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    SELECT r.id, p.decision, p.reason, p.state, r.at, r."actorId", actor.name AS "actorName", p.total, r.applied,
           r.failed, r.restored, r.kept, r."undoUntil", r."undoneAt", undoer.name AS "undoneBy",
           l.id AS "leadId", l."firstName", l."lastName", l.email
    FROM "Receipt" r
    JOIN "BulkPlan" p ON p.id = r."planId"
    LEFT JOIN "User" actor ON actor.id = r."actorId"
    LEFT JOIN "User" undoer ON undoer.id = r."undoneById"
    LEFT JOIN "PlanItem" i ON p.total = 1 AND i."planId" = p.id AND i.outcome = 'will_change'
    LEFT JOIN "Lead" l ON l.id = i."leadId"
    WHERE ${condition} ${tail}`;
}

/** The Decided tab: what was decided, by whom, and whether it can still be taken back. Newest first. */
export async function listReceipts(
  db: Db,
  { workspaceId, cursor: text, limit }: { workspaceId: string; cursor?: string | undefined; limit: number },
) {
  const cursor = text === undefined ? null : readCursor(text);
  const before = cursor
    ? Prisma.sql`AND (r.at, r.id) < (${new Date(cursor.key)}::timestamptz, ${cursor.id}::uuid)`
    : Prisma.empty;
  const rows = await db.$queryRaw<Row[]>(
    receiptQuery(
      Prisma.sql`r."workspaceId" = ${workspaceId}::uuid ${before}`,
      Prisma.sql`ORDER BY r.at DESC, r.id DESC LIMIT ${limit + 1}`,
    ),
  );
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const from = cursor?.from ?? 1;
  return {
    rows: shown.map(toReceipt),
    from,
    next:
      rows.length > limit && last
        ? writeCursor({ to: "next", key: last.at.toISOString(), id: last.id, from: from + limit })
        : null,
  };
}

export type ReceiptItem = {
  leadId: string;
  name: string;
  kind: number;
  before: { status: LeadStatus; sentiment: Sentiment } | null;
  after: { status: LeadStatus; sentiment: Sentiment } | null;
  /** Why it was not applied, or not undone. */
  problem: string | null;
  changedBy: string | null;
};

/** How many leads a receipt shows one by one. */
const SHOWN = 100;

/** One receipt with its leads; those that were left alone come first, with who moved them since. */
export async function getReceipt(db: Db, workspaceId: string, receiptId: string) {
  const [row] = await db.$queryRaw<Row[]>(
    receiptQuery(
      Prisma.sql`r.id = ${receiptId}::uuid AND r."workspaceId" = ${workspaceId}::uuid`,
      Prisma.empty,
    ),
  );
  if (!row) throw notFound("Receipt");
  const items = await db.$queryRaw<
    (Omit<ReceiptItem, "name"> & {
      firstName: string | null;
      lastName: string | null;
      email: string | null;
    })[]
  >`
    SELECT i."leadId", i.kind, i.before, CASE WHEN i."appliedAt" IS NOT NULL THEN i.after END AS after, i.problem,
           l."firstName", l."lastName", l.email,
           CASE WHEN i.problem IS NOT NULL THEN (
             SELECT coalesce(u.name, 'API key ' || k.name,
                             CASE a."actorKind" WHEN 'system' THEN 'New evidence' WHEN 'api' THEN 'Admin API' END)
             FROM "AuditEntry" a LEFT JOIN "User" u ON u.id = a."actorId"
             LEFT JOIN "ApiKey" k ON a."actorKind" = 'api' AND k.id::text = a."actorId"
             WHERE a."leadId" = i."leadId" AND a.at >= p."frozenAt" AND a."receiptId" IS DISTINCT FROM r.id
             ORDER BY a.id DESC LIMIT 1) END AS "changedBy"
    FROM "Receipt" r
    JOIN "BulkPlan" p ON p.id = r."planId"
    JOIN "PlanItem" i ON i."planId" = p.id AND i.outcome = 'will_change'
    LEFT JOIN "Lead" l ON l.id = i."leadId"
    WHERE r.id = ${receiptId}::uuid
    ORDER BY (i.problem IS NULL), i.position LIMIT ${SHOWN}`;
  const leftOut = await db.$queryRaw<{ outcome: string; reason: string | null; count: number }[]>`
    SELECT i.outcome::text AS outcome, i.reason, count(*)::int AS count
    FROM "Receipt" r JOIN "PlanItem" i ON i."planId" = r."planId"
    WHERE r.id = ${receiptId}::uuid AND i.outcome <> 'will_change' GROUP BY 1, 2 ORDER BY 3 DESC`;
  return {
    ...toReceipt(row),
    items: items.map(
      ({ firstName, lastName, email, ...item }): ReceiptItem => ({
        ...item,
        name: email === null ? "A lead that is gone" : nameOf({ firstName, lastName, email }),
      }),
    ),
    leftOut,
  };
}

function toReceipt(row: Row): ReceiptRow {
  const { actorId, actorName, leadId, firstName, lastName, email, kept, ...receipt } = row;
  return {
    ...receipt,
    kept: kept ?? [],
    actor: { id: actorId, name: actorId === API_AUTHOR ? "Admin API" : actorName },
    lead: leadId && email ? { id: leadId, name: nameOf({ firstName, lastName, email }) } : null,
  };
}

export type RunningPlan = {
  id: string;
  receiptId: string;
  state: "applying" | "undoing";
  done: number;
  total: number;
};

/** Decisions that are being applied or taken back right now, for the meter in the header. */
export async function listRunningPlans(db: Db, workspaceId: string): Promise<RunningPlan[]> {
  return db.$queryRaw<RunningPlan[]>`
    SELECT p.id, r.id AS "receiptId", p.state::text AS state,
           CASE WHEN p.state = 'undoing' THEN coalesce(r.restored, 0) ELSE r.applied + r.failed END AS done,
           CASE WHEN p.state = 'undoing' THEN r.applied ELSE p.total END AS total
    FROM "Receipt" r JOIN "BulkPlan" p ON p.id = r."planId"
    WHERE r."workspaceId" = ${workspaceId}::uuid AND p.state IN ('applying', 'undoing')
    ORDER BY r.at`;
}
