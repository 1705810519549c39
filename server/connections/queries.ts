import type { Db } from "#server/db/client.ts";
import type { Prisma } from "#server/db/generated/client.ts";
import type { Deps } from "#server/deps.ts";
import { addMs, DAY_MS, HOUR_MS } from "#server/lib/duration.ts";
import { calendlyBucket } from "#server/providers/rate-bucket.ts";
import { listConnectionIncidents } from "#server/reconcile/list-incidents.ts";
import { computeTiers } from "./compute-tiers.ts";
import { type ConnectionRef, findConnection } from "./find-connection.ts";
import { loadKept } from "./load-kept.ts";
import { type ConnectionRow, mapConnection } from "./map-connection.ts";
import { webhookUrl, workflowUrl } from "./webhook-url.ts";

const WITH_TYPES = { eventTypes: { select: { selected: true } } } satisfies Prisma.ConnectionInclude;

/** A workspace's accounts, one per provider: the active one, else the one that was connected last. */
export async function listConnections(db: Db, workspaceId: string): Promise<ConnectionRow[]> {
  const rows = await db.connection.findMany({
    where: { workspaceId },
    include: WITH_TYPES,
    orderBy: { createdAt: "desc" },
  });
  const latest = new Map<string, (typeof rows)[number]>();
  for (const row of rows) {
    const known = latest.get(row.provider);
    if (!known || (known.state === "off" && row.state !== "off")) latest.set(row.provider, row);
  }
  return nameRows(db, [...latest.values()]);
}

/** Every account of every workspace that is not off, those that need somebody first. */
export async function listAllConnections(
  db: Db,
): Promise<(ConnectionRow & { workspace: { slug: string; name: string } })[]> {
  const rows = await db.connection.findMany({
    where: { state: { not: "off" } },
    include: { ...WITH_TYPES, workspace: { select: { slug: true, name: true } } },
    orderBy: [{ workspace: { name: "asc" } }, { provider: "asc" }],
  });
  const named = await nameRows(db, rows);
  const all = named.map((row, at) => ({ ...row, workspace: rows[at]?.workspace ?? { slug: "", name: "" } }));
  return all.sort((a, b) => urgencyOf(a.state) - urgencyOf(b.state));
}

const URGENT_FIRST = ["action_needed", "retrying", "quiet", "polling", "healthy", "off"];

function urgencyOf(state: string): number {
  return URGENT_FIRST.indexOf(state);
}

/** What the manage page needs beside the row; for those who may manage. */
export async function loadManageFacts(
  deps: Pick<Deps, "db" | "config" | "publicUrl" | "clock">,
  ref: ConnectionRef,
) {
  const row = await findConnection(deps.db, ref);
  const [eventTypes, kept] = await Promise.all([loadEventTypes(deps, row.id), loadKept(deps.db, row)]);
  const { calendlyApiUrl, highlevelApiUrl } = deps.config;
  const isCalendly = row.provider === "calendly";
  return {
    webhookUrl: (isCalendly ? webhookUrl : workflowUrl)(deps.publicUrl, row.workspaceId),
    /** A provider cannot call a name that only this machine knows. */
    isReachable: !isLocal(deps.publicUrl) || isLocal(isCalendly ? calendlyApiUrl : highlevelApiUrl),
    eventTypes,
    kept,
  };
}

async function loadEventTypes({ db, clock }: Pick<Deps, "db" | "clock">, connectionId: string) {
  const types = await db.connectionEventType.findMany({
    where: { connectionId },
    orderBy: [{ active: "desc" }, { name: "asc" }],
    select: { providerId: true, name: true, active: true, selected: true, durationMin: true },
  });
  const since = new Date(clock.now().getTime() - 30 * DAY_MS);
  const booked = await db.appointment.groupBy({
    by: ["calendarId"],
    where: { connectionId, providerCreatedAt: { gte: since } },
    _count: true,
  });
  const counts = new Map(booked.map((each) => [each.calendarId, each._count]));
  return types.map((type) => ({ ...type, bookedLast30Days: counts.get(type.providerId) ?? 0 }));
}

const STRIP_HOURS = 24;

/** The last day of deliveries by the hour, what was verified when, and what is open. */
export async function loadHealth({ db, clock }: Pick<Deps, "db" | "clock">, ref: ConnectionRef) {
  const row = await findConnection(db, ref);
  const now = clock.now();
  const [hours, coverage, incidents, meetings, run, interrupted, bucket, lastEvent] = await Promise.all([
    loadHours(db, row.id, now),
    db.coverage.findMany({
      where: { connectionId: row.id },
      orderBy: { day: "asc" },
      select: { day: true, verifiedAt: true, fullScope: true },
    }),
    listConnectionIncidents(db, row),
    db.appointment.count({ where: { connectionId: row.id } }),
    db.jobRun.findFirst({
      where: { connectionId: row.id, job: "sweep", state: "succeeded" },
      orderBy: { startedAt: "desc" },
      select: { endedAt: true, counters: true },
    }),
    db.jobRun.aggregate({
      where: {
        connectionId: row.id,
        job: "sweep",
        state: "interrupted",
        startedAt: { gt: addMs(now, -STRIP_HOURS * HOUR_MS) },
      },
      _count: true,
      _max: { startedAt: true },
    }),
    row.ownerId ? db.rateBucket.findUnique({ where: { key: calendlyBucket(row.ownerId) } }) : null,
    db.webhookDelivery.findFirst({
      where: { connectionId: row.id, result: "accepted" },
      orderBy: { receivedAt: "desc" },
      select: { eventType: true, receivedAt: true },
    }),
  ]);
  const workspace = await db.workspace.findUniqueOrThrow({
    where: { id: row.workspaceId },
    select: { lookbackDays: true, lookaheadDays: true },
  });
  return {
    hours,
    coverage: coverage.map((each) => ({ ...each, day: each.day.toISOString().slice(0, 10) })),
    window: workspace,
    tiers: computeTiers({ ...row, window: workspace, coverage }, now),
    incidents,
    meetings,
    lastSweep: run && { endedAt: run.endedAt, ...readSweepCounters(run.counters) },
    /** Sweeps of the last day whose process was stopped or killed: the next pass reads the same days again. */
    interrupted: { sweeps: interrupted._count, lastStartedAt: interrupted._max.startedAt },
    /** Calls a minute that are ours; the provider grants twice as many. */
    ourLimit: bucket?.limit ?? null,
    lastEvent,
    asOf: now,
  };
}

async function loadHours(db: Db, connectionId: string, now: Date) {
  const from = addMs(now, -STRIP_HOURS * HOUR_MS);
  const rows = await db.$queryRaw<
    { hour: number; accepted: number; duplicates: number; ignored: number; refused: number; failed: number }[]
  >`
    SELECT floor(extract(epoch FROM "receivedAt" - ${from}::timestamptz) / 3600)::int AS hour,
           count(*) FILTER (WHERE result = 'accepted')::int AS accepted, sum(duplicates)::int AS duplicates,
           count(*) FILTER (WHERE result = 'ignored')::int AS ignored,
           count(*) FILTER (WHERE result = 'refused')::int AS refused,
           count(*) FILTER (WHERE result = 'failed')::int AS failed
    FROM "WebhookDelivery"
    WHERE "connectionId" = ${connectionId}::uuid AND "receivedAt" > ${from}::timestamptz
      AND "receivedAt" <= ${now}::timestamptz
    GROUP BY 1`;
  const byHour = new Map(rows.map((each) => [Math.min(each.hour, STRIP_HOURS - 1), each]));
  return Array.from({ length: STRIP_HOURS }, (_, hour) => {
    const { accepted = 0, duplicates = 0, ignored = 0, refused = 0, failed = 0 } = byHour.get(hour) ?? {};
    const startAt = addMs(from, hour * HOUR_MS);
    return { startAt, accepted, duplicates, ignored, refused, failed };
  });
}

function readSweepCounters(counters: Prisma.JsonValue): { pages: number; changes: number } {
  const all = typeof counters === "object" && counters !== null && !Array.isArray(counters) ? counters : {};
  const read = (key: string) => (typeof all[key] === "number" ? all[key] : 0);
  return { pages: read("pages"), changes: read("created") + read("updated") };
}

async function nameRows(
  db: Db,
  rows: (Parameters<typeof mapConnection>[0] & { disconnectedById: string | null })[],
): Promise<ConnectionRow[]> {
  const ids = rows.flatMap((row) => row.disconnectedById ?? []);
  const users =
    ids.length > 0
      ? await db.user.findMany({ where: { id: { in: ids } }, select: { id: true, name: true } })
      : [];
  const names = new Map(users.map((user) => [user.id, user.name]));
  const incidents = await db.incident.groupBy({
    by: ["connectionId"],
    where: {
      workspaceId: { in: [...new Set(rows.map((row) => row.workspaceId))] },
      connectionId: { in: rows.map(({ id }) => id) },
      closedAt: null,
    },
    _count: true,
  });
  const open = new Map(incidents.map((each) => [each.connectionId, each._count]));
  return rows.map((row) =>
    mapConnection(row, {
      disconnectedBy: names.get(row.disconnectedById ?? "") ?? null,
      incidents: open.get(row.id) ?? 0,
    }),
  );
}

function isLocal(address: string): boolean {
  const { hostname } = new URL(address);
  return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}
