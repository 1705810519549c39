import type { Tx } from "#server/db/client.ts";
import type {
  LeadStatus,
  MeetingState,
  ResponseMode,
  Sentiment,
  Standing,
  TaskType,
} from "#server/db/generated/enums.ts";
import type { AppointmentFacts } from "./appointment-facts.ts";
import type { StandingFacts } from "./decide-standing.ts";
import type { TransitionFacts } from "./decide-transition.ts";

export type LeadRow = {
  id: string;
  status: LeadStatus;
  sentiment: Sentiment;
  responseMode: ResponseMode;
  meetingState: MeetingState;
  primaryId: string | null;
  mismatchKind: number | null;
  sharedBooking: boolean;
  hasOffers: boolean;
};

type AppointmentRow = AppointmentFacts &
  Pick<StandingFacts, "successorKnown" | "copyStatus"> & { leadId: string; standing: Standing | null };

export type LoadedLead = {
  row: LeadRow;
  facts: TransitionFacts;
  /** What each appointment counts as in its row, whoever wrote that. */
  standings: Map<string, Standing | null>;
};

/** Everything that `decideTransition` asks, for many leads at once: three statements, whatever their number. */
export async function loadTransitionFacts(
  tx: Tx,
  workspaceId: string,
  leadIds: string[],
  step: {
    createdIds: Set<string>;
    movedIds: Set<string>;
    skipSideEffects: boolean;
    accepted: boolean;
    now: Date;
  },
): Promise<LoadedLead[]> {
  const { sequences, ...policy } = await loadPolicy(tx, workspaceId);
  const leads = await loadLeads(tx, workspaceId, leadIds);
  const appointments = Map.groupBy(await loadAppointments(tx, workspaceId, leadIds), (a) => a.leadId);

  return leads.map(({ tasks, instances, ...row }) => {
    const own = appointments.get(row.id) ?? [];
    return {
      row,
      standings: new Map(own.map((a) => [a.id, a.standing])),
      facts: {
        lead: row,
        appointments: own,
        standingBefore: new Map(
          own.flatMap((a) =>
            a.standing === null || step.createdIds.has(a.id) ? [] : [[a.id, a.standing] as const],
          ),
        ),
        movedIds: step.movedIds,
        openTasks: tasks.filter((t) => t.isOpen),
        namedMeetingIds: new Set(
          tasks.filter((t) => t.type !== "meeting_rescheduled").flatMap((t) => t.presentLossIds),
        ),
        instances,
        sequences,
        policy,
        skipSideEffects: step.skipSideEffects,
        accepted: step.accepted,
        now: step.now,
      },
    };
  });
}

type PolicyRow = TransitionFacts["policy"] & Pick<TransitionFacts, "sequences">;

async function loadPolicy(tx: Tx, workspaceId: string): Promise<PolicyRow> {
  const [policy] = await tx.$queryRaw<PolicyRow[]>`
    SELECT "freshnessDays", "heldGateDays", "movedReview", paused,
           coalesce((SELECT jsonb_agg(jsonb_build_object('id', s.id, 'trigger', s.trigger)) FROM "FollowUpSequence" s
                     WHERE s."workspaceId" = w.id AND s.active), '[]') AS sequences
    FROM "Workspace" w WHERE id = ${workspaceId}::uuid`;
  if (!policy) throw new Error("A workspace that is being written to is gone.");
  return policy;
}

type TaskRow = {
  id: string;
  type: TaskType;
  isOpen: boolean;
  appointmentIds: string[];
  /** Of these, the ones that have not been restored and lost again since they were named. */
  presentLossIds: string[];
};

type InstanceRow = TransitionFacts["instances"][number];

/** Few leads have tasks or sequences: asked lead by lead inside the statement, no statistics can lead it astray. */
async function loadLeads(
  tx: Tx,
  workspaceId: string,
  leadIds: string[],
): Promise<(LeadRow & { tasks: TaskRow[]; instances: InstanceRow[] })[]> {
  return tx.$queryRaw`
    SELECT l.id, l.status, l.sentiment, l."responseMode", l."meetingState", l."primaryId", l."mismatchKind",
           l."sharedBooking",
           EXISTS (SELECT 1 FROM "SlotOffer" o WHERE o."leadId" = l.id AND o."clearedAt" IS NULL) AS "hasOffers",
           coalesce((
             SELECT jsonb_agg(jsonb_build_object(
               'id', t.id, 'type', t.type, 'isOpen', t.status IN ('pending', 'snoozed'),
               'appointmentIds', m.ids, 'presentLossIds', m."presentLossIds"))
             FROM "Task" t
             CROSS JOIN LATERAL (
               SELECT coalesce(jsonb_agg(m."appointmentId"), '[]') AS ids,
                      coalesce(jsonb_agg(m."appointmentId")
                                 FILTER (WHERE m."addedAt" >= coalesce(a."lossSeenAt", m."addedAt")), '[]') AS "presentLossIds"
               FROM "TaskMeeting" m LEFT JOIN "Appointment" a ON a.id = m."appointmentId"
               WHERE m."taskId" = t.id) m
             WHERE t."leadId" = l.id AND t.type IN ('meeting_canceled', 'meeting_no_show', 'meeting_rescheduled')
           ), '[]') AS tasks,
           coalesce((
             SELECT jsonb_agg(jsonb_build_object(
               'id', i.id, 'sequenceId', i."sequenceId", 'trigger', i.trigger, 'status', i.status, 'reason', i.reason))
             FROM "FollowUpInstance" i
             WHERE i."leadId" = l.id AND (i.status IN ('active', 'paused') OR i.trigger = 'meeting_booked')
           ), '[]') AS instances
    FROM "Lead" l
    WHERE l."workspaceId" = ${workspaceId}::uuid AND l.id = ANY(${leadIds}::uuid[]) ORDER BY l.id`;
}

async function loadAppointments(tx: Tx, workspaceId: string, leadIds: string[]): Promise<AppointmentRow[]> {
  return tx.$queryRaw<AppointmentRow[]>`
    SELECT a.id, a."leadId", a.provider, a."providerId", a.status, a."startAt", a."endAt", a."canceledAt",
           a."noShowAt", a."rescheduledFromId", a."rescheduledToId", a."movedFromAt", a."mirrorOfId",
           a."attendanceMark", a."attendanceMarkAt", a."providerCreatedAt", a."providerUpdatedAt", a."asOf", a.source, a."firstSeenAt",
           a."lossSeenAt", a.standing,
           (a.status <> 'vanished' AND (
             EXISTS (SELECT 1 FROM "Appointment" s
                     WHERE s."workspaceId" = ${workspaceId}::uuid AND s.provider = a.provider
                       AND s."rescheduledFromId" = a."providerId")
             OR a."rescheduledToId" IS NOT NULL AND EXISTS (
                        SELECT 1 FROM "Appointment" s
                        WHERE s."workspaceId" = ${workspaceId}::uuid AND s.provider = a.provider
                          AND s."providerId" = a."rescheduledToId"))) AS "successorKnown",
           (SELECT c.status FROM "Appointment" c
            WHERE c."mirrorOfId" = a.id AND c.status IN ('showed', 'no_show')
            ORDER BY c.status LIMIT 1) AS "copyStatus"
    FROM "Appointment" a
    WHERE a."leadId" = ANY(${leadIds}::uuid[])
    ORDER BY a."leadId", a."startAt", a."providerId"`;
}
