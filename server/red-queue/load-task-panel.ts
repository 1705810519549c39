import type { Db } from "#server/db/client.ts";
import type { LeadStatus, Provider, Sentiment } from "#server/db/generated/enums.ts";
import type { Deps } from "#server/deps.ts";
import { loadTimeline, type TimelineEntry } from "#server/leads/load-timeline.ts";
import { notFound } from "#server/lib/errors.ts";
import type { Worker } from "./claim-task.ts";
import { decideOutcomeEffects, type Outcome, type OutcomeEffect } from "./decide-outcome.ts";
import { loadOutcomeFacts } from "./load-outcome-facts.ts";
import { loadRedTaskRows, type RedTaskRow } from "./red-task-rows.ts";

const EVENTS = 5;
const AUDIT_ENTRIES = 20;

export type TaskPanel = {
  task: RedTaskRow;
  lead: {
    email: string;
    status: LeadStatus;
    sentiment: Sentiment;
    /** The conversation says booked since; null when it does not. */
    claimAt: Date | null;
    badContactAt: Date | null;
  };
  timeline: TimelineEntry[];
  /** What each outcome would do, as its button says. */
  effects: { outcome: Outcome; effect: OutcomeEffect }[];
  /** Meetings of this lead that stand: what "re-booked" links. */
  liveMeetings: { id: string; provider: Provider; startAt: Date; title: string | null }[];
  /** The workspace's booking link for leads; null when none is set. */
  bookingLink: string | null;
  audit: { id: string; verb: string; at: Date; actorName: string | null; outcome: string | null }[];
  asOf: Date;
};

/** Everything beside the list for one task. */
export async function loadTaskPanel(
  { db, clock }: Pick<Deps, "db" | "clock">,
  worker: Worker,
  taskId: string,
): Promise<TaskPanel> {
  const now = clock.now();
  const { workspaceId } = worker;
  const [task] = await loadRedTaskRows(db, { ...worker, now }, [taskId]);
  if (!task) throw notFound("Task");
  const leadId = task.lead.id;
  const lead = await db.lead.findUniqueOrThrow({
    where: { id: leadId },
    select: { email: true, status: true, sentiment: true, claimAt: true, badContactAt: true },
  });
  const { calendlySchedulingLink } = await db.workspace.findUniqueOrThrow({
    where: { id: workspaceId },
    select: { calendlySchedulingLink: true },
  });
  const facts = await loadOutcomeFacts(db, { ...task, leadId }, { workspaceId, now });
  const liveMeetings = await db.appointment.findMany({
    where: { id: { in: facts.liveMeetingIds } },
    select: { id: true, provider: true, startAt: true, title: true },
    orderBy: [{ startAt: "asc" }, { id: "asc" }],
  });
  return {
    task,
    lead,
    timeline: await loadTimeline(db, { workspaceId, leadId }, { limit: EVENTS, acts: "none" }),
    effects: decideOutcomeEffects(facts),
    liveMeetings,
    bookingLink: calendlySchedulingLink,
    audit: await loadTaskAudit(db, workspaceId, taskId),
    asOf: now,
  };
}

async function loadTaskAudit(db: Db, workspaceId: string, taskId: string): Promise<TaskPanel["audit"]> {
  return db.$queryRaw<TaskPanel["audit"]>`
    SELECT e.id::text AS id, e.verb, e.at, u.name AS "actorName", e.after->>'outcome' AS outcome
    FROM "AuditEntry" e LEFT JOIN "User" u ON u.id = e."actorId"
    WHERE e."subjectType" = 'task' AND e."subjectId" = ${taskId} AND e."workspaceId" = ${workspaceId}::uuid
    ORDER BY e.id DESC LIMIT ${AUDIT_ENTRIES}`;
}
