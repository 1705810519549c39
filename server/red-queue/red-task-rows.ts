import type { Db, Tx } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import type {
  Provider,
  TaskOutcome,
  TaskStatus,
  TaskType,
  TimezoneSource,
} from "#server/db/generated/enums.ts";
import { decideCallable } from "./decide-callable.ts";
import { decideLoss, type LossKind } from "./decide-loss.ts";
import { IS_RED } from "./queue-order.ts";
import { type RedKind, redKindOf } from "./red-task.ts";

/** One row of the red queue: everything a setter decides by before dialing. */
export type RedTaskRow = {
  id: string;
  version: number;
  type: TaskType;
  red: RedKind;
  status: TaskStatus;
  dueAt: Date;
  createdAt: Date;
  attempts: number;
  /** Tries that the workspace allows; the last one closes the task. */
  attemptLimit: number;
  lastOutcome: TaskOutcome | null;
  lastOutcomeAt: Date | null;
  awaitsEvidence: boolean;
  closedAt: Date | null;
  closedReason: string | null;
  closedByName: string | null;
  /** Who holds or held the claim; it holds while `leaseUntil` lies ahead. */
  owner: { id: string; name: string } | null;
  leaseUntil: Date | null;
  lead: {
    id: string;
    name: string;
    company: string | null;
    phone: string | null;
    timezone: string | null;
    timezoneSource: TimezoneSource;
    /** The meeting that stands now, for a task that evidence closed or that moved. */
    nextMeetingAt: Date | null;
  };
  happened: {
    kind: LossKind;
    provider: Provider | null;
    at: Date;
    /** The reason in somebody's own words. */
    quote: string | null;
    /** When the lost meeting was, or the moved one used to be. */
    wasAt: Date | null;
  };
  meetings: number;
  callable: { isCallable: boolean; changesAt: Date };
};

type Raw = {
  id: string;
  version: number;
  type: TaskType;
  status: TaskStatus;
  dueAt: Date;
  createdAt: Date;
  attempts: number;
  attemptLimit: number;
  lastOutcome: TaskOutcome | null;
  lastOutcomeAt: Date | null;
  awaitsEvidence: boolean;
  closedAt: Date | null;
  closedReason: string | null;
  closedByName: string | null;
  ownerId: string | null;
  ownerName: string | null;
  leaseUntil: Date | null;
  leadId: string;
  firstName: string | null;
  lastName: string | null;
  email: string;
  company: string | null;
  phone: string | null;
  timezone: string | null;
  timezoneSource: TimezoneSource;
  nextMeetingAt: Date | null;
  line: string | null;
  lineAt: Date | null;
  provider: Provider | null;
  startAt: Date | null;
  movedFromAt: Date | null;
  predecessorStartAt: Date | null;
  canceledByType: string | null;
  cancelReason: string | null;
  meetings: number | null;
};

/**
 * The rows of a page, from `page` (a query of `id` and `key`), in one statement. The newest lost meeting speaks for the
 * task; the others are counted.
 */
export function redTaskRowsSql(page: Prisma.Sql, order: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    SELECT p.key::text AS key, t.id, t.version, t.type, t.status, t."dueAt", t."createdAt", t.attempts, w."attemptLimit", t."lastOutcome",
           t."lastOutcomeAt", t."awaitsEvidence", t."closedAt", t."closedReason", c.name AS "closedByName", t."ownerId",
           o.name AS "ownerName", t."leaseUntil", t."leadId", l."firstName", l."lastName", l.email, l.company, l.phone,
           l.timezone, l."timezoneSource",
           CASE WHEN l."meetingState" = 'booked' THEN l."meetingStartAt" END AS "nextMeetingAt",
           m.kind AS line, m."lineAt", m.provider, m."startAt", m."movedFromAt", m."predecessorStartAt",
           m."canceledByType", m."cancelReason", m.meetings
    FROM (${page}) p
    JOIN "Task" t ON t.id = p.id
    JOIN "Lead" l ON l.id = t."leadId"
    JOIN "Workspace" w ON w.id = t."workspaceId"
    LEFT JOIN "User" o ON o.id = t."ownerId"
    LEFT JOIN "User" c ON c.id = t."closedById"
    LEFT JOIN LATERAL (
      SELECT m.kind, coalesce(m."lostAt", m."addedAt") AS "lineAt", a.provider, a."startAt", a."movedFromAt",
             a."canceledByType", a."cancelReason", count(*) OVER ()::int AS meetings,
             (SELECT b."startAt" FROM "Appointment" b
              WHERE b."workspaceId" = a."workspaceId" AND b.provider = a.provider
                AND b."providerId" = a."rescheduledFromId") AS "predecessorStartAt"
      FROM "TaskMeeting" m JOIN "Appointment" a ON a.id = m."appointmentId"
      WHERE m."taskId" = t.id
      ORDER BY coalesce(m."lostAt", m."addedAt") DESC, a."startAt" DESC, a.id
      LIMIT 1
    ) m ON true
    ${order}`;
}

export type KeyedRow = Raw & { key: string };

export function mapRedTaskRow(raw: Raw, workspaceZone: string, now: Date): RedTaskRow {
  const red = redKindOf(raw.type) ?? "lost";
  const loss = decideLoss({
    line: raw.line ?? (red === "moved" ? "moved" : "canceled"),
    provider: raw.provider ?? "calendly",
    canceledByType: raw.canceledByType,
    cancelReason: raw.cancelReason,
  });
  const { isCallable, changesAt } = decideCallable({ leadZone: raw.timezone, workspaceZone }, now);
  return {
    id: raw.id,
    version: raw.version,
    type: raw.type,
    red,
    status: raw.status,
    dueAt: raw.dueAt,
    createdAt: raw.createdAt,
    attempts: raw.attempts,
    attemptLimit: raw.attemptLimit,
    lastOutcome: raw.lastOutcome,
    lastOutcomeAt: raw.lastOutcomeAt,
    awaitsEvidence: raw.awaitsEvidence,
    closedAt: raw.closedAt,
    closedReason: raw.closedReason,
    closedByName: raw.closedByName,
    owner: raw.ownerId ? { id: raw.ownerId, name: raw.ownerName ?? "Somebody" } : null,
    leaseUntil: raw.leaseUntil,
    lead: {
      id: raw.leadId,
      name: [raw.firstName, raw.lastName].filter(Boolean).join(" ") || raw.email,
      company: raw.company,
      phone: raw.phone,
      timezone: raw.timezone,
      timezoneSource: raw.timezoneSource,
      nextMeetingAt: raw.nextMeetingAt,
    },
    happened: {
      ...loss,
      provider: raw.provider,
      at: raw.lineAt ?? raw.createdAt,
      wasAt: red === "moved" ? (raw.movedFromAt ?? raw.predecessorStartAt) : raw.startAt,
    },
    meetings: raw.meetings ?? 0,
    callable: { isCallable, changesAt },
  };
}

/** These tasks whatever their tab, for rows on screen that left the list they are shown in. */
export async function loadRedTaskRows(
  db: Db | Tx,
  { workspaceId, workspaceZone, now }: { workspaceId: string; workspaceZone: string; now: Date },
  ids: string[],
): Promise<RedTaskRow[]> {
  if (ids.length === 0) return [];
  const page = Prisma.sql`
    SELECT t.id, 0 AS key FROM "Task" t
    WHERE t.id = ANY(${ids}::uuid[]) AND t."workspaceId" = ${workspaceId}::uuid AND ${IS_RED}`;
  const rows = await db.$queryRaw<KeyedRow[]>(redTaskRowsSql(page, Prisma.sql`ORDER BY t.id`));
  return rows.map((row) => mapRedTaskRow(row, workspaceZone, now));
}
