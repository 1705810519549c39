import type { Db } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import type {
  AppointmentStatus,
  Decision,
  LeadStatus,
  MeetingState,
  MismatchCause,
  Provider,
  Sentiment,
  Source,
} from "#server/db/generated/enums.ts";
import { kindOf } from "#server/mismatches/mismatch-kind.ts";
import { findVerifiedSince } from "#server/reconcile/coverage.ts";

export type StoredLead = {
  id: string;
  externalId: string | null;
  email: string;
  status: LeadStatus;
  sentiment: Sentiment;
  sentimentAt: Date;
  claimAt: Date | null;
  claimCheckedAt: Date | null;
  meetingState: MeetingState;
  primaryId: string | null;
  meetingProvider: Provider | null;
  meetingStatus: AppointmentStatus | null;
  meetingStartAt: Date | null;
  meetingEndAt: Date | null;
  meetingCanceledAt: Date | null;
  meetingBookedAt: Date | null;
  meetingSource: Source | null;
  meetingAsOf: Date | null;
  mismatchKind: number | null;
  mismatchCause: MismatchCause | null;
  causeKind: number | null;
  attendanceUnrecorded: boolean;
  decision: Decision | null;
  lookedUpAt: Date | null;
  updatedAt: Date;
};

const COLUMNS = Prisma.sql`
  l.id, l."externalId", l.email, l.status, l.sentiment, l."sentimentAt", l."claimAt", l."claimCheckedAt",
  l."meetingState", l."primaryId", l."meetingProvider", l."meetingStatus", l."meetingStartAt", l."meetingEndAt",
  l."meetingCanceledAt", l."meetingBookedAt", l."meetingSource", l."meetingAsOf", l."mismatchKind",
  l."mismatchCause", l."causeKind", l."attendanceUnrecorded", l.decision, l."lookedUpAt", l."updatedAt"`;

/** Leads as stored, the longest unchanged first, so that a reader who follows the cursor misses none. */
export async function selectLeads(db: Db, conditions: Prisma.Sql[], limit: number): Promise<StoredLead[]> {
  return db.$queryRaw<StoredLead[]>`
    SELECT ${COLUMNS} FROM "Lead" l WHERE ${Prisma.join(conditions, " AND ")}
    ORDER BY l."updatedAt", l.id LIMIT ${limit}`;
}

/** R22, R30: since when the whole workspace is verified; what every row's `lastCheckedAt` is made of. */
export function loadCoverage(db: Db, workspaceId: string, now: Date): Promise<Date | null> {
  return findVerifiedSince(db, workspaceId, now);
}

/** A lead as programs see it: what is said, what the providers say, and how well that is known. */
export function toLeadRow(lead: StoredLead, coverage: Date | null) {
  return {
    id: lead.id,
    externalId: lead.externalId,
    email: lead.email,
    status: lead.status,
    sentiment: lead.sentiment,
    sentimentAt: lead.sentimentAt,
    /** R1: what was held counts as booked. */
    booked: lead.meetingState === "booked" || lead.meetingState === "held",
    meeting: {
      state: lead.meetingState,
      appointmentId: lead.primaryId,
      provider: lead.meetingProvider,
      status: lead.meetingStatus,
      startAt: lead.meetingStartAt,
      endAt: lead.meetingEndAt,
      canceledAt: lead.meetingCanceledAt,
      bookedAt: lead.meetingBookedAt,
      source: lead.meetingSource,
      asOf: lead.meetingAsOf,
    },
    mismatch: mismatchOf(lead),
    /** R22: a claim that no complete check has overtaken is unknown, not wrong. */
    claimChecked: lead.claimAt !== null && lead.claimCheckedAt !== null && lead.claimCheckedAt > lead.claimAt,
    lastCheckedAt: later(lead.lookedUpAt, coverage),
  };
}

/** What a person decided to keep is no mismatch until new evidence comes (R23). */
function mismatchOf(lead: StoredLead) {
  const { mismatchCause, causeKind, decision } = lead;
  const kind = kindOf(lead);
  if (kind === null || decision === "keep" || decision === "link") return null;
  return { kind, cause: causeKind === kind ? mismatchCause : null };
}

function later(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}
