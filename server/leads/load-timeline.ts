import { TRANSITION_VERBS } from "#server/audit/transition-verbs.ts";
import type { Db, Tx } from "#server/db/client.ts";
import type { ActorKind, AppointmentStatus, Provider, Source } from "#server/db/generated/enums.ts";

/** One line of a lead's story, newest first. */
export type TimelineEntry = {
  id: string;
  /** A provider says, the conversation says, or somebody did something here. */
  basis: "evidence" | "claim" | "act";
  /** Evidence: the kind of change. Claim: the sentiment, or `status`. Act: the verb of the audit. */
  kind: string;
  /** When it happened, as far as anybody says. */
  at: Date;
  /** Evidence: as of when we know it, and how. */
  asOf: Date | null;
  source: Source | null;
  provider: Provider | null;
  meeting: {
    id: string;
    startAt: Date;
    title: string | null;
    organizerName: string | null;
    canceledByType: string | null;
    quote: string | null;
    movedFromAt: Date | null;
  } | null;
  /** Act: who; null when Bookproof itself did. */
  actorName: string | null;
  actorKind: ActorKind | null;
  /** Act: what changed, `status` or an outcome. */
  from: string | null;
  to: string | null;
  reason: string | null;
};

/**
 * Evidence of all the lead's meetings, with what the conversation claims. `acts` adds what rules and people did about
 * it: everybody's, or (R42, "audit: own") those of one person only.
 */
export async function loadTimeline(
  db: Db | Tx,
  { workspaceId, leadId }: { workspaceId: string; leadId: string },
  options: { limit: number; acts: "none" | "all" | { ofUserId: string } },
): Promise<TimelineEntry[]> {
  const entries = [
    ...(await loadEvidence(db, workspaceId, leadId, options.limit)),
    ...(await loadClaim(db, workspaceId, leadId)),
    ...(options.acts === "none"
      ? []
      : await loadActs(db, { workspaceId, leadId }, options.acts, options.limit)),
  ];
  return entries
    .sort((a, b) => b.at.getTime() - a.at.getTime() || placeOf(b) - placeOf(a))
    .slice(0, options.limit);
}

const EFFECTS: ReadonlySet<string> = new Set(TRANSITION_VERBS);

/** At one instant: what was said or done, what became evidence by it, what followed. */
function placeOf({ basis, kind }: TimelineEntry): number {
  if (basis === "evidence") return 1;
  return basis === "act" && EFFECTS.has(kind) ? 2 : 0;
}

const NOTHING = {
  asOf: null,
  source: null,
  provider: null,
  meeting: null,
  actorName: null,
  actorKind: null,
  from: null,
  to: null,
  reason: null,
};

type ChangeRow = {
  id: string;
  appointmentId: string;
  at: Date;
  kind: string;
  fromStatus: AppointmentStatus | null;
  toStatus: AppointmentStatus;
  asOf: Date;
  source: Source;
  provider: Provider;
  title: string | null;
  startAt: Date;
  organizerName: string | null;
  canceledAt: Date | null;
  canceledByType: string | null;
  cancelReason: string | null;
  noShowAt: Date | null;
  movedFromAt: Date | null;
  providerCreatedAt: Date | null;
  markedBy: string | null;
};

async function loadEvidence(
  db: Db | Tx,
  workspaceId: string,
  leadId: string,
  limit: number,
): Promise<TimelineEntry[]> {
  const rows = await db.$queryRaw<ChangeRow[]>`
    SELECT c.id::text AS id, c."appointmentId", c.at, c.kind, c."fromStatus", c."toStatus", c."asOf", c.source, a.provider,
           a.title, a."startAt", a."organizerName", a."canceledAt", a."canceledByType", a."cancelReason", a."noShowAt",
           a."movedFromAt", a."providerCreatedAt", u.name AS "markedBy"
    FROM "Appointment" a
    JOIN "AppointmentChange" c ON c."appointmentId" = a.id
    LEFT JOIN "User" u ON c.kind = 'marked' AND u.id = a."attendanceMarkById"
    WHERE a."leadId" = ${leadId}::uuid AND a."workspaceId" = ${workspaceId}::uuid AND c.kind <> 'updated'
    ORDER BY c.id DESC LIMIT ${limit}`;
  return rows.flatMap((row) => [toEvidence(row), ...toEarlierBooking(row)]);
}

function toEvidence(row: ChangeRow): TimelineEntry {
  return {
    ...NOTHING,
    id: `change:${row.id}`,
    basis: "evidence",
    kind: row.kind,
    at: eventTime(row),
    asOf: row.asOf,
    source: row.source,
    provider: row.provider,
    meeting: {
      id: row.appointmentId,
      startAt: row.startAt,
      title: row.title,
      organizerName: row.organizerName,
      canceledByType: row.canceledByType,
      quote: row.kind === "canceled" ? quoteOf(row) : null,
      movedFromAt: row.kind === "moved" ? row.movedFromAt : null,
    },
    actorName: row.markedBy,
    from: row.fromStatus,
    to: row.toStatus,
  };
}

/** Said of a booking whose own entry stands beside it, or which is that entry. */
const NEVER_FIRST = ["booked", "marked", "linked", "unlinked"];

/** A booking that we met only after its loss was booked all the same: its provider says when. */
function toEarlierBooking(row: ChangeRow): TimelineEntry[] {
  const isFirst = row.fromStatus === null && !NEVER_FIRST.includes(row.kind);
  if (!isFirst || row.providerCreatedAt === null) return [];
  return [{ ...toEvidence({ ...row, kind: "booked" }), id: `booking:${row.id}` }];
}

function eventTime(row: ChangeRow): Date {
  switch (row.kind) {
    case "booked":
      return row.providerCreatedAt ?? row.at;
    case "canceled":
    case "rescheduled":
      return row.canceledAt ?? row.at;
    case "no_show":
      return row.noShowAt ?? row.at;
    default:
      return row.at;
  }
}

/** HighLevel's states are our words, not the lead's. */
function quoteOf({ provider, cancelReason }: ChangeRow): string | null {
  if (provider === "highlevel") return null;
  return cancelReason?.trim() || null;
}

async function loadClaim(db: Db | Tx, workspaceId: string, leadId: string): Promise<TimelineEntry[]> {
  const lead = await db.lead.findFirst({
    where: { id: leadId, workspaceId },
    select: { sentiment: true, sentimentAt: true, claimAt: true, lastMessageChannel: true },
  });
  if (!lead) return [];
  if (lead.sentiment !== "new") {
    return [{ ...NOTHING, id: "claim", basis: "claim", kind: lead.sentiment, at: lead.sentimentAt }];
  }
  if (lead.claimAt === null) return [];
  return [{ ...NOTHING, id: "claim", basis: "claim", kind: "status", at: lead.claimAt }];
}

type AuditRow = {
  id: string;
  at: Date;
  verb: string;
  actorKind: ActorKind;
  actorName: string | null;
  source: Source;
  reason: string | null;
  before: { status?: string } | null;
  after: { status?: string; outcome?: string; mark?: string } | null;
};

/** Claims on tasks are traffic, and transitions that left the status alone say no more than the evidence beside them. */
async function loadActs(
  db: Db | Tx,
  { workspaceId, leadId }: { workspaceId: string; leadId: string },
  whose: "all" | { ofUserId: string },
  limit: number,
): Promise<TimelineEntry[]> {
  const onlyUserId = whose === "all" ? null : whose.ofUserId;
  const rows = await db.$queryRaw<AuditRow[]>`
    SELECT e.id::text AS id, e.at, e.verb, e."actorKind", u.name AS "actorName", e.source, e.reason, e.before, e.after
    FROM "AuditEntry" e LEFT JOIN "User" u ON u.id = e."actorId"
    WHERE e."leadId" = ${leadId}::uuid AND e."workspaceId" = ${workspaceId}::uuid
      AND (${onlyUserId}::text IS NULL OR e."actorKind" <> 'operator' OR e."actorId" = ${onlyUserId})
      AND e.verb NOT IN ('task_claimed', 'task_released', 'attendance_marked')
      AND (e."subjectType" <> 'lead' OR e.before IS NULL OR e.before->>'status' IS DISTINCT FROM e.after->>'status'
           OR e.before->>'sentiment' IS DISTINCT FROM e.after->>'sentiment')
    ORDER BY e.id DESC LIMIT ${limit}`;
  return rows.map((row) => ({
    ...NOTHING,
    id: `audit:${row.id}`,
    basis: "act",
    kind: row.verb,
    at: row.at,
    source: row.source,
    actorName: row.actorName,
    actorKind: row.actorKind,
    from: row.before?.status ?? null,
    to: row.after?.outcome ?? row.after?.status ?? null,
    reason: row.reason,
  }));
}
