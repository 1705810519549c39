import type { Db } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import { listMismatches } from "#server/mismatches/list-mismatches.ts";
import { type FilterContext, filterCondition } from "#server/mismatches/mismatch-filter.ts";
import { COUNT_LIMIT, type ListInput } from "#server/mismatches/page-query.ts";
import { fillLeads, LEADS } from "./fill-leads.ts";
import { measurePair } from "./measure.ts";
import { connectBench, openBench } from "./open-bench.ts";
import { printTable } from "./print-table.ts";

const PAGE = 100;

const NEWEST = { by: "age", direction: "desc" } as const;
const BY_LEAD = { by: "lead", direction: "asc" } as const;
const CASES: Record<string, Omit<ListInput, "limit">> = {
  "newest first": { tab: "1", sort: NEWEST },
  "oldest first": { tab: "1", sort: { by: "age", direction: "asc" } },
  "by lead": { tab: "1", sort: BY_LEAD },
  "by last check": { tab: "1", sort: { by: "checked", direction: "asc" } },
  "one cause": { tab: "1", cause: ["no_trace"], sort: NEWEST },
  "one cause, by lead": { tab: "1", cause: ["no_trace"], sort: BY_LEAD },
  "rare cause": { tab: "1", cause: ["feed_gap"], sort: NEWEST },
  "younger than 3 days": { tab: "1", age: { op: "<", days: 3 }, sort: NEWEST },
  "older than 20 days": { tab: "1", age: { op: ">", days: 20 }, sort: NEWEST },
  "booking at Calendly": { tab: "2", provider: "calendly", sort: NEWEST },
  protected: { tab: "2", isProtected: true, sort: NEWEST },
  "nobody's": { tab: "1", owner: "none", sort: NEWEST },
  "words that match few": { tab: "1", q: "lead77700", sort: NEWEST },
  "words that match many": { tab: "1", q: "northwind", sort: NEWEST },
  "words that match many, by lead": { tab: "1", q: "northwind", sort: BY_LEAD },
  unknown: { tab: "unknown", sort: NEWEST },
  canceled: { tab: "3", sort: NEWEST },
};

/**
 * A page of mismatches in a workspace of a million leads, with its total and whatever else the screen's answer needs,
 * each beside the bare SQL of the same filter and order: a hundred rows of leads and how many there are.
 */
export async function benchMismatchPage(): Promise<void> {
  await using bench = await openBench();
  const { workspaceId } = await connectBench(bench);
  await fillLeads(bench.db, workspaceId);
  await measureMismatchPages(bench.db, workspaceId);
}

async function measureMismatchPages(db: Db, workspaceId: string): Promise<void> {
  const context = { workspaceId, userId: "nobody", now: new Date() };
  const rows = [["page of 100", "bare p50 ms", "bare p95", "page p50 ms", "page p95", "× (p50)", "× (p95)"]];
  const add = async (name: string, input: Omit<ListInput, "limit">) => {
    const { bare, run } = await measurePair(
      () => barePage(db, input, context),
      () => listMismatches(db, { ...input, limit: PAGE }, context),
    );
    const figures = [bare.p50, bare.p95, run.p50, run.p95, run.p50 / bare.p50, run.p95 / bare.p95];
    rows.push([name, ...figures.map((each) => each.toFixed(1))]);
  };
  for (const [name, input] of Object.entries(CASES)) {
    await add(name, input);
    if (name !== "newest first") continue;
    const { next } = await listMismatches(db, { ...input, limit: PAGE }, context);
    if (next) await add("newest first, second page", { ...input, cursor: next });
  }
  printTable(`Mismatches, ${LEADS.toLocaleString("en-US")} leads in the workspace`, rows);
}

const ORDERS: Record<ListInput["sort"]["by"], Prisma.Sql> = {
  age: Prisma.sql`l."mismatchSince"`,
  lead: Prisma.sql`lower(coalesce(l."firstName", '') || ' ' || coalesce(l."lastName", ''))`,
  checked: Prisma.sql`l."lookedUpAt"`,
};

function barePage(db: Db, input: Omit<ListInput, "limit">, context: FilterContext): Promise<unknown> {
  const filter = filterCondition(input, context);
  const key = input.tab === "unknown" ? Prisma.sql`l."claimAt"` : ORDERS[input.sort.by];
  const direction = input.sort.direction === "asc" ? Prisma.sql`ASC` : Prisma.sql`DESC`;
  const rows = db.$queryRaw`
    SELECT l.id, l.version, l."firstName", l."lastName", l.email, l.company, l."mismatchKind", l."mismatchSince",
           l."claimAt", l.status, l.sentiment, l."sentimentAt", l."lastInboundAt", l."lastMessageAt",
           l."meetingState", l."meetingAsOf", l."lookedUpAt", l."mismatchCause", l.decision
    FROM "Lead" l WHERE ${filter} ORDER BY ${key} ${direction}, l.id ${direction} LIMIT ${PAGE + 1}`;
  const count = db.$queryRaw`
    SELECT count(*)::int FROM (SELECT 1 FROM "Lead" l WHERE ${filter} LIMIT ${COUNT_LIMIT + 1}) matching`;
  return Promise.all([rows, count]);
}
