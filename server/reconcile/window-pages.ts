import type { Tx } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import type { Deps } from "#server/deps.ts";
import type { AppointmentReading } from "#server/providers/appointment-reading.ts";
import { type ApplyCounts, applyReadings } from "./apply-readings.ts";
import type { Step } from "./converge-leads.ts";
import type { OpenConnection } from "./open-connection.ts";
import { readCalendlyPage } from "./read-calendly-page.ts";
import { readHighLevelPage } from "./read-highlevel-page.ts";
import type { Window } from "./window.ts";
import type { WatermarkRow, WindowPage } from "./window-page.ts";

/**
 * Reads the next page of a window at the provider, outside any transaction. `cursor` is null for the first. A
 * page that Calendly's limit cuts short is answered as far as it was read (`cutShort`), and `alreadyRead` passes over
 * what an earlier try has read of it; HighLevel's are whole or not there.
 */
export async function readWindowPage(
  deps: Pick<Deps, "db" | "clock">,
  open: OpenConnection,
  window: Window,
  cursor: string | null,
  alreadyRead?: ReadonlySet<string>,
): Promise<WindowPage> {
  return open.provider === "calendly"
    ? readCalendlyPage(deps, open, window, cursor, alreadyRead)
    : readHighLevelPage(deps, open, window, cursor);
}

/**
 * Saves a page in the caller's transaction, next to the caller's own position and progress: contacts, then the
 * road, then watermarks, so that an event counts as read only when its people are saved.
 */
export async function saveWindowPage(
  tx: Tx,
  open: OpenConnection,
  page: WindowPage,
  step: Omit<Step, "workspaceId"> & { backfillId?: string },
): Promise<ApplyCounts> {
  const { workspaceId, id: connectionId } = open.row;
  await saveContacts(tx, workspaceId, page.contacts);
  const counts = await applyReadings(tx, await keepEvidence(tx, open, page), {
    ...step,
    workspaceId,
    connectionId,
    configuredTypes: open.configuredTypes,
  });
  await saveWatermarks(tx, connectionId, page.watermarks);
  return counts;
}

/**
 * R10: with strict event types, bookings on other types are no evidence. What is evidence already is followed to its end,
 * also where its type was left out since.
 */
async function keepEvidence(tx: Tx, open: OpenConnection, { readings }: Pick<WindowPage, "readings">) {
  const { configuredTypes, strictEventTypes, provider, row } = open;
  if (!strictEventTypes || configuredTypes === null) return readings;
  const isChosen = (r: AppointmentReading) => r.calendarId !== null && configuredTypes.has(r.calendarId);
  const others = readings.filter((r) => !isChosen(r)).map((r) => r.providerId);
  if (others.length === 0) return readings;
  const rows = await tx.appointment.findMany({
    where: { workspaceId: row.workspaceId, provider, providerId: { in: others } },
    select: { providerId: true },
  });
  const known = new Set(rows.map((a) => a.providerId));
  return readings.filter((r) => isChosen(r) || known.has(r.providerId));
}

/**
 * Remembers contacts as they were read, newer over older. When somebody writes to a contact under its additional address,
 * HighLevel puts that in place of its own and forgets it: the person is still who it was, so that the lost one goes on
 * counting until the contact gets an address that was never its.
 */
export async function saveContacts(
  tx: Tx,
  workspaceId: string,
  contacts: WindowPage["contacts"],
): Promise<void> {
  if (contacts.length === 0) return;
  const rows = JSON.stringify(
    contacts.map(({ email, additionalEmails, updatedAt, ...contact }) => ({
      ...contact,
      emails: [...(email ? [email] : []), ...additionalEmails],
      providerUpdatedAt: updatedAt,
    })),
  );
  await tx.$executeRaw`
    INSERT INTO "RememberedContact" AS c
      ("workspaceId", "contactId", emails, name, phone, timezone, "providerUpdatedAt", "readAt", gone)
    SELECT DISTINCT ON (r."contactId") ${workspaceId}::uuid, r."contactId",
           ARRAY(SELECT jsonb_array_elements_text(r.emails)), r.name, r.phone, r.timezone, r."providerUpdatedAt",
           r."readAt", r.gone
    FROM jsonb_to_recordset(${rows}::jsonb) AS r(
      "contactId" text, emails jsonb, name text, phone text, timezone text, "providerUpdatedAt" timestamptz,
      "readAt" timestamptz, gone boolean)
    ON CONFLICT ("workspaceId", "contactId") DO UPDATE SET
      "formerEmails" = ${FORMER_EMAILS},
      emails = excluded.emails
        || ARRAY(SELECT f.email FROM unnest(${FORMER_EMAILS}) AS f(email) WHERE f.email <> ALL(excluded.emails)),
      name = excluded.name, phone = excluded.phone,
      timezone = coalesce(excluded.timezone, c.timezone), "providerUpdatedAt" = excluded."providerUpdatedAt",
      "readAt" = excluded."readAt", gone = excluded.gone
    WHERE excluded."readAt" >= c."readAt"`;
}

const FORMER_EMAILS = Prisma.sql`
  CASE WHEN excluded.emails[1] <> ALL(c.emails) THEN ARRAY[]::text[]
       WHEN excluded.emails[1] = ANY(c.emails[2:]) AND c.emails[1] <> ALL(excluded.emails)
       THEN array_append(c."formerEmails", c.emails[1])
       ELSE c."formerEmails" END`;

async function saveWatermarks(tx: Tx, connectionId: string, watermarks: WatermarkRow[]): Promise<void> {
  if (watermarks.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO "EventWatermark" AS w ("connectionId", "eventId", "providerUpdatedAt", "inviteesTotal",
                                       "inviteesActive", "startAt", "endAt", "inviteesReadAt", "shortReads")
    SELECT DISTINCT ON (r."eventId") ${connectionId}::uuid, r.*
    FROM jsonb_to_recordset(${JSON.stringify(watermarks)}::jsonb) AS r(
      "eventId" text, "providerUpdatedAt" timestamptz, "inviteesTotal" int, "inviteesActive" int,
      "startAt" timestamptz, "endAt" timestamptz, "inviteesReadAt" timestamptz, "shortReads" int)
    ON CONFLICT ("connectionId", "eventId") DO UPDATE SET
      "providerUpdatedAt" = excluded."providerUpdatedAt", "inviteesTotal" = excluded."inviteesTotal",
      "inviteesActive" = excluded."inviteesActive", "startAt" = excluded."startAt", "endAt" = excluded."endAt",
      "inviteesReadAt" = excluded."inviteesReadAt", "shortReads" = excluded."shortReads"
    WHERE excluded."inviteesReadAt" >= w."inviteesReadAt"`;
}
