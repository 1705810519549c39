import { z } from "zod";
import type { Db } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import { type AppointmentStatus, Provider, type Source } from "#server/db/generated/enums.ts";
import type { Deps } from "#server/deps.ts";
import { notFound } from "#server/lib/errors.ts";
import { lastSegment } from "#server/providers/calendly/uri.ts";
import { pageQuery, readCursor, toPage } from "../page.ts";
import { yesOrNo } from "../yes-or-no.ts";

type StoredAppointment = {
  id: string;
  leadId: string | null;
  provider: Provider;
  providerId: string;
  eventId: string;
  status: AppointmentStatus;
  providerStatus: string;
  startAt: Date;
  endAt: Date;
  canceledAt: Date | null;
  canceledBy: string | null;
  cancelReason: string | null;
  rescheduledFromId: string | null;
  rescheduledToId: string | null;
  attendanceMark: AppointmentStatus | null;
  attendeeEmail: string | null;
  organizerEmail: string | null;
  source: Source;
  asOf: Date;
  firstSeenAt: Date;
};

export const appointmentQuery = z.object({
  ...pageQuery,
  leadId: z.uuid().optional(),
  unmatched: yesOrNo.optional(),
  /** A Calendly invitee's whole address does as well as its id. */
  providerId: z.string().trim().min(1).max(500).transform(lastSegment).optional(),
});

type AppointmentQuery = z.output<typeof appointmentQuery>;

/** By provider and its id: the one order that never changes under a reader. */
export async function listAppointments(
  { db, clock }: Pick<Deps, "db" | "clock">,
  workspaceId: string,
  query: AppointmentQuery,
) {
  const asOf = clock.now();
  const found = await selectAppointments(db, conditionsOf(workspaceId, query), query.limit + 1);
  return toPage(
    "appointments",
    found,
    { limit: query.limit, asOf },
    { place: (row) => [row.provider, row.providerId], map: toAppointmentRow },
  );
}

export async function loadAppointmentsOf(db: Db, workspaceId: string, leadId: string) {
  const conditions = [
    Prisma.sql`a."workspaceId" = ${workspaceId}::uuid`,
    Prisma.sql`a."leadId" = ${leadId}::uuid`,
  ];
  const rows = await selectAppointments(db, conditions, 1_000);
  return rows.sort((a, b) => a.startAt.getTime() - b.startAt.getTime()).map(toAppointmentRow);
}

/** The workspace's own booking as a row; a foreign id is not found (R42). */
export async function findAppointmentRow(db: Db, workspaceId: string, id: string) {
  const [row] = await selectAppointments(
    db,
    [Prisma.sql`a."workspaceId" = ${workspaceId}::uuid`, Prisma.sql`a.id = ${id}::uuid`],
    1,
  );
  if (!row) throw notFound("Meeting");
  return toAppointmentRow(row);
}

async function selectAppointments(
  db: Db,
  conditions: Prisma.Sql[],
  limit: number,
): Promise<StoredAppointment[]> {
  return db.$queryRaw<StoredAppointment[]>`
    SELECT a.id, a."leadId", a.provider, a."providerId", a."eventId", a.status, a."providerStatus", a."startAt",
           a."endAt", a."canceledAt", a."canceledBy", a."cancelReason", a."rescheduledFromId", a."rescheduledToId",
           -- One that was given before the meeting was moved ahead speaks of another time.
           CASE WHEN a."attendanceMarkAt" < a."endAt" THEN NULL ELSE a."attendanceMark" END AS "attendanceMark",
           a."attendeeEmail", a."organizerEmail", a.source, a."asOf", a."firstSeenAt"
    FROM "Appointment" a WHERE ${Prisma.join(conditions, " AND ")}
    ORDER BY a.provider, a."providerId" LIMIT ${limit}`;
}

function conditionsOf(workspaceId: string, query: AppointmentQuery): Prisma.Sql[] {
  const conditions = [Prisma.sql`a."workspaceId" = ${workspaceId}::uuid`];
  if (query.leadId) conditions.push(Prisma.sql`a."leadId" = ${query.leadId}::uuid`);
  if (query.providerId) conditions.push(Prisma.sql`a."providerId" = ${query.providerId}`);
  // R11: where event types are chosen, a stranger's booking on another one is nobody's business here.
  if (query.unmatched === true) conditions.push(Prisma.sql`a."leadId" IS NULL AND a."onConfiguredType"`);
  if (query.unmatched === false) conditions.push(Prisma.sql`a."leadId" IS NOT NULL`);
  const after = readCursor("appointments", query.cursor, z.enum(Provider), z.string());
  if (after) {
    conditions.push(Prisma.sql`(a.provider, a."providerId") > (${after[0]}::"Provider", ${after[1]})`);
  }
  return conditions;
}

function toAppointmentRow({ attendanceMark, ...row }: StoredAppointment) {
  return {
    id: row.id,
    leadId: row.leadId,
    provider: row.provider,
    providerId: row.providerId,
    eventId: row.eventId,
    status: row.status,
    providerStatus: row.providerStatus,
    startAt: row.startAt,
    endAt: row.endAt,
    canceledAt: row.canceledAt,
    canceledBy: row.canceledBy,
    cancelReason: row.cancelReason,
    rescheduledFromId: row.rescheduledFromId,
    rescheduledToId: row.rescheduledToId,
    /** R6: the provider's word, else an operator's mark. */
    noShow: row.status === "no_show" || (row.status === "confirmed" && attendanceMark === "no_show"),
    attendeeEmail: row.attendeeEmail,
    organizerEmail: row.organizerEmail,
    source: row.source,
    asOf: row.asOf,
    firstSeenAt: row.firstSeenAt,
  };
}
