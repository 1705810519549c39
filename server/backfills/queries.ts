import { z } from "zod";
import type { Db } from "#server/db/client.ts";
import type { Backfill } from "#server/db/generated/client.ts";
import type { Provider } from "#server/db/generated/enums.ts";
import { notFound } from "#server/lib/errors.ts";
import { type BackfillScope, whereVisible } from "./backfill-scope.ts";
import { computeCoverage } from "./compute-coverage.ts";
import type { SliceEffects } from "./compute-page-counts.ts";
import { computeProgress, type RateSample, writeCursor } from "./compute-progress.ts";
import { ENDED_STATES } from "./decide-backfill-state.ts";
import { readExpected } from "./estimate-backfill.ts";
import { type SliceSums, sumSlices } from "./sum-slices.ts";
import { readWaitReason } from "./wait-reason.ts";

const PAGE_SIZE = 50;
const LOG_SIZE = 200;

type Facts = { db: Db; now: Date };

/** The list: what is under way first, then what has ended, newest first. `before` is the number to go on from. */
export async function listBackfills(
  { db, now }: Facts,
  scope: BackfillScope,
  { before }: { before: number | null },
) {
  const visible = whereVisible(scope);
  const ended = [...ENDED_STATES];
  const active =
    before === null
      ? await db.backfill.findMany({
          where: { ...visible, state: { notIn: ended } },
          orderBy: { number: "desc" },
          take: 200,
        })
      : [];
  const past = await db.backfill.findMany({
    where: { ...visible, state: { in: ended }, ...(before === null ? {} : { number: { lt: before } }) },
    orderBy: { number: "desc" },
    take: PAGE_SIZE + 1,
  });
  const page = past.slice(0, PAGE_SIZE);
  const rows = [...active, ...page];
  return {
    rows: await describeRuns(db, rows, now),
    next: past.length > PAGE_SIZE ? (page.at(-1)?.number ?? null) : null,
    total: { value: await db.backfill.count({ where: visible }), exact: true },
    asOf: now,
  };
}

/** For the meter in the header: what is under way, with how far it is. */
export async function listRunning({ db, now }: Facts, scope: BackfillScope) {
  const rows = await db.backfill.findMany({
    where: { ...whereVisible(scope), state: { notIn: [...ENDED_STATES, "paused"] } },
    orderBy: { number: "desc" },
    take: 20,
  });
  const described = await describeRuns(db, rows, now);
  return described.map(({ id, number, progress }) => ({ id, number, percent: progress.percent }));
}

/** Everything the run page shows but its log. */
export async function getBackfill({ db, now }: Facts, scope: BackfillScope, id: string) {
  const row = await db.backfill.findFirst({ where: { id, ...whereVisible(scope) } });
  if (!row) throw notFound("Backfill");
  const [summary] = await describeRuns(db, [row], now);
  if (!summary) throw notFound("Backfill");
  const [cursor, effects, errors, coverage, ahead] = await Promise.all([
    findCursor(db, id, summary.slices.total),
    sumEffects(db, id),
    groupErrors(db, id),
    readCoverage(db, row),
    row.state === "queued" ? countAhead(db, row) : 0,
  ]);
  return { ...summary, cursor, effects, errors, coverage, ahead, asOf: now };
}

async function describeRuns(db: Db, rows: Backfill[], now: Date) {
  const sums = await sumSlices(
    db,
    rows.map(({ id }) => id),
  );
  const people = await loadPeople(db, rows);
  const workspaces = await loadWorkspaces(db, rows);
  return rows.map((row) => {
    const slices = sums.of(row.id);
    return {
      id: row.id,
      number: row.number,
      state: row.state,
      desired: row.desired,
      stateSince: row.stateSince,
      stateBy: people.get(row.stateById ?? "") ?? null,
      workspaces: row.workspaceIds.flatMap((workspaceId) => workspaces.get(workspaceId) ?? []),
      providers: row.providers,
      from: row.from,
      to: row.to,
      mode: row.mode,
      dryRun: row.dryRun,
      skipSideEffects: row.skipSideEffects,
      note: row.note,
      createdAt: row.createdAt,
      createdBy: row.createdById === null ? "Bookproof" : (people.get(row.createdById) ?? null),
      startedAt: row.startedAt,
      endedAt: row.endedAt,
      heartbeatAt: row.heartbeatAt,
      waitUntil: row.waitUntil,
      waitReason: readWaitReason(row.waitReason),
      done: slices.done,
      known: slices.known,
      failed: slices.failed,
      slices: { total: slices.slices, done: slices.slicesDone, failed: slices.slicesFailed },
      progress: progressOf(row, slices, now),
    };
  });
}

function progressOf(row: Backfill, sums: SliceSums, now: Date) {
  return computeProgress({
    state: row.state,
    done: sums.done,
    known: sums.known,
    failed: sums.failed,
    expected: readExpected(row.estimate),
    slices: { over: sums.slicesDone + sums.slicesFailed, total: sums.slices },
    startedAt: row.startedAt,
    waitingSince: row.state === "waiting" ? row.stateSince : null,
    // Written by the worker only.
    samples: row.rateSamples as RateSample[],
    now,
  });
}

async function loadPeople(db: Db, rows: Backfill[]): Promise<Map<string, string>> {
  const ids = rows.flatMap(({ createdById, stateById }) =>
    [createdById, stateById].filter((id) => id !== null),
  );
  if (ids.length === 0) return new Map();
  const users = await db.user.findMany({ where: { id: { in: ids } }, select: { id: true, name: true } });
  const keys = await db.apiKey.findMany({
    where: { id: { in: ids.filter((id) => z.uuid().safeParse(id).success) } },
    select: { id: true, name: true },
  });
  return new Map([
    ...users.map(({ id, name }) => [id, name] as const),
    ...keys.map(({ id, name }) => [id, `API key ${name}`] as const),
  ]);
}

async function loadWorkspaces(db: Db, rows: Backfill[]) {
  const ids = [...new Set(rows.flatMap(({ workspaceIds }) => workspaceIds))];
  const workspaces = await db.workspace.findMany({
    where: { id: { in: ids } },
    select: { id: true, slug: true, name: true },
  });
  return new Map(workspaces.map((workspace) => [workspace.id, workspace]));
}

/** Where the run stands: the slice under way, else the one that comes next. */
async function findCursor(db: Db, backfillId: string, total: number) {
  const slice = await db.backfillSlice.findFirst({
    where: { backfillId, state: { in: ["running", "pending"] } },
    orderBy: [{ state: "desc" }, { day: "desc" }, { workspaceId: "asc" }, { provider: "asc" }],
    select: { day: true, page: true, provider: true, attempts: true },
  });
  if (!slice) return null;
  const behind = await db.backfillSlice.count({
    where: { backfillId, state: { in: ["done", "failed", "canceled"] } },
  });
  return {
    ...slice,
    slice: behind + 1,
    label: writeCursor({ day: slice.day, slice: behind + 1, slices: total }),
  };
}

async function sumEffects(db: Db, backfillId: string): Promise<SliceEffects> {
  const [sums] = await db.$queryRaw<SliceEffects[]>`
    SELECT coalesce(sum((effects->>'appointmentsAdded')::int), 0)::int AS "appointmentsAdded",
           coalesce(sum((effects->>'appointmentsUpdated')::int), 0)::int AS "appointmentsUpdated",
           coalesce(sum((effects->>'unmatched')::int), 0)::int AS unmatched,
           coalesce(sum((effects->>'leadsChanged')::int), 0)::int AS "leadsChanged",
           coalesce(sum((effects->>'mismatchesOpened')::int), 0)::int AS "mismatchesOpened",
           coalesce(sum((effects->>'mismatchesClosed')::int), 0)::int AS "mismatchesClosed",
           coalesce(sum((effects->>'redCreated')::int), 0)::int AS "redCreated",
           coalesce(sum((effects->>'redClosed')::int), 0)::int AS "redClosed",
           coalesce(sum((effects->>'vanished')::int), 0)::int AS vanished
    FROM "BackfillSlice" WHERE "backfillId" = ${backfillId}::uuid`;
  if (!sums) throw notFound("Backfill");
  return sums;
}

/** What needs attention, by reason, each with an example. */
async function groupErrors(db: Db, backfillId: string) {
  return db.$queryRaw<
    { code: string; provider: Provider; records: number; slices: number; example: string; exampleDay: Date }[]
  >`
    SELECT e.code, s.provider, count(*)::int AS records, count(DISTINCT e."sliceId")::int AS slices,
           (array_agg(e.message ORDER BY e.at DESC))[1] AS example,
           (array_agg(s.day ORDER BY e.at DESC))[1] AS "exampleDay"
    FROM "BackfillError" e JOIN "BackfillSlice" s ON s.id = e."sliceId"
    WHERE e."backfillId" = ${backfillId}::uuid AND e."resolvedAt" IS NULL
    GROUP BY 1, 2 ORDER BY 3 DESC, 1`;
}

async function readCoverage(db: Db, { id, from, to }: Backfill) {
  const connections = await db.backfillSlice.findMany({
    where: { backfillId: id },
    select: { connectionId: true },
    distinct: ["connectionId"],
  });
  const ids = connections.map(({ connectionId }) => connectionId);
  const rows = await db.coverage.findMany({
    where: { connectionId: { in: ids }, day: { gte: from, lt: to } },
  });
  return computeCoverage({ from, to }, ids, rows);
}

function countAhead(db: Db, row: Backfill): Promise<number> {
  return db.backfill.count({
    where: { state: { in: ["queued", "running", "waiting"] }, number: { lt: row.number } },
  });
}

/** What every slice did, the latest first. */
export async function listSlices({ db }: Facts, scope: BackfillScope, id: string) {
  const row = await db.backfill.findFirst({ where: { id, ...whereVisible(scope) }, select: { id: true } });
  if (!row) throw notFound("Backfill");
  const slices = await db.backfillSlice.findMany({
    where: { backfillId: id, startedAt: { not: null } },
    orderBy: [{ startedAt: "desc" }, { day: "asc" }],
    take: LOG_SIZE,
  });
  const workspaces = await db.workspace.findMany({
    where: { id: { in: [...new Set(slices.map(({ workspaceId }) => workspaceId))] } },
    select: { id: true, name: true },
  });
  const names = new Map(workspaces.map(({ id: workspaceId, name }) => [workspaceId, name]));
  return slices.map(({ effects: _, cursor: __, ...slice }) => ({
    ...slice,
    workspaceName: names.get(slice.workspaceId) ?? "",
  }));
}

/** What a run can be about: connected providers of the workspaces in scope. */
export async function listSources({ db }: Facts, scope: BackfillScope) {
  const workspaces = await db.workspace.findMany({
    where: scope.kind === "all" ? {} : { id: scope.workspaceId },
    orderBy: { name: "asc" },
    select: {
      id: true,
      name: true,
      slug: true,
      lookbackDays: true,
      connections: {
        where: { state: { not: "off" } },
        select: { id: true, provider: true, accountName: true, state: true },
        orderBy: { provider: "asc" },
      },
    },
  });
  return workspaces;
}
