import type { Tx } from "#server/db/client.ts";
import { addDays, startOfUtcDay } from "#server/lib/duration.ts";
import type { CauseAppointment, CauseFacts } from "./decide-cause.ts";

type LeadRow = CauseFacts["lead"] & { id: string; kind: number };

/** Incidents during which bookings could go by unseen. */
const OUTAGE_KINDS = ["dead_feed", "connection_failing"];

/** What `decideCause` asks, for a page of leads at once: seven statements, whatever their number. */
export async function loadCauseFacts(
  tx: Tx,
  workspaceId: string,
  leadIds: string[],
  now: Date,
): Promise<{ leadId: string; kind: number; facts: CauseFacts }[]> {
  const workspace = await tx.workspace.findUniqueOrThrow({
    where: { id: workspaceId },
    select: { lookbackDays: true, lookaheadDays: true },
  });
  const today = startOfUtcDay(now);
  const window = {
    from: addDays(today, -workspace.lookbackDays),
    to: addDays(today, workspace.lookaheadDays + 1),
  };
  const connections = await tx.connection.findMany({
    where: { workspaceId },
    select: { provider: true, state: true, fullScope: true, stateSince: true, failures: true },
  });
  const outages = [
    ...(await loadOutages(tx, workspaceId)),
    ...connections
      .filter(
        (c) => c.state === "retrying" || c.state === "action_needed" || (c.state !== "off" && c.failures > 0),
      )
      .map((c) => ({ from: c.stateSince, to: null })),
  ];
  const appointments = Map.groupBy(await loadAppointments(tx, workspaceId, leadIds), (a) => a.leadId);
  const suggested = await findSuggestedLeads(tx, workspaceId, leadIds);
  const leads = await tx.$queryRaw<LeadRow[]>`
    SELECT l.id, l."mismatchKind" AS kind, l.status, l."statusAt", l."statusSource", l."meetingState", l."claimAt",
           l."mismatchSince", l."meetingChangedAt", l."lostAt", l."linkSentAt",
           EXISTS (SELECT 1 FROM "LeadContact" c WHERE c."leadId" = l.id) AS "hasContactId"
    FROM "Lead" l
    WHERE l."workspaceId" = ${workspaceId}::uuid AND l.id = ANY(${leadIds}::uuid[]) AND l."mismatchKind" IS NOT NULL`;
  return leads.map(({ id, kind, ...lead }) => ({
    leadId: id,
    kind,
    facts: {
      lead,
      appointments: appointments.get(id) ?? [],
      connections,
      outages,
      hasSuggestedBooking: suggested.has(id),
      window,
    },
  }));
}

async function loadOutages(tx: Tx, workspaceId: string): Promise<CauseFacts["outages"]> {
  const incidents = await tx.incident.findMany({
    where: { workspaceId, kind: { in: OUTAGE_KINDS } },
    select: { firstSeenAt: true, closedAt: true },
  });
  return incidents.map(({ firstSeenAt, closedAt }) => ({ from: firstSeenAt, to: closedAt }));
}

async function loadAppointments(
  tx: Tx,
  workspaceId: string,
  leadIds: string[],
): Promise<(CauseAppointment & { leadId: string })[]> {
  return tx.$queryRaw`
    SELECT a."leadId", a.id, a.provider, a.status, a."startAt", a."mirrorOfId",
           coalesce(a."providerCreatedAt", a."firstSeenAt") AS "bookedAt",
           CASE WHEN a.status = 'rescheduled' THEN coalesce(s.place, 'unknown') END AS successor
    FROM "Appointment" a
    LEFT JOIN LATERAL (
      SELECT CASE WHEN bool_or(b."leadId" IS NOT NULL) THEN 'linked' WHEN count(*) > 0 THEN 'unmatched' END AS place
      FROM "Appointment" b
      WHERE a.status = 'rescheduled' AND b."workspaceId" = ${workspaceId}::uuid AND b.provider = a.provider
        AND (b."providerId" = a."rescheduledToId" OR b."rescheduledFromId" = a."providerId")) s ON true
    WHERE a."leadId" = ANY(${leadIds}::uuid[])`;
}

/**
 * Leads whom a booking without a lead looks like: by name, by phone number, or by an address that several leads share
 * (R13). Three joins on equality, since one with OR would compare everybody with everything.
 */
async function findSuggestedLeads(tx: Tx, workspaceId: string, leadIds: string[]): Promise<Set<string>> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    WITH person AS (
      SELECT l.id, l."emailKey",
             nullif(trim(lower(coalesce(l."firstName", '') || ' ' || coalesce(l."lastName", ''))), '') AS name,
             right(regexp_replace(l.phone, '\\D', '', 'g'), 10) AS phone
      FROM "Lead" l WHERE l."workspaceId" = ${workspaceId}::uuid AND l.id = ANY(${leadIds}::uuid[])
    ), booking AS (
      SELECT a."attendeeKey", a.ambiguous, trim(lower(a."attendeeName")) AS name,
             right(regexp_replace(a."attendeePhone", '\\D', '', 'g'), 10) AS phone
      FROM "Appointment" a
      WHERE a."workspaceId" = ${workspaceId}::uuid AND a."leadId" IS NULL AND a.status IN ('confirmed', 'showed')
    )
    SELECT p.id FROM person p JOIN booking b ON b.name = p.name
    UNION SELECT p.id FROM person p JOIN booking b ON b.phone = p.phone AND length(p.phone) >= 7
    UNION SELECT p.id FROM person p JOIN booking b ON b."attendeeKey" = p."emailKey" AND b.ambiguous`;
  return new Set(rows.map(({ id }) => id));
}
