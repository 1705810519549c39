import type { Db } from "#server/db/client.ts";

/**
 * What a world has come to, without the ids and moments that differ from one run to the next, and without who was first
 * to learn of something. Rows are sorted, and every effect is there as often as it happened.
 */
export async function readOutcome(db: Db) {
  const [appointments, leads, tasks, instances, changes, audit] = await Promise.all([
    db.$queryRaw<object[]>`
      SELECT w.name AS workspace, a."attendeeEmail" AS who, a."startAt", a.provider::text, a.status::text,
             a.standing::text, l.email AS lead, a."rescheduledFromId" IS NOT NULL AS "isSuccessor",
             a."rescheduledToId" IS NOT NULL AS "isSucceeded", a."mirrorOfId" IS NOT NULL AS "isCopy"
      FROM "Appointment" a JOIN "Workspace" w ON w.id = a."workspaceId" LEFT JOIN "Lead" l ON l.id = a."leadId"
      ORDER BY 1, 2, 3, 4`,
    db.$queryRaw<object[]>`
      SELECT w.name AS workspace, l.email, l.status::text, l.sentiment::text, l."meetingState"::text,
             l."meetingStatus"::text, l."meetingStartAt", l."mismatchKind"
      FROM "Lead" l JOIN "Workspace" w ON w.id = l."workspaceId" ORDER BY 1, 2`,
    db.$queryRaw<object[]>`
      SELECT w.name AS workspace, l.email, t.type::text, t.status::text, t."closedReason", count(m.*)::int AS meetings
      FROM "Task" t JOIN "Lead" l ON l.id = t."leadId" JOIN "Workspace" w ON w.id = t."workspaceId"
      LEFT JOIN "TaskMeeting" m ON m."taskId" = t.id GROUP BY t.id, 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4`,
    db.$queryRaw<object[]>`
      SELECT w.name AS workspace, l.email, i.trigger::text, i.status::text, i.reason
      FROM "FollowUpInstance" i JOIN "Lead" l ON l.id = i."leadId" JOIN "Workspace" w ON w.id = i."workspaceId"
      ORDER BY 1, 2, 3, 4`,
    db.$queryRaw<object[]>`
      SELECT w.name AS workspace, a."attendeeEmail" AS who, a."startAt", c.kind, c."toStatus"::text AS status,
             count(*)::int AS times
      FROM "AppointmentChange" c JOIN "Appointment" a ON a.id = c."appointmentId"
      JOIN "Workspace" w ON w.id = a."workspaceId" GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`,
    db.$queryRaw<object[]>`
      SELECT w.name AS workspace, l.email, e.verb, count(*)::int AS times
      FROM "AuditEntry" e JOIN "Workspace" w ON w.id = e."workspaceId" JOIN "Lead" l ON l.id = e."leadId"
      GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
  ]);
  return { appointments, leads, tasks, instances, changes, audit };
}
