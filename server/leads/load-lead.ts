import { mayDo } from "#server/auth/permissions.ts";
import type { Db } from "#server/db/client.ts";
import type { Deps } from "#server/deps.ts";
import { notFound } from "#server/lib/errors.ts";
import { findVerifiedSince } from "#server/reconcile/coverage.ts";
import { markInForce } from "#server/reconcile/decide-standing.ts";
import { loadRedTaskRows, type RedTaskRow } from "#server/red-queue/red-task-rows.ts";
import { decideExplanation } from "./decide-explanation.ts";
import type { Explanation } from "./explanation.ts";
import { requireVisibleLead, type Viewer } from "./lead-scope.ts";
import { loadTimeline, type TimelineEntry } from "./load-timeline.ts";
import { loadVerifiedFrom } from "./load-verified-from.ts";
import { displayName } from "./queries.ts";

const TIMELINE_ENTRIES = 200;

export type LeadPageFacts = Awaited<ReturnType<typeof loadFacts>> & {
  explanation: Explanation;
  timeline: TimelineEntry[];
  tasks: RedTaskRow[];
  /** When everything that could hold a meeting of this lead was last asked (R30). */
  lastCheckedAt: Date | null;
  asOf: Date;
};

/** Everything that the lead page shows: the answer first, then what it rests on. */
export async function loadLead(
  { db, clock }: Pick<Deps, "db" | "clock">,
  viewer: Viewer & { workspaceZone: string },
  leadId: string,
): Promise<LeadPageFacts> {
  await requireVisibleLead(db, viewer, leadId);
  const { workspaceId, workspaceZone } = viewer;
  const now = clock.now();
  const facts = await loadFacts(db, workspaceId, leadId);
  const { lead, appointments } = facts;
  const connections = await db.connection.findMany({
    where: { workspaceId, state: { not: "off" } },
    select: { provider: true, fullScope: true },
    orderBy: { provider: "asc" },
  });
  const lastCheckedAt = later(lead.lookedUpAt, await findVerifiedSince(db, workspaceId, now));
  const taskIds = await db.task.findMany({
    where: {
      leadId,
      workspaceId,
      type: { in: ["meeting_canceled", "meeting_no_show", "meeting_rescheduled"] },
    },
    select: { id: true },
    orderBy: { createdAt: "desc" },
    take: 20,
  });
  const tasks = await loadRedTaskRows(
    db,
    { workspaceId, workspaceZone, now },
    taskIds.map(({ id }) => id),
  );
  return {
    ...facts,
    instances: mayDo(viewer.role, "sequences.see") ? facts.instances : [],
    explanation: decideExplanation({
      lead,
      appointments,
      connections,
      lastCheckedAt,
      verifiedFrom: await loadVerifiedFrom(db, workspaceId, now),
    }),
    timeline: await loadTimeline(
      db,
      { workspaceId, leadId },
      {
        limit: TIMELINE_ENTRIES,
        acts: mayDo(viewer.role, "audit.all") ? "all" : { ofUserId: viewer.userId },
      },
    ),
    tasks: tasks.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime()),
    lastCheckedAt,
    asOf: now,
  };
}

async function loadFacts(db: Db, workspaceId: string, leadId: string) {
  const row = await db.lead.findFirst({
    where: { id: leadId, workspaceId },
    include: {
      aliases: { select: { emailKey: true, source: true } },
      contacts: { select: { contactId: true } },
      appointments: { orderBy: [{ startAt: "desc" }, { id: "asc" }] },
      instances: {
        orderBy: { startedAt: "desc" },
        take: 20,
        include: { sequence: { select: { name: true } } },
      },
    },
  });
  if (!row) throw notFound("Lead");
  const assignee = row.assignedToId
    ? await db.user.findUnique({ where: { id: row.assignedToId }, select: { name: true } })
    : null;
  return {
    lead: {
      id: row.id,
      version: row.version,
      name: displayName(row),
      email: row.email,
      aliases: row.aliases.map(({ emailKey }) => emailKey),
      contactIds: row.contacts.map(({ contactId }) => contactId),
      company: row.company,
      phone: row.phone,
      timezone: row.timezone,
      timezoneSource: row.timezoneSource,
      externalId: row.externalId,
      status: row.status,
      statusAt: row.statusAt,
      statusSource: row.statusSource,
      sentiment: row.sentiment,
      sentimentAt: row.sentimentAt,
      claimAt: row.claimAt,
      claimCheckedAt: row.claimCheckedAt,
      claimUnverified: row.claimUnverified ?? false,
      meetingState: row.meetingState,
      primaryId: row.primaryId,
      lostAt: row.lostAt,
      sharedBooking: row.sharedBooking,
      mismatchKind: row.mismatchKind,
      badContactAt: row.badContactAt,
      lastInboundAt: row.lastInboundAt,
      lastMessageAt: row.lastMessageAt,
      lastMessageDirection: row.lastMessageDirection,
      lookedUpAt: row.lookedUpAt,
      assignedToName: assignee?.name ?? null,
    },
    appointments: row.appointments.map((a) => ({
      id: a.id,
      provider: a.provider,
      providerId: a.providerId,
      title: a.title,
      status: a.status,
      providerStatus: a.providerStatus,
      unrecognised: a.unrecognised,
      standing: a.standing,
      startAt: a.startAt,
      endAt: a.endAt,
      canceledAt: a.canceledAt,
      canceledByType: a.canceledByType,
      cancelReason: a.cancelReason,
      rescheduledFromId: a.rescheduledFromId,
      rescheduledToId: a.rescheduledToId,
      movedFromAt: a.movedFromAt,
      mirrorOfId: a.mirrorOfId,
      attendanceMark: markInForce(a),
      onConfiguredType: a.onConfiguredType,
      organizerName: a.organizerName,
      linkedBy: a.linkedBy,
      attendeeEmail: a.attendeeEmail,
      source: a.source,
      asOf: a.asOf,
    })),
    instances: row.instances.map((i) => ({
      id: i.id,
      name: i.sequence.name,
      trigger: i.trigger,
      status: i.status,
      startedAt: i.startedAt,
      endedAt: i.endedAt,
      reason: i.reason,
    })),
  };
}

function later(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}
