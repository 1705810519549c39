import type { Db } from "#server/db/client.ts";
import { countWorkers } from "#server/db/count-workers.ts";
import { addMs, DAY_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { isSetAside } from "#server/mismatches/mismatch-filter.ts";
import { KIND_NAMES } from "#server/mismatches/mismatch-kind.ts";
import { INCIDENT_KINDS } from "#server/reconcile/incident-kinds.ts";
import { type Series, toSeries } from "./series.ts";

type Facts = { db: Db; now: Date };

/** How things stand in the whole installation, asked of the database at the moment of asking; counts and ages only. */
export async function readGauges(facts: Facts): Promise<Series[]> {
  const groups = await Promise.all([
    readQueue(facts),
    readConnections(facts),
    readCoverage(facts),
    readLeads(facts),
    readIncidents(facts),
    readDeliveries(facts),
    readTasks(facts),
    readBackfills(facts),
    readJobRuns(facts),
    readOutbox(facts),
  ]);
  return groups.flat();
}

async function readQueue({ db, now }: Facts): Promise<Series[]> {
  const rows = await db.$queryRaw<{ job: string; state: string; value: number }[]>`
    SELECT q.name AS job, s.state, count(j.name)::int AS value
    FROM pgboss.queue q CROSS JOIN (VALUES ('waiting'), ('active')) AS s(state)
    LEFT JOIN (
      SELECT name, CASE state WHEN 'active' THEN 'active' ELSE 'waiting' END AS state FROM pgboss.job
      -- As its partial index has it: what has ended is many times more.
      WHERE state <= 'active' AND policy = 'stately') j ON j.name = q.name AND j.state = s.state
    GROUP BY 1, 2 ORDER BY 1, 2`;
  const ages = await db.$queryRaw<{ job: string; value: number }[]>`
    SELECT q.name AS job,
           coalesce(greatest(extract(epoch FROM ${now}::timestamptz - min(greatest(j.created_on, j.start_after))), 0), 0)::float8 AS value
    FROM pgboss.queue q LEFT JOIN pgboss.job j ON j.name = q.name AND j.state < 'active' AND j.policy = 'stately'
      AND j.start_after <= ${now}::timestamptz
    GROUP BY 1 ORDER BY 1`;
  return [
    toGauge("bookproof_jobs", "Jobs that wait or run.", rows, ["job", "state"]),
    toGauge("bookproof_job_age_seconds", "How long the oldest job that could run has waited.", ages, ["job"]),
    toGauge("bookproof_workers", "Processes that work on jobs.", [{ value: await countWorkers(db) }], []),
  ];
}

async function readConnections({ db, now }: Facts): Promise<Series[]> {
  const states = await db.$queryRaw<{ provider: string; state: string; value: number }[]>`
    SELECT provider::text, state::text, count(*)::int AS value FROM "Connection" WHERE state <> 'off'
    GROUP BY 1, 2 ORDER BY 1, 2`;
  const lag = await db.$queryRaw<{ provider: string; value: number }[]>`
    SELECT provider::text,
           max(extract(epoch FROM ${now}::timestamptz - coalesce("lastSweepAt", "createdAt")))::float8 AS value
    FROM "Connection" WHERE state <> 'off' GROUP BY 1 ORDER BY 1`;
  return [
    toGauge("bookproof_connections", "Connected accounts.", states, ["provider", "state"]),
    toGauge("bookproof_sweep_age_seconds", "Age of the oldest last sweep.", lag, ["provider"]),
  ];
}

/** R22: a claim is only as well checked as the least recently verified day of its workspace's window. */
async function readCoverage({ db, now }: Facts): Promise<Series[]> {
  const today = startOfUtcDay(now);
  const rows = await db.$queryRaw<{ provider: string; age: number | null; unverified: number }[]>`
    SELECT provider::text,
           max(extract(epoch FROM ${now}::timestamptz - "verifiedAt")) FILTER (WHERE days >= wanted)::float8 AS age,
           count(*) FILTER (WHERE days < wanted)::int AS unverified
    FROM (
      SELECT c.provider, count(v.day) AS days, min(v."verifiedAt") AS "verifiedAt",
             w."lookbackDays" + w."lookaheadDays" + 1 AS wanted
      FROM "Connection" c JOIN "Workspace" w ON w.id = c."workspaceId"
      LEFT JOIN "Coverage" v ON v."connectionId" = c.id
        AND v.day BETWEEN (${today}::timestamptz AT TIME ZONE 'UTC')::date - w."lookbackDays"
                      AND (${today}::timestamptz AT TIME ZONE 'UTC')::date + w."lookaheadDays"
      WHERE c.state <> 'off' GROUP BY c.id, w.id
    ) per_connection
    GROUP BY 1 ORDER BY 1`;
  const ages = rows.flatMap(({ provider, age }) => (age === null ? [] : [{ provider, value: age }]));
  const unverified = rows.map((row) => ({ provider: row.provider, value: row.unverified }));
  return [
    toGauge("bookproof_coverage_age_seconds", "Age of the least recently verified day.", ages, ["provider"]),
    toGauge(
      "bookproof_connections_unverified",
      "Connections with a day that was never verified.",
      unverified,
      ["provider"],
    ),
  ];
}

async function readLeads({ db, now }: Facts): Promise<Series[]> {
  const found = await db.$queryRaw<{ kind: keyof typeof KIND_NAMES; value: number }[]>`
    SELECT "mismatchKind" AS kind, count(*)::int AS value FROM "Lead" WHERE "mismatchKind" IS NOT NULL GROUP BY 1
    UNION ALL
    SELECT 5, count(*)::int FROM "Lead" WHERE "attendanceUnrecorded" AND "mismatchKind" IS NULL`;
  const counts = new Map(found.map((row) => [String(row.kind), row.value]));
  const kinds = Object.entries(KIND_NAMES).map(([kind, name]) => ({
    kind: name,
    value: counts.get(kind) ?? 0,
  }));
  const unknown = await db.$queryRaw<{ value: number }[]>`
    SELECT count(*)::int AS value FROM "Lead" l WHERE l."claimUnverified" AND NOT ${isSetAside(now)}`;
  return [
    toGauge("bookproof_mismatches", "Leads whose claim, status and evidence contradict each other.", kinds, [
      "kind",
    ]),
    toGauge("bookproof_claims_unknown", "Claims that no complete check has overtaken.", unknown, []),
  ];
}

async function readIncidents({ db }: Facts): Promise<Series[]> {
  const rows = await db.$queryRaw<{ kind: string; value: number }[]>`
    SELECT k.kind, count(i.id)::int AS value FROM unnest(${Object.keys(INCIDENT_KINDS)}::text[]) AS k(kind)
    LEFT JOIN "Incident" i ON i.kind = k.kind AND i."closedAt" IS NULL GROUP BY 1 ORDER BY 1`;
  return [toGauge("bookproof_incidents_open", "Incidents that nobody has closed.", rows, ["kind"])];
}

/** Workspace by workspace, since that is how deliveries are indexed by time. */
async function readDeliveries({ db, now }: Facts): Promise<Series[]> {
  const rows = await db.$queryRaw<{ provider: string; result: string; value: number }[]>`
    SELECT d.provider, d.result, sum(d.count)::int AS value
    FROM "Workspace" w CROSS JOIN LATERAL (
      SELECT provider::text, result::text, count(*) AS count FROM "WebhookDelivery"
      WHERE "workspaceId" = w.id AND "receivedAt" > ${addMs(now, -DAY_MS)}::timestamptz GROUP BY 1, 2) d
    GROUP BY 1, 2 ORDER BY 1, 2`;
  const lag = await db.$queryRaw<{ value: number }[]>`
    SELECT coalesce(greatest(extract(epoch FROM ${now}::timestamptz - min("receivedAt")), 0), 0)::float8 AS value
    FROM "WebhookDelivery" WHERE "processedAt" IS NULL AND result = 'accepted'`;
  return [
    toGauge("bookproof_deliveries_last_day", "Webhook deliveries of the last 24 hours.", rows, [
      "provider",
      "result",
    ]),
    toGauge(
      "bookproof_delivery_lag_seconds",
      "Age of the oldest accepted delivery that nobody has worked on.",
      lag,
      [],
    ),
  ];
}

async function readTasks({ db }: Facts): Promise<Series[]> {
  const rows = await db.$queryRaw<{ type: string; value: number }[]>`
    SELECT type::text, count(*)::int AS value FROM "Task"
    WHERE type IN ('meeting_canceled', 'meeting_no_show', 'meeting_rescheduled') AND status IN ('pending', 'snoozed')
    GROUP BY 1 ORDER BY 1`;
  return [toGauge("bookproof_red_tasks_open", "Red tasks that wait for a person.", rows, ["type"])];
}

async function readBackfills({ db }: Facts): Promise<Series[]> {
  const rows = await db.$queryRaw<{ state: string; value: number }[]>`
    SELECT state::text, count(*)::int AS value FROM "Backfill" GROUP BY 1 ORDER BY 1`;
  return [toGauge("bookproof_backfills", "Runs over history.", rows, ["state"])];
}

/** Job by job, since that is how runs are indexed by time. */
async function readJobRuns({ db, now }: Facts): Promise<Series[]> {
  const rows = await db.$queryRaw<{ job: string; state: string; value: number }[]>`
    SELECT q.name AS job, r.state, r.count AS value
    FROM pgboss.queue q CROSS JOIN LATERAL (
      SELECT state::text, count(*)::int FROM "JobRun"
      WHERE job = q.name AND "startedAt" > ${addMs(now, -DAY_MS)}::timestamptz GROUP BY 1) r
    ORDER BY 1, 2`;
  return [
    toGauge("bookproof_job_runs_last_day", "Runs of the last 24 hours, by how they ended.", rows, [
      "job",
      "state",
    ]),
  ];
}

/** Events that live screens cannot be given yet, because an older transaction still runs. */
async function readOutbox({ db, now }: Facts): Promise<Series[]> {
  const rows = await db.$queryRaw<{ value: number }[]>`
    SELECT coalesce(greatest(extract(epoch FROM ${now}::timestamptz - min(at)), 0), 0)::float8 AS value
    FROM "OutboxEvent" WHERE txid >= (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint`;
  return [
    toGauge(
      "bookproof_outbox_lag_seconds",
      "How long live screens have been waiting for what is written.",
      rows,
      [],
    ),
  ];
}

function toGauge<L extends string>(
  name: string,
  help: string,
  rows: (Record<L, string> & { value: number })[],
  labelNames: L[],
): Series {
  return toSeries("gauge", name, help, rows, labelNames);
}
