import type { Tx } from "#server/db/client.ts";
import type {
  InstanceStatus,
  LeadStatus,
  MeetingState,
  ResponseMode,
  Sentiment,
  SequenceTrigger,
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
};

type AppointmentRow = AppointmentFacts &
  Pick<StandingFacts, "successorKnown" | "copyStatus"> & { leadId: string; standing: Standing | null };

export type LoadedLead = { row: LeadRow; facts: TransitionFacts };

/** Everything that `decideTransition` asks, for many leads at once: six statements, whatever their number. */
export async function loadTransitionFacts(
  tx: Tx,
  workspaceId: string,
  leadIds: string[],
  step: { movedIds: Set<string>; skipSideEffects: boolean; accepted: boolean; now: Date },
): Promise<LoadedLead[]> {
  const policy = await tx.workspace.findUniqueOrThrow({
    where: { id: workspaceId },
    select: { freshnessDays: true, heldGateDays: true, movedReview: true, paused: true },
  });
  const sequences = await tx.followUpSequence.findMany({
    where: { workspaceId, active: true },
    select: { id: true, trigger: true },
  });
  const leads = await tx.$queryRaw<LeadRow[]>`
    SELECT id, status, sentiment, "responseMode", "meetingState", "primaryId", "mismatchKind",
           "sharedBooking"
    FROM "Lead" WHERE "workspaceId" = ${workspaceId}::uuid AND id = ANY(${leadIds}::uuid[]) ORDER BY id`;
  const appointments = groupByLead(await loadAppointments(tx, workspaceId, leadIds));
  const tasks = groupByLead(await loadTasks(tx, leadIds));
  const instances = groupByLead(await loadInstances(tx, leadIds));

  return leads.map((row) => {
    const own = appointments.get(row.id) ?? [];
    const ownTasks = tasks.get(row.id) ?? [];
    return {
      row,
      facts: {
        lead: row,
        appointments: own,
        standingBefore: new Map(
          own.flatMap((a) => (a.standing === null ? [] : [[a.id, a.standing] as const])),
        ),
        movedIds: step.movedIds,
        openTasks: ownTasks.filter((t) => t.isOpen),
        namedMeetingIds: new Set(
          ownTasks.filter((t) => t.type !== "meeting_rescheduled").flatMap((t) => t.presentLossIds),
        ),
        instances: instances.get(row.id) ?? [],
        sequences,
        policy,
        skipSideEffects: step.skipSideEffects,
        accepted: step.accepted,
        now: step.now,
      },
    };
  });
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
             OR EXISTS (SELECT 1 FROM "Appointment" s
                        WHERE s."workspaceId" = ${workspaceId}::uuid AND s.provider = a.provider
                          AND s."providerId" = a."rescheduledToId"))) AS "successorKnown",
           (SELECT c.status FROM "Appointment" c
            WHERE c."mirrorOfId" = a.id AND c.status IN ('showed', 'no_show')
            ORDER BY c.status LIMIT 1) AS "copyStatus"
    FROM "Appointment" a
    WHERE a."leadId" = ANY(${leadIds}::uuid[])
    ORDER BY a."leadId", a."startAt", a."providerId"`;
}

type TaskRow = {
  leadId: string;
  id: string;
  type: TaskType;
  isOpen: boolean;
  appointmentIds: string[];
  /** Of these, the ones that have not been restored and lost again since they were named. */
  presentLossIds: string[];
};

async function loadTasks(tx: Tx, leadIds: string[]): Promise<TaskRow[]> {
  return tx.$queryRaw<TaskRow[]>`
    SELECT t."leadId", t.id, t.type, t.status IN ('pending', 'snoozed') AS "isOpen",
           coalesce(array_agg(m."appointmentId"::text) FILTER (WHERE m."appointmentId" IS NOT NULL), '{}') AS "appointmentIds",
           coalesce(array_agg(m."appointmentId"::text)
                      FILTER (WHERE m."addedAt" >= coalesce(a."lossSeenAt", m."addedAt")), '{}') AS "presentLossIds"
    FROM "Task" t
    LEFT JOIN "TaskMeeting" m ON m."taskId" = t.id
    LEFT JOIN "Appointment" a ON a.id = m."appointmentId"
    WHERE t."leadId" = ANY(${leadIds}::uuid[])
      AND t.type IN ('meeting_canceled', 'meeting_no_show', 'meeting_rescheduled')
    GROUP BY t.id`;
}

type InstanceRow = {
  leadId: string;
  id: string;
  sequenceId: string;
  trigger: SequenceTrigger;
  status: InstanceStatus;
  reason: string | null;
};

async function loadInstances(tx: Tx, leadIds: string[]): Promise<InstanceRow[]> {
  return tx.$queryRaw<InstanceRow[]>`
    SELECT "leadId", id, "sequenceId", trigger, status, reason FROM "FollowUpInstance"
    WHERE "leadId" = ANY(${leadIds}::uuid[]) AND (status IN ('active', 'paused') OR trigger = 'meeting_booked')`;
}

function groupByLead<T extends { leadId: string }>(rows: T[]): Map<string, T[]> {
  return Map.groupBy(rows, (row) => row.leadId);
}
