import type { Db } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import type { Deps } from "#server/deps.ts";
import type { Worker } from "./claim-task.ts";
import { loadQueueCounts, type QueueCounts, type QueueStrip } from "./count-red-tasks.ts";
import { decideCallable } from "./decide-callable.ts";
import { startOfLocalDay } from "./local-time.ts";
import {
  type QueueCursor,
  type QueueSort,
  readQueueCursor,
  type SortDirection,
  writeQueueCursor,
} from "./queue-cursor.ts";
import {
  IS_RED,
  type QueueMoment,
  type QueueView,
  queueFilterSql,
  queueKeyParam,
  queueKeySql,
  queueLossSql,
  queueViewSql,
} from "./queue-order.ts";
import { type KeyedRow, mapRedTaskRow, type RedTaskRow, redTaskRowsSql } from "./red-task-rows.ts";

export const PAGE_ROWS = 100;
/** Totals are counted this far; beyond, the screen says "10,000+". */
const COUNT_LIMIT = 10_000;

export type QueueQuery = {
  view: QueueView;
  q: string;
  sort: QueueSort;
  dir: SortDirection;
  cursor: string | null;
};

export type QueuePage = {
  rows: RedTaskRow[];
  next: string | null;
  prev: string | null;
  from: number;
  total: { value: number; exact: boolean };
  counts: QueueCounts;
  strip: QueueStrip;
  /** Why the first row is first, in the queue's own order. */
  nextReason: { taskId: string; because: "overdue" | "callable" | "newest" } | null;
  asOf: Date;
};

type QueueWorker = Worker & { userZone: string | null };

/** One page of one tab, with everything the screen shows around it. */
export async function listRedTasks(
  { db, clock }: Pick<Deps, "db" | "clock">,
  worker: QueueWorker,
  query: QueueQuery,
): Promise<QueuePage> {
  const now = clock.now();
  const cursor = readQueueCursor(query.cursor, query);
  const zones = await loadZones(db, worker.workspaceId);
  const moment = momentAt(now, worker, zones);
  // Later pages are ordered as the first one was; what is in the tab is always today's truth.
  const orderedAt = cursor ? momentAt(new Date(cursor.at), worker, zones) : moment;
  const page = pageSql(wantedSql(query, moment, orderedAt), query, cursor);
  const [raw, { counts, strip }] = await Promise.all([
    db.$queryRaw<KeyedRow[]>(page),
    loadQueueCounts(db, moment),
  ]);
  const { rows, next, prev, from } = cutPage(raw, query, cursor, orderedAt.now);
  const total = query.q.trim() === "" ? counts[query.view] : await countFiltered(db, query, moment);
  const mapped = rows.map((row) => mapRedTaskRow(row, worker.workspaceZone, now));
  return {
    rows: mapped,
    next,
    prev,
    from,
    total: { value: Math.min(total, COUNT_LIMIT), exact: total <= COUNT_LIMIT },
    counts,
    strip,
    nextReason: query.sort === "next" && cursor === null ? decideNextReason(mapped[0], now) : null,
    asOf: now,
  };
}

function decideNextReason(first: RedTaskRow | undefined, now: Date): QueuePage["nextReason"] {
  if (!first || first.red === "moved" || first.status !== "pending") return null;
  if (first.dueAt < now) return { taskId: first.id, because: "overdue" };
  return { taskId: first.id, because: first.callable.isCallable ? "callable" : "newest" };
}

/** The first unclaimed tasks in the queue's own order, for "claim next". */
export async function listNextTasks(
  { db, clock }: Pick<Deps, "db" | "clock">,
  worker: Worker,
): Promise<{ id: string; version: number }[]> {
  const zones = await loadZones(db, worker.workspaceId);
  const moment = momentAt(clock.now(), { ...worker, userZone: null }, zones);
  const wanted = wantedSql({ view: "unclaimed", q: "", sort: "next" }, moment, moment);
  return db.$queryRaw<{ id: string; version: number }[]>`
    SELECT w.id, t.version FROM (${wanted}) w JOIN "Task" t ON t.id = w.id ORDER BY w.key, w.id LIMIT 20`;
}

/** Where the leads of open tasks are. */
async function loadZones(db: Db, workspaceId: string): Promise<string[]> {
  const rows = await db.$queryRaw<{ timezone: string }[]>`
    SELECT DISTINCT l.timezone FROM "Task" t JOIN "Lead" l ON l.id = t."leadId"
    WHERE t."workspaceId" = ${workspaceId}::uuid AND ${IS_RED} AND t.status IN ('pending', 'snoozed')
      AND l.timezone IS NOT NULL`;
  return rows.map(({ timezone }) => timezone);
}

/** Clocks are read in code, where zones that PostgreSQL does not know cannot fail the list. */
function momentAt(now: Date, worker: QueueWorker, zones: string[]): QueueMoment {
  const { workspaceId, workspaceZone, userId } = worker;
  const decided = zones
    .map((zone) => ({ zone, ...readClock(zone, workspaceZone, now) }))
    .filter(({ isGuess }) => !isGuess);
  return {
    workspaceId,
    userId,
    now,
    dayStart: startOfLocalDay(now, worker.userZone ?? workspaceZone),
    knownZones: decided.map(({ zone }) => zone),
    callableZones: decided.filter(({ isCallable }) => isCallable).map(({ zone }) => zone),
    isUnknownCallable: readClock(null, workspaceZone, now).isCallable,
  };
}

function readClock(leadZone: string | null, workspaceZone: string, now: Date) {
  const { isCallable, isGuess } = decideCallable({ leadZone, workspaceZone }, now);
  return { isCallable, isGuess };
}

/** The tab's tasks that fit the filter, with their place in the order. */
function wantedSql(
  { view, q, sort }: Pick<QueueQuery, "view" | "q" | "sort">,
  moment: QueueMoment,
  orderedAt: QueueMoment,
): Prisma.Sql {
  return Prisma.sql`
    SELECT t.id, ${queueKeySql(sort, orderedAt)} AS key
    FROM "Task" t JOIN "Lead" l ON l.id = t."leadId" ${queueLossSql(sort)}
    WHERE ${queueViewSql(view, moment)} AND ${queueFilterSql(q)}`;
}

function pageSql(wanted: Prisma.Sql, { sort, dir }: QueueQuery, cursor: QueueCursor | null): Prisma.Sql {
  const isForward = (dir === "asc") !== (cursor?.isBackward ?? false);
  const direction = isForward ? Prisma.sql`ASC` : Prisma.sql`DESC`;
  const order = (alias: Prisma.Sql) =>
    Prisma.sql`ORDER BY ${alias}.key ${direction}, ${alias}.id ${direction}`;
  const after = cursor
    ? Prisma.sql`WHERE (w.key, w.id) ${isForward ? Prisma.sql`>` : Prisma.sql`<`} (${queueKeyParam(sort, cursor.key)}, ${cursor.id}::uuid)`
    : Prisma.empty;
  const page = Prisma.sql`
    SELECT w.id, w.key FROM (${wanted}) w ${after} ${order(Prisma.sql`w`)} LIMIT ${PAGE_ROWS + 1}`;
  return redTaskRowsSql(page, order(Prisma.sql`p`));
}

function cutPage(raw: KeyedRow[], { sort, dir }: QueueQuery, cursor: QueueCursor | null, at: Date) {
  const isBackward = cursor?.isBackward ?? false;
  const hasMore = raw.length > PAGE_ROWS;
  const rows = raw.slice(0, PAGE_ROWS);
  if (isBackward) rows.reverse();
  // Going back to a first page that has grown or shrunk since: it begins at 1 again.
  const from = isBackward && !hasMore ? 1 : (cursor?.from ?? 1);
  const cursorAt = (row: KeyedRow | undefined, isBackward: boolean, from: number) =>
    row
      ? writeQueueCursor({ sort, dir, key: row.key, id: row.id, at: at.toISOString(), from, isBackward })
      : null;
  const hasNext = isBackward || hasMore;
  const hasPrev = isBackward ? hasMore : cursor !== null;
  return {
    rows,
    from,
    next: hasNext ? cursorAt(rows.at(-1), false, from + rows.length) : null,
    prev: hasPrev ? cursorAt(rows[0], true, Math.max(1, from - PAGE_ROWS)) : null,
  };
}

async function countFiltered(db: Db, { view, q }: QueueQuery, moment: QueueMoment): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM (
      SELECT 1 FROM "Task" t JOIN "Lead" l ON l.id = t."leadId"
      WHERE ${queueViewSql(view, moment)} AND ${queueFilterSql(q)} LIMIT ${COUNT_LIMIT + 1}) c`;
  return row?.count ?? 0;
}
