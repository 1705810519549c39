import { Prisma } from "#server/db/generated/client.ts";
import type { QueueSort } from "./queue-cursor.ts";

export const QUEUE_VIEWS = ["mine", "unclaimed", "all", "moved", "snoozed", "done_today"] as const;
export type QueueView = (typeof QUEUE_VIEWS)[number];

export type QueueMoment = {
  workspaceId: string;
  userId: string;
  now: Date;
  /** Start of the operator's day. */
  dayStart: Date;
  /** Zones of leads where it is between 9:00 and 18:00 at this moment. */
  callableZones: string[];
  /** Whether that holds for leads whose zone is unknown. */
  isUnknownCallable: boolean;
  /** Zones that the above was decided for; every other one counts as unknown. */
  knownZones: string[];
};

// Written out and not passed in, so that PostgreSQL can see that the partial index covers them.
export const IS_RED = Prisma.sql`t.type IN ('meeting_canceled', 'meeting_no_show', 'meeting_rescheduled')`;
const IS_OPEN = Prisma.sql`t.status IN ('pending', 'snoozed')`;
const IS_LOST = Prisma.sql`t.type IN ('meeting_canceled', 'meeting_no_show')`;

/** A claim that has run out holds nothing. */
function isHeld(now: Date): Prisma.Sql {
  return Prisma.sql`(t."ownerId" IS NOT NULL AND t."leaseUntil" > ${now}::timestamptz)`;
}

/** The tabs of the queue, as conditions over `t` ("Task"). */
export function queueViewSql(
  view: QueueView,
  { workspaceId, userId, now, dayStart }: QueueMoment,
): Prisma.Sql {
  const red = Prisma.sql`t."workspaceId" = ${workspaceId}::uuid AND ${IS_RED}`;
  switch (view) {
    case "mine":
      return Prisma.sql`${red} AND ${IS_OPEN} AND t."ownerId" = ${userId} AND t."leaseUntil" > ${now}::timestamptz`;
    case "unclaimed":
      return Prisma.sql`${red} AND ${IS_OPEN} AND t.status = 'pending' AND ${IS_LOST} AND NOT ${isHeld(now)}`;
    case "all":
      return Prisma.sql`${red} AND ${IS_OPEN} AND t.status = 'pending' AND ${IS_LOST}`;
    case "moved":
      return Prisma.sql`${red} AND ${IS_OPEN} AND t.type = 'meeting_rescheduled'`;
    case "snoozed":
      return Prisma.sql`${red} AND ${IS_OPEN} AND t.status = 'snoozed' AND ${IS_LOST}`;
    case "done_today":
      return Prisma.sql`${red} AND t."closedAt" >= ${dayStart}::timestamptz`;
    default:
      return view satisfies never;
  }
}

const LOST_AT = Prisma.sql`coalesce(loss.at, t."createdAt")`;

function epochMs(instant: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(extract(epoch FROM ${instant}) * 1000)::bigint`;
}

/**
 * One sort key per row, so that a page is `(key, id)` and nothing else. The queue's own order (R15's work first):
 * overdue before due, callable now before not, then the newest loss. Needs `t`, `l` ("Lead") and
 * the join of `queueLossSql` in scope.
 */
export function queueKeySql(sort: QueueSort, moment: QueueMoment): Prisma.Sql {
  switch (sort) {
    case "next": {
      const { now, callableZones, knownZones, isUnknownCallable } = moment;
      const callable = Prisma.sql`(CASE WHEN l.timezone = ANY(${knownZones}::text[])
        THEN l.timezone = ANY(${callableZones}::text[]) ELSE ${isUnknownCallable}::boolean END)`;
      const rank = Prisma.sql`(CASE WHEN t."dueAt" < ${now}::timestamptz THEN 0 ELSE 2 END
        + CASE WHEN ${callable} THEN 0 ELSE 1 END)`;
      // Ranks lie a thousand years apart, so a loss never reaches into the next one.
      return Prisma.sql`${rank} * 31556952000000::bigint - ${epochMs(LOST_AT)}`;
    }
    case "lead":
      return Prisma.sql`lower(concat_ws(' ', l."firstName", l."lastName", l.email)) COLLATE "C"`;
    case "lost":
      return epochMs(LOST_AT);
    case "was":
      return epochMs(Prisma.sql`coalesce(loss."startAt", t."createdAt")`);
    case "tries":
      return Prisma.sql`t.attempts::bigint`;
    case "due":
      return epochMs(Prisma.sql`t."dueAt"`);
    case "closed":
      return epochMs(Prisma.sql`coalesce(t."closedAt", t."updatedAt")`);
    default:
      return sort satisfies never;
  }
}

/** The lateral join that a sort's key reads `loss` from; only those sorts pay for it that need it. */
export function queueLossSql(sort: QueueSort): Prisma.Sql {
  switch (sort) {
    case "next":
    case "lost":
      return Prisma.sql`LEFT JOIN LATERAL (
        SELECT max(coalesce(m."lostAt", m."addedAt")) AS at FROM "TaskMeeting" m WHERE m."taskId" = t.id) loss ON true`;
    case "was":
      return Prisma.sql`LEFT JOIN LATERAL (
        SELECT max(a."startAt") AS "startAt" FROM "TaskMeeting" m JOIN "Appointment" a ON a.id = m."appointmentId"
        WHERE m."taskId" = t.id) loss ON true`;
    case "lead":
    case "tries":
    case "due":
    case "closed":
      return Prisma.empty;
    default:
      return sort satisfies never;
  }
}

/** The key as the cursor carries it. */
export function queueKeyParam(sort: QueueSort, key: string): Prisma.Sql {
  return sort === "lead" ? Prisma.sql`${key}::text COLLATE "C"` : Prisma.sql`${key}::bigint`;
}

/** Words anywhere in name, company or e-mail; digits anywhere in the phone number. */
export function queueFilterSql(text: string): Prisma.Sql {
  const trimmed = text.trim();
  if (trimmed === "") return Prisma.sql`true`;
  const pattern = `%${trimmed.replace(/[\\%_]/g, "\\$&")}%`;
  const digits = trimmed.replace(/[\s()+.-]/g, "");
  const byText = Prisma.sql`concat_ws(' ', l."firstName", l."lastName", l.company, l.email) ILIKE ${pattern}`;
  if (!/^\d{3,}$/.test(digits)) return byText;
  return Prisma.sql`(${byText} OR regexp_replace(l.phone, '\\D', '', 'g') LIKE ${`%${digits}%`})`;
}
