import { beforeAll, expect, it } from "vitest";
import type { Tx } from "#server/db/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { addDays, addMs, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildConnection, buildWorkspace, TEST_NOW } from "#server/testing/factories.ts";
import { applyReadings } from "./apply-readings.ts";
import { rematchLeads } from "./rematch-leads.ts";
import { buildReading, cancelReading } from "./testing/build-reading.ts";

const LEADS = 100_000;
const PAGE = 100;

const test = setUpTestDatabase();
let workspaceId: string;
let connectionId: string;

const emailOf = (n: number) => `lead${n}@ridgeline.example`;
const step = (now = addMs(TEST_NOW, 5 * MINUTE_MS)) => ({
  workspaceId,
  connectionId,
  source: "reconcile" as const,
  reason: "sweep",
  now,
  configuredTypes: null,
});

beforeAll(async () => {
  workspaceId = (await buildWorkspace(test.db)).id;
  connectionId = (await buildConnection(test.db, { workspaceId })).id;
  await test.db.$executeRaw`
    INSERT INTO "Lead" ("workspaceId", email, status, "statusAt", sentiment, "sentimentAt", "createdAt", "updatedAt")
    SELECT ${workspaceId}::uuid, 'lead' || n || '@ridgeline.example', 'qualified', ${TEST_NOW}::timestamptz, 'new',
           ${TEST_NOW}::timestamptz, ${TEST_NOW}::timestamptz, ${TEST_NOW}::timestamptz
    FROM generate_series(1, ${LEADS}) AS n`;
  // Every second lead has a meeting ahead, every fourth also one that was moved; some belong to nobody.
  await test.db.$executeRaw`
    INSERT INTO "Appointment" ("workspaceId", "connectionId", provider, "providerId", "eventId", "startAt", "endAt",
      "attendeeEmail", "contactId", status, "providerStatus", "rescheduledFromId", "asOf", source, "firstSeenAt",
      "updatedAt", "leadId", "linkedBy", standing)
    SELECT ${workspaceId}::uuid, ${connectionId}::uuid,
           (CASE WHEN n % 10 = 0 THEN 'highlevel' ELSE 'calendly' END)::"Provider", 'OLD' || n, 'OLDEVENT' || n,
           ${TEST_NOW}::timestamptz + n % 80 * interval '1 day', ${TEST_NOW}::timestamptz + (n % 80 * 24 + 1) * interval '1 hour',
           l.email, CASE WHEN n % 10 = 0 THEN 'CONTACT' || n END, 'confirmed', 'active',
           CASE WHEN n % 4 = 0 THEN 'GONE' || n END, ${TEST_NOW}::timestamptz - interval '1 hour', 'reconcile',
           ${TEST_NOW}::timestamptz, ${TEST_NOW}::timestamptz, CASE WHEN n % 50 > 0 THEN l.id END,
           CASE WHEN n % 50 > 0 THEN 'email' END, CASE WHEN n % 50 > 0 THEN 'live' END::"Standing"
    FROM generate_series(1, ${LEADS}) AS n
    JOIN "Lead" l ON l."workspaceId" = ${workspaceId}::uuid AND l.email = 'lead' || n || '@ridgeline.example'`;
  await test.db.$executeRaw`
    INSERT INTO "RememberedContact" ("workspaceId", "contactId", emails, "readAt")
    SELECT ${workspaceId}::uuid, 'CONTACT' || n, ARRAY['lead' || n || '@ridgeline.example'], ${TEST_NOW}::timestamptz
    FROM generate_series(1, ${LEADS}) AS n`;
  await test.db.$executeRaw`
    INSERT INTO "Task" ("workspaceId", "leadId", type, "dueAt", "createdAt", "updatedAt")
    SELECT ${workspaceId}::uuid, id, 'meeting_canceled', ${TEST_NOW}::timestamptz, ${TEST_NOW}::timestamptz, ${TEST_NOW}::timestamptz
    FROM "Lead" LIMIT 20000`;
  await test.db.$executeRawUnsafe("ANALYZE");
}, 120_000);

/** What this transaction read of the large tables from end to end, as PostgreSQL itself counted it. */
async function scannedTables(tx: Tx): Promise<string[]> {
  const rows = await tx.$queryRaw<{ relname: string }[]>`
    SELECT relname FROM pg_stat_xact_user_tables
    WHERE seq_scan > 0 AND relname IN ('Lead', 'Appointment', 'RememberedContact', 'Task')
    ORDER BY relname`;
  return rows.map(({ relname }) => relname);
}

/** A page of bookings: new ones, moved ones, canceled ones, for leads that are spread over the table. */
function buildPage(provider: "calendly" | "highlevel") {
  return Array.from({ length: PAGE }, (_, n) => {
    const number = (n + 1) * 10;
    const reading = buildReading({
      provider,
      attendeeEmail: emailOf(number),
      contactId: provider === "highlevel" ? `CONTACT${number}` : null,
      startAt: addDays(TEST_NOW, 1 + (n % 60)),
      ...(n % 3 === 0 ? { providerId: `OLD${provider === "highlevel" ? number : number + 1}` } : {}),
      ...(n % 7 === 0 ? { rescheduledFromId: `OLD${number + 3}` } : {}),
    });
    return n % 5 === 0 ? cancelReading(reading) : reading;
  });
}

it.each(["calendly", "highlevel"] as const)("a page of %s touches rows by index alone", async (provider) => {
  await runTransaction(test.db, "test", async (tx) => {
    const counts = await applyReadings(tx, buildPage(provider), step());
    expect(counts.created + counts.updated).toBe(PAGE);
    expect(await scannedTables(tx)).toEqual([]);
  });
});

it("a page that says nothing new does so too", async () => {
  const page = buildPage("calendly");
  await runTransaction(test.db, "test", (tx) => applyReadings(tx, page, step()));
  await runTransaction(test.db, "test", async (tx) => {
    const again = page.map((reading) => ({ ...reading, asOf: addMs(reading.asOf, HOUR_MS) }));
    expect(await applyReadings(tx, again, step(addMs(TEST_NOW, 2 * HOUR_MS)))).toMatchObject({
      unchanged: PAGE,
    });
    expect(await scannedTables(tx)).toEqual([]);
  });
});

it("a lookup of one booking does so too", async () => {
  await runTransaction(test.db, "test", async (tx) => {
    await applyReadings(tx, [buildReading({ attendeeEmail: emailOf(77) })], step());
    expect(await scannedTables(tx)).toEqual([]);
  });
});

it("matching leads again after an import does so too", async () => {
  const emailKeys = Array.from({ length: PAGE }, (_, n) => emailOf((n + 1) * 50));
  await runTransaction(test.db, "test", async (tx) => {
    const leads = await tx.lead.findMany({
      where: { workspaceId, emailKey: { in: emailKeys } },
      select: { id: true },
    });
    const counts = await rematchLeads(
      tx,
      { workspaceId, leadIds: leads.map((l) => l.id), emailKeys, contactIds: ["CONTACT10", "CONTACT20"] },
      step(),
    );
    expect(counts.leadsChanged).toBeGreaterThan(0);
    expect(await scannedTables(tx)).toEqual([]);
  });
});
