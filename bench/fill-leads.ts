import type { Db } from "#server/db/client.ts";
import { DAY_MS } from "#server/lib/duration.ts";

export const LEADS = 1_000_000;
/** Statements of a server end within a minute, those of a bench too. */
const FILL_AT_ONCE = 50_000;

/** Of a hundred leads two say booked without a meeting, two are booked unsaid, one lost its meeting, one is unchecked. */
export async function fillLeads(db: Db, workspaceId: string): Promise<void> {
  const now = new Date();
  const checkedAt = new Date(now.getTime() - DAY_MS / 24);
  for (let from = 0; from < LEADS; from += FILL_AT_ONCE) {
    await db.$executeRaw`
      INSERT INTO "Lead" ("workspaceId", email, "firstName", "lastName", company, phone, timezone, status, "statusAt",
                          sentiment, "sentimentAt", "claimCheckedAt", "meetingState", "meetingChangedAt", "lostAt",
                          "mismatchCause", "causeKind", "createdAt", "updatedAt")
      SELECT ${workspaceId}::uuid, 'lead' || n || '@ridgeline.example', 'First' || n % 977, 'Last' || n % 9973,
             CASE WHEN n % 3 = 0 THEN 'Northwind' ELSE 'Contoso ' || n % 9001 END,
             '+1 (512) ' || lpad((n / 10000)::text, 3, '0') || '-' || lpad((n % 10000)::text, 4, '0'),
             (ARRAY['America/Chicago', 'Europe/Berlin', 'America/New_York', NULL])[1 + n % 4],
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
  await db.$executeRaw`VACUUM ANALYZE "LeadSearch"`;
  await db.$executeRaw`VACUUM ANALYZE "Appointment"`;
}
