import { randomUUID } from "node:crypto";
import type { Db, Tx } from "#server/db/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { addDays, DAY_MS, HOUR_MS } from "#server/lib/duration.ts";
import type { AppointmentReading } from "#server/providers/appointment-reading.ts";
import { applyReadings } from "#server/reconcile/apply-readings.ts";
import { type AppointmentRecord, decideReading } from "#server/reconcile/decide-reading.ts";
import { writeAppointments } from "#server/reconcile/write-appointments.ts";
import { connectBench, openBench } from "./open-bench.ts";
import { printTable } from "./print-table.ts";

/** So many that what depends on their number shows. */
export const LEADS = 1_000_000;
const APPOINTMENTS = 50_000;
const OLDER = 20_000;
/** A page of Calendly, and a calendar of HighLevel or a day of a busy history. */
const PAGE_SIZES = [100, 1_000];
/** Statements of a server end within a minute, those of a bench too. */
const FILL_AT_ONCE = 50_000;
const TABLES = ["Appointment", "Lead", "AppointmentChange", "AuditEntry", "Task", "OutboxEvent"];

type Place = { workspaceId: string; connectionId: string };

/**
 * Evidence of 50,000 meetings applied to a workspace of a million leads: the whole road (match, link, pair, history,
 * rollup, audit, live events) beside a bare bulk upsert of the same rows in pages of the same size, and what a pass writes
 * when nothing changed.
 */
export async function benchApplyAppointments(): Promise<void> {
  await using bench = await openBench();
  const { db } = bench;
  const place = await connectBench(bench);
  await fillLeads(db, place.workspaceId);
  const readings = inventReadings(new Date());
  const rows: string[][] = [["50,000 appointments", "page", "appointments/s", "× bare upsert", "WAL MB"]];

  for (const size of PAGE_SIZES) {
    await clear(db);
    const bare = await measure(db, () => inPages(readings, size, (page) => bareUpsert(db, place, page)));
    await clear(db);
    const first = await measure(db, () => inPages(readings, size, (page) => apply(db, place, page)));
    // With checksums the first reader of a fresh row writes its hint bits to WAL, whoever that is.
    await db.$executeRaw`VACUUM "Appointment"`;
    const again = readings.map((r) => ({ ...r, asOf: new Date(r.asOf.getTime() + HOUR_MS) }));
    const unchanged = await measure(db, () => inPages(again, size, (page) => apply(db, place, page)));
    const canceled = again.map((r, at) => (at % 10 === 0 ? cancel(r) : r));
    const changed = await measure(db, () => inPages(canceled, size, (page) => apply(db, place, page)));
    const add = (name: string, { ms, wal }: Measured) =>
      rows.push([
        name,
        `${size}`,
        ((readings.length / ms) * 1_000).toFixed(0),
        (ms / bare.ms).toFixed(2),
        (wal / 1e6).toFixed(1),
      ]);
    add("bare bulk upsert", bare);
    add("the road, all new", first);
    add("the road, nothing changed", unchanged);
    add("the road, every tenth canceled", changed);
    const touched = TABLES.map((table) => `${table} ${unchanged.written[table] ?? 0}`).join(", ");
    console.log(`page ${size}: rows written when nothing changed: ${touched}; WAL ${unchanged.wal} bytes`);
  }
  printTable(`Appointments applied, ${LEADS.toLocaleString("en-US")} leads in the workspace`, rows);
}

function apply(db: Db, place: Place, page: AppointmentReading[]): Promise<void> {
  return runTransaction(db, "bench page", async (tx) => {
    await applyReadings(tx, page, {
      ...place,
      configuredTypes: null,
      source: "reconcile",
      now: new Date(),
      reason: "sweep",
    });
  });
}

/** The first statement of the road alone: the rows, and nothing that follows from them. */
function bareUpsert(db: Db, place: Place, page: AppointmentReading[]): Promise<void> {
  return runTransaction(db, "bare page", async (tx: Tx) => {
    const now = new Date();
    await writeAppointments(
      tx,
      place.workspaceId,
      now,
      page.map((reading) => recordOf(reading, place, now)),
    );
  });
}

function recordOf(reading: AppointmentReading, { connectionId }: Place, now: Date): AppointmentRecord {
  const context = {
    connectionId,
    source: "reconcile" as const,
    onConfiguredType: true,
    verifiedAt: null,
    now,
  };
  const decision = decideReading(null, reading, context);
  if (decision.outcome !== "created") throw new Error("A reading of nothing known is new.");
  return decision.record;
}

async function inPages<T>(all: T[], size: number, run: (page: T[]) => Promise<void>): Promise<void> {
  for (let at = 0; at < all.length; at += size) await run(all.slice(at, at + size));
}

type Measured = { ms: number; wal: number; written: Record<string, number> };

async function measure(db: Db, run: () => Promise<void>): Promise<Measured> {
  await db.$executeRaw`CHECKPOINT`;
  const before = await readCounters(db);
  const startedAt = performance.now();
  await run();
  const ms = performance.now() - startedAt;
  // Other connections report what they did within a second.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const after = await readCounters(db);
  const written = Object.fromEntries(
    TABLES.map((table) => [table, (after.written[table] ?? 0) - (before.written[table] ?? 0)]),
  );
  return { ms, wal: after.wal - before.wal, written };
}

async function readCounters(db: Db): Promise<{ wal: number; written: Record<string, number> }> {
  const [wal] = await db.$queryRaw<{ bytes: number }[]>`
    SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 AS bytes`;
  const tables = await db.$queryRaw<{ relname: string; rows: number }[]>`
    SELECT relname, (n_tup_ins + n_tup_upd + n_tup_del)::float8 AS rows FROM pg_stat_user_tables`;
  return {
    wal: wal?.bytes ?? 0,
    written: Object.fromEntries(tables.map(({ relname, rows }) => [relname, rows])),
  };
}

/** Back to a workspace with older history: PostgreSQL plans for a table that holds something, as it does after a day. */
async function clear(db: Db): Promise<void> {
  await db.$executeRaw`TRUNCATE "Appointment", "BookingLink", "AppointmentChange", "AuditEntry", "Task", "TaskMeeting", "OutboxEvent"`;
  await db.$executeRaw`
    UPDATE "Lead" SET "meetingState" = 'none', "primaryId" = NULL, status = 'new', "redecideAt" = NULL
    WHERE "primaryId" IS NOT NULL`;
  await db.$executeRaw`
    INSERT INTO "Appointment" ("workspaceId", provider, "providerId", "eventId", "startAt", "endAt", status,
                               "providerStatus", "asOf", source, "firstSeenAt", "updatedAt")
    SELECT w.id, 'calendly', 'older-' || n, 'older-' || n, now() - interval '1 year', now() - interval '1 year',
           'canceled', 'canceled', now(), 'reconcile', now(), now()
    FROM "Workspace" w, generate_series(1, ${OLDER}::int) AS n`;
  await db.$executeRaw`VACUUM ANALYZE "Appointment"`;
  await db.$executeRaw`VACUUM ANALYZE "Lead"`;
}

export async function fillLeads(db: Db, workspaceId: string): Promise<void> {
  for (let from = 0; from < LEADS; from += FILL_AT_ONCE) {
    await db.$executeRaw`
      INSERT INTO "Lead" ("workspaceId", email, "firstName", "lastName", status, "statusAt", sentiment, "sentimentAt",
                          "createdAt", "updatedAt")
      SELECT ${workspaceId}::uuid, 'lead' || n || '@ridgeline.example', 'First' || n % 977, 'Last' || n % 9973, 'new',
             now() - interval '2 days', 'new', now() - interval '2 days', now(), now()
      FROM generate_series(${from}::int, ${from + FILL_AT_ONCE - 1}::int) AS n`;
  }
  await db.$executeRaw`VACUUM ANALYZE "Lead"`;
}

/** One meeting each for leads spread over the whole table, most ahead, some over, some canceled before we looked. */
function inventReadings(now: Date): AppointmentReading[] {
  return Array.from({ length: APPOINTMENTS }, (_, n) => {
    const startAt = new Date(addDays(now, (n % 150) - 60).getTime() + (n % 16) * (HOUR_MS / 2));
    const reading: AppointmentReading = {
      provider: "calendly",
      providerId: randomUUID(),
      eventId: randomUUID(),
      calendarId: "intro",
      title: "Intro call",
      startAt,
      endAt: new Date(startAt.getTime() + HOUR_MS / 2),
      attendeeEmail: `lead${(n * 7_919) % LEADS}@ridgeline.example`,
      attendeeName: `Lead ${n}`,
      attendeePhone: null,
      attendeeTimezone: "America/New_York",
      contactId: null,
      status: "confirmed",
      providerStatus: "active",
      unrecognised: false,
      canceledAt: null,
      canceledBy: null,
      canceledByType: null,
      cancelReason: null,
      noShowAt: null,
      rescheduledFromId: null,
      rescheduledToId: null,
      rescheduledToEventId: null,
      organizerEmail: "dana@ridgeline.example",
      organizerName: "Dana Ruiz",
      tracking: null,
      providerCreatedAt: new Date(startAt.getTime() - 3 * DAY_MS),
      providerUpdatedAt: new Date(startAt.getTime() - 3 * DAY_MS),
      asOf: now,
    };
    return n % 8 === 7 ? cancel(reading) : reading;
  });
}

function cancel(reading: AppointmentReading): AppointmentReading {
  const canceledAt = new Date(Math.min(reading.startAt.getTime(), reading.asOf.getTime()) - HOUR_MS);
  return {
    ...reading,
    status: "canceled",
    providerStatus: "canceled",
    canceledAt,
    canceledByType: "invitee",
  };
}
