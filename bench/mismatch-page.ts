import type { Db } from "#server/db/client.ts";
import { DAY_MS } from "#server/lib/duration.ts";
import { listMismatches } from "#server/mismatches/list-mismatches.ts";
import type { ListInput } from "#server/mismatches/page-query.ts";
import { connectBench, openBench } from "./open-bench.ts";
import { printTable } from "./print-table.ts";

const LEADS = 1_000_000;
/** Statements of a server end within a minute, those of a bench too. */
const FILL_AT_ONCE = 50_000;
const TIMES = 40;
const PAGE = 100;

const NEWEST = { by: "age", direction: "desc" } as const;
const CASES: Record<string, Omit<ListInput, "limit">> = {
  "newest first": { tab: "1", sort: NEWEST },
  "oldest first": { tab: "1", sort: { by: "age", direction: "asc" } },
  "by lead": { tab: "1", sort: { by: "lead", direction: "asc" } },
  "by last check": { tab: "1", sort: { by: "checked", direction: "asc" } },
  "one cause": { tab: "1", cause: ["no_trace"], sort: NEWEST },
  "one cause, by lead": { tab: "1", cause: ["no_trace"], sort: { by: "lead", direction: "asc" } },
  "rare cause": { tab: "1", cause: ["feed_gap"], sort: NEWEST },
  "younger than 3 days": { tab: "1", age: { op: "<", days: 3 }, sort: NEWEST },
  "older than 20 days": { tab: "1", age: { op: ">", days: 20 }, sort: NEWEST },
  "booking at Calendly": { tab: "2", provider: "calendly", sort: NEWEST },
  protected: { tab: "2", isProtected: true, sort: NEWEST },
  "nobody's": { tab: "1", owner: "none", sort: NEWEST },
  "words that match few": { tab: "1", q: "lead77777", sort: NEWEST },
  "words that match many": { tab: "1", q: "northwind", sort: NEWEST },
  unknown: { tab: "unknown", sort: NEWEST },
  canceled: { tab: "3", sort: NEWEST },
};

/**
 * A page of mismatches in a workspace of a million leads, with its total and whatever else the screen's answer needs,
 * beside the bare SQL that its index was made for: the newest hundred rows of the kind.
 */
export async function benchMismatchPage(): Promise<void> {
  await using bench = await openBench();
  const { db } = bench;
  const { workspaceId } = await connectBench(bench);
  await fill(db, workspaceId);
  const context = { workspaceId, userId: "nobody", now: new Date() };
  const bare = await measure(() => barePage(db, workspaceId));
  const rows = [["page of 100", "p50 ms", "p95 ms", "× bare SQL"]];
  const add = (name: string, { p50, p95 }: Measured) =>
    rows.push([name, p50.toFixed(1), p95.toFixed(1), (p95 / bare.p95).toFixed(1)]);
  add("bare SQL", bare);
  for (const [name, input] of Object.entries(CASES)) {
    add(name, await measure(() => listMismatches(db, { ...input, limit: PAGE }, context)));
    const first = await listMismatches(db, { ...input, limit: PAGE }, context);
    if (name === "newest first" && first.next) {
      const second = { ...input, cursor: first.next, limit: PAGE };
      add("newest first, second page", await measure(() => listMismatches(db, second, context)));
    }
  }
  printTable(`Mismatches, ${LEADS.toLocaleString("en-US")} leads in the workspace`, rows);
}

function barePage(db: Db, workspaceId: string): Promise<unknown> {
  return db.$queryRaw`
    SELECT l.id, l.version, l."firstName", l."lastName", l.email, l.company, l."mismatchKind", l."mismatchSince",
           l."claimAt", l.status, l.sentiment, l."sentimentAt", l."lastInboundAt", l."lastMessageAt",
           l."meetingState", l."meetingAsOf", l."lookedUpAt", l."mismatchCause", l.decision
    FROM "Lead" l WHERE l."workspaceId" = ${workspaceId}::uuid AND l."mismatchKind" = 1
    ORDER BY l."mismatchSince" DESC, l.id DESC LIMIT ${PAGE + 1}`;
}

type Measured = { p50: number; p95: number };

async function measure(run: () => Promise<unknown>): Promise<Measured> {
  await run();
  const times: number[] = [];
  for (let n = 0; n < TIMES; n++) {
    const startedAt = performance.now();
    await run();
    times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  return { p50: times[Math.floor(TIMES * 0.5)] ?? 0, p95: times[Math.floor(TIMES * 0.95)] ?? 0 };
}

/** Of a hundred leads two say booked without a meeting, two are booked unsaid, one lost its meeting, one is unchecked. */
async function fill(db: Db, workspaceId: string): Promise<void> {
  const now = new Date();
  const checkedAt = new Date(now.getTime() - DAY_MS / 24);
  for (let from = 0; from < LEADS; from += FILL_AT_ONCE) {
    await db.$executeRaw`
      INSERT INTO "Lead" ("workspaceId", email, "firstName", "lastName", company, status, "statusAt", sentiment,
                          "sentimentAt", "claimCheckedAt", "meetingState", "meetingChangedAt", "lostAt",
                          "mismatchCause", "causeKind", "createdAt", "updatedAt")
      SELECT ${workspaceId}::uuid, 'lead' || n || '@ridgeline.example', 'First' || n % 977, 'Last' || n % 9973,
             CASE WHEN n % 3 = 0 THEN 'Northwind' ELSE 'Contoso' END,
             CASE WHEN n % 100 = 4 THEN 'meeting_booked'::"LeadStatus" WHEN n % 1000 = 2 THEN 'not_interested' ELSE 'new' END,
             at, CASE WHEN n % 100 IN (0, 1, 5) THEN 'meeting_booked'::"Sentiment" ELSE 'new' END, at,
             CASE WHEN n % 100 IN (0, 1) THEN ${checkedAt}::timestamptz END,
             CASE WHEN n % 100 IN (2, 3) THEN 'booked'::"MeetingState" WHEN n % 100 = 4 THEN 'canceled' ELSE 'none' END,
             CASE WHEN n % 100 IN (2, 3, 4) THEN at END, CASE WHEN n % 100 = 4 THEN at END,
             CASE WHEN n % 100 IN (0, 1) THEN CASE WHEN n % 5000 = 0 THEN 'feed_gap'::"MismatchCause"
               WHEN n % 3 = 0 THEN 'link_sent_not_booked' ELSE 'no_trace' END END, 1, at, at
      FROM generate_series(${from}::int, ${from + FILL_AT_ONCE - 1}::int) AS n
      CROSS JOIN LATERAL (SELECT ${now}::timestamptz - interval '2 hours' - n % 43199 * interval '1 minute' AS at) t`;
  }
  await db.$executeRaw`
    INSERT INTO "Appointment" ("workspaceId", provider, "providerId", "eventId", "startAt", "endAt", status,
                               "providerStatus", "asOf", source, "firstSeenAt", "leadId", "updatedAt")
    SELECT l."workspaceId", CASE WHEN l."firstName" < 'First5' THEN 'calendly'::"Provider" ELSE 'highlevel' END,
           l.id::text, l.id::text, now(), now(), 'confirmed', 'active', now(), 'reconcile', now(), l.id, now()
    FROM "Lead" l WHERE l."workspaceId" = ${workspaceId}::uuid AND l."meetingState" <> 'none'`;
  await db.$executeRaw`VACUUM ANALYZE "Lead"`;
  await db.$executeRaw`VACUUM ANALYZE "Appointment"`;
}
