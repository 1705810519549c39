import type { Db } from "#server/db/client.ts";
import { IS_RED, QUEUE_VIEWS, type QueueMoment, type QueueView, queueViewSql } from "./queue-order.ts";

/** How many tasks each tab holds. */
export type QueueCounts = Record<QueueView, number>;

/** The operator's own day, and what waits longest for somebody. */
export type QueueStrip = {
  worked: number;
  rebooked: number;
  oldestUnclaimedAt: Date | null;
  nextSnoozedAt: Date | null;
  /** Whether this workspace ever had a red task: an empty first day reads differently. */
  hasHistory: boolean;
};

/** Tabs and strip in one statement: open tasks through their partial index, today's closed ones through theirs. */
export async function loadQueueCounts(
  db: Db,
  moment: QueueMoment,
): Promise<{ counts: QueueCounts; strip: QueueStrip }> {
  const { workspaceId, userId, dayStart } = moment;
  const [mine, unclaimed, all, moved, snoozed] = QUEUE_VIEWS.map((view) => queueViewSql(view, moment));
  const [row] = await db.$queryRaw<(QueueCounts & QueueStrip)[]>`
    SELECT o.*, d.done_today, (o."workedOpen" + d."workedDone") AS worked, d.rebooked,
           EXISTS (SELECT 1 FROM "Task" t WHERE t."workspaceId" = ${workspaceId}::uuid AND ${IS_RED}) AS "hasHistory"
    FROM (
      SELECT count(*) FILTER (WHERE ${mine})::int AS mine,
             count(*) FILTER (WHERE ${unclaimed})::int AS unclaimed,
             count(*) FILTER (WHERE ${all})::int AS "all",
             count(*) FILTER (WHERE ${moved})::int AS moved,
             count(*) FILTER (WHERE ${snoozed})::int AS snoozed,
             count(*) FILTER (WHERE t."lastOutcomeById" = ${userId} AND t."lastOutcomeAt" >= ${dayStart}::timestamptz)::int
               AS "workedOpen",
             min(CASE WHEN t."lastOutcomeAt" IS NULL THEN t."createdAt" ELSE t."dueAt" END) FILTER (WHERE ${unclaimed})
               AS "oldestUnclaimedAt",
             min(t."dueAt") FILTER (WHERE ${snoozed}) AS "nextSnoozedAt"
      FROM "Task" t
      WHERE t."workspaceId" = ${workspaceId}::uuid AND ${IS_RED} AND t.status IN ('pending', 'snoozed')
    ) o CROSS JOIN (
      SELECT count(*)::int AS done_today,
             count(*) FILTER (WHERE t."lastOutcomeById" = ${userId} AND t."lastOutcomeAt" >= ${dayStart}::timestamptz)::int
               AS "workedDone",
             count(*) FILTER (WHERE t."closedReason" IN ('rebooked', 'rebooked_by_evidence')
                                AND t."lastOutcomeById" = ${userId})::int AS rebooked
      FROM "Task" t
      WHERE t."workspaceId" = ${workspaceId}::uuid AND ${IS_RED} AND t."closedAt" >= ${dayStart}::timestamptz
    ) d`;
  if (!row) throw new Error("An aggregate without groups answers one row.");
  const { worked, rebooked, oldestUnclaimedAt, nextSnoozedAt, hasHistory } = row;
  return {
    counts: {
      mine: row.mine,
      unclaimed: row.unclaimed,
      all: row.all,
      moved: row.moved,
      snoozed: row.snoozed,
      done_today: row.done_today,
    },
    strip: { worked, rebooked, oldestUnclaimedAt, nextSnoozedAt, hasHistory },
  };
}
