import type { Tx } from "#server/db/client.ts";
import type { Provider, Standing } from "#server/db/generated/enums.ts";
import type { AppointmentRecord } from "./decide-reading.ts";
import { decideStanding } from "./decide-standing.ts";
import type { Link } from "./link-appointments.ts";

export type KnownAppointment = AppointmentRecord & {
  id: string;
  leadId: string | null;
  linkedBy: string | null;
  /** When its event's people, or the whole day of its start, were last completely read through its connection. */
  verifiedAt: Date | null;
};

/** The rows that these readings are about, by provider id, as they stand now. */
export async function loadKnownAppointments(
  tx: Tx,
  workspaceId: string,
  provider: Provider,
  providerIds: string[],
): Promise<Map<string, KnownAppointment>> {
  const rows = await tx.$queryRaw<KnownAppointment[]>`
    SELECT a.id, a."leadId", a."linkedBy", a."connectionId", a.provider, a."providerId", a."eventId", a."calendarId", a.title,
           a."onConfiguredType", a."startAt", a."endAt", a."attendeeEmail", a."attendeeName", a."attendeePhone",
           a."attendeeTimezone", a."contactId", a.status, a."providerStatus", a.unrecognised, a."canceledAt",
           a."canceledBy", a."canceledByType", a."cancelReason", a."noShowAt", a."rescheduledFromId",
           a."rescheduledToId", a."rescheduledToEventId", a."movedFromAt", a.tracking, a."organizerEmail", a."organizerName",
           a."providerCreatedAt", a."providerUpdatedAt", a."asOf", a.source, a."lossSeenAt",
           greatest(c."verifiedAt", w."inviteesReadAt") AS "verifiedAt"
    FROM "Appointment" a
    LEFT JOIN "EventWatermark" w ON w."connectionId" = a."connectionId" AND w."eventId" = a."eventId"
      -- A list that left somebody out says nothing about that person.
      AND w."shortReads" = 0
    LEFT JOIN "Coverage" c ON c."connectionId" = a."connectionId"
      AND c.day = (a."startAt" AT TIME ZONE 'UTC')::date
    WHERE a."workspaceId" = ${workspaceId}::uuid AND a.provider = ${provider}::"Provider"
      AND a."providerId" = ANY(${providerIds}::text[])`;
  return new Map(rows.map((row) => [row.providerId, row]));
}

/**
 * Readings that said nothing new still say until when it is true: without that, one that was read earlier and arrives
 * later would pass for news. No history, no effects.
 */
export async function confirmAppointments(tx: Tx, rows: { id: string; asOf: Date }[]): Promise<void> {
  if (rows.length === 0) return;
  const json = JSON.stringify(rows);
  await tx.$executeRaw`
    UPDATE "Appointment" a SET "asOf" = r."asOf"
    FROM jsonb_to_recordset(${json}::jsonb) AS r(id uuid, "asOf" timestamptz)
    WHERE a.id = r.id AND a."asOf" < r."asOf"`;
  await tx.$executeRaw`
    UPDATE "Lead" l SET "meetingAsOf" = a."asOf"
    FROM jsonb_to_recordset(${json}::jsonb) AS r(id uuid, "asOf" timestamptz)
    JOIN "Appointment" a ON a.id = r.id
    WHERE l.id = a."leadId" AND l."primaryId" = a.id`;
}

/**
 * One statement for a whole page. New ones that have a lead are written with what they count as on their own, so that
 * `convergeLeads`, which the caller lets follow, seldom has to write them again. The caller compared under
 * `lockWorkspace`; the guard on `asOf` stays as the second lock, so that not even a writer without the lock can put
 * older over newer.
 */
export async function writeAppointments(
  tx: Tx,
  workspaceId: string,
  now: Date,
  records: AppointmentRecord[],
  /** Whose the new ones among them are, by provider id; `linkAppointments` is who changes that later. */
  links: Map<string, Link> = new Map(),
): Promise<Map<string, string>> {
  if (records.length === 0) return new Map();
  const inputs = JSON.stringify(
    records.map((record) => {
      const link = links.get(record.providerId);
      return { ...record, ...link, standing: link?.leadId ? standAlone(record, now) : null };
    }),
  );
  const rows = await tx.$queryRaw<{ id: string; providerId: string }[]>`
    INSERT INTO "Appointment" AS a (
      "workspaceId", "connectionId", provider, "providerId", "eventId", "calendarId", title, "onConfiguredType",
      "startAt", "endAt", "attendeeEmail", "attendeeName", "attendeePhone", "attendeeTimezone", "contactId", status,
      "providerStatus", unrecognised, "canceledAt", "canceledBy", "canceledByType", "cancelReason", "noShowAt",
      "rescheduledFromId", "rescheduledToId", "rescheduledToEventId", "movedFromAt", tracking, "organizerEmail",
      "organizerName", "providerCreatedAt", "providerUpdatedAt", "asOf", source, "lossSeenAt", "leadId", "linkedBy", ambiguous,
      standing, "firstSeenAt", "updatedAt")
    SELECT ${workspaceId}::uuid, r."connectionId", r.provider, r."providerId", r."eventId", r."calendarId", r.title,
      r."onConfiguredType", r."startAt", r."endAt", r."attendeeEmail", r."attendeeName", r."attendeePhone",
      r."attendeeTimezone", r."contactId", r.status, r."providerStatus", r.unrecognised, r."canceledAt", r."canceledBy",
      r."canceledByType", r."cancelReason", r."noShowAt", r."rescheduledFromId", r."rescheduledToId",
      r."rescheduledToEventId", r."movedFromAt", r.tracking, r."organizerEmail", r."organizerName", r."providerCreatedAt",
      r."providerUpdatedAt", r."asOf", r.source, r."lossSeenAt", r."leadId", r."linkedBy", coalesce(r.ambiguous, false),
      r.standing, ${now}::timestamptz, ${now}::timestamptz
    FROM jsonb_to_recordset(${inputs}::jsonb) AS r(
      "connectionId" uuid, provider "Provider", "providerId" text, "eventId" text, "calendarId" text, title text,
      "onConfiguredType" boolean, "startAt" timestamptz, "endAt" timestamptz, "attendeeEmail" text, "attendeeName" text,
      "attendeePhone" text, "attendeeTimezone" text, "contactId" text, status "AppointmentStatus", "providerStatus" text,
      unrecognised boolean, "canceledAt" timestamptz, "canceledBy" text, "canceledByType" text, "cancelReason" text,
      "noShowAt" timestamptz, "rescheduledFromId" text, "rescheduledToId" text, "rescheduledToEventId" text,
      "movedFromAt" timestamptz, tracking text, "organizerEmail" text, "organizerName" text, "providerCreatedAt" timestamptz,
      "providerUpdatedAt" timestamptz, "asOf" timestamptz, source "Source", "lossSeenAt" timestamptz,
      "leadId" uuid, "linkedBy" text, ambiguous boolean, standing "Standing")
    ON CONFLICT ("workspaceId", provider, "providerId") DO UPDATE SET
      "connectionId" = excluded."connectionId", "eventId" = excluded."eventId", "calendarId" = excluded."calendarId",
      title = excluded.title, "onConfiguredType" = excluded."onConfiguredType", "startAt" = excluded."startAt",
      "endAt" = excluded."endAt", "attendeeEmail" = excluded."attendeeEmail", "attendeeName" = excluded."attendeeName",
      "attendeePhone" = excluded."attendeePhone", "attendeeTimezone" = excluded."attendeeTimezone",
      "contactId" = excluded."contactId", status = excluded.status, "providerStatus" = excluded."providerStatus",
      unrecognised = excluded.unrecognised, "canceledAt" = excluded."canceledAt", "canceledBy" = excluded."canceledBy",
      "canceledByType" = excluded."canceledByType", "cancelReason" = excluded."cancelReason",
      "noShowAt" = excluded."noShowAt", "rescheduledFromId" = excluded."rescheduledFromId",
      "rescheduledToId" = excluded."rescheduledToId", "rescheduledToEventId" = excluded."rescheduledToEventId",
      "movedFromAt" = excluded."movedFromAt", tracking = excluded.tracking, "organizerEmail" = excluded."organizerEmail",
      "organizerName" = excluded."organizerName", "providerCreatedAt" = excluded."providerCreatedAt",
      "providerUpdatedAt" = excluded."providerUpdatedAt", "asOf" = excluded."asOf", source = excluded.source,
      "lossSeenAt" = excluded."lossSeenAt", "updatedAt" = excluded."updatedAt",
      -- Another contact's now: like what an address linked, it is looked at again (R8). One that is gone was merged.
      "linkedBy" = CASE WHEN a."linkedBy" = 'contact' AND a."contactId" IS DISTINCT FROM excluded."contactId"
                         AND NOT EXISTS (SELECT 1 FROM "RememberedContact" c
                                         WHERE c."workspaceId" = a."workspaceId" AND c."contactId" = a."contactId" AND c.gone)
                        THEN 'email' ELSE a."linkedBy" END
    WHERE excluded."asOf" >= a."asOf"
    RETURNING a.id, a."providerId"`;
  return new Map(rows.map(({ providerId, id }) => [providerId, id]));
}

/** What a booking that is new counts as when nothing else is known of it: a chain or a copy may change that. */
function standAlone(record: AppointmentRecord, now: Date): Standing {
  return decideStanding(
    {
      ...record,
      id: record.providerId,
      mirrorOfId: null,
      attendanceMark: null,
      attendanceMarkAt: null,
      firstSeenAt: now,
      successorKnown: false,
      copyStatus: null,
    },
    now,
  );
}
