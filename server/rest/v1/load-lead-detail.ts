import { TRANSITION_VERBS } from "#server/audit/transition-verbs.ts";
import type { Db } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import type { InstanceStatus, SequenceTrigger, Source } from "#server/db/generated/enums.ts";
import type { Deps } from "#server/deps.ts";
import { notFound } from "#server/lib/errors.ts";
import { loadAppointmentsOf } from "./appointment-rows.ts";
import { loadCoverage, selectLeads, toLeadRow } from "./lead-rows.ts";
import { loadTasksOf } from "./task-rows.ts";

type ReadDeps = Pick<Deps, "db" | "clock">;

/** The workspace's own lead as a row; a foreign id is not found (R42). */
export async function findLeadRow({ db, clock }: ReadDeps, workspaceId: string, leadId: string) {
  const [lead] = await selectLeads(
    db,
    [Prisma.sql`l."workspaceId" = ${workspaceId}::uuid`, Prisma.sql`l.id = ${leadId}::uuid`],
    1,
  );
  if (!lead) throw notFound("Lead");
  return toLeadRow(lead, await loadCoverage(db, workspaceId, clock.now()));
}

/** Everything that is known of one lead: its row, its evidence with its history, its work and its sequences. */
export async function loadLeadDetail(deps: ReadDeps, workspaceId: string, leadId: string) {
  const row = await findLeadRow(deps, workspaceId, leadId);
  const { db } = deps;
  const now = deps.clock.now();
  const [appointments, history, tasks, instances, aliases] = await Promise.all([
    loadAppointmentsOf(db, workspaceId, leadId),
    loadHistory(db, workspaceId, leadId),
    loadTasksOf(db, workspaceId, leadId, now),
    loadInstances(db, workspaceId, leadId),
    loadAliases(db, workspaceId, leadId),
  ]);
  return { ...row, appointments, history, tasks, instances, aliases, asOf: now };
}

type HistoryRow = {
  at: Date;
  kind: string;
  appointmentId: string | null;
  from: unknown;
  to: unknown;
  asOf: Date | null;
  source: Source;
  reason: string | null;
};

/** The newest entries count when there are more. */
const MAX_HISTORY = 1_000;

/** What happened to its appointments, and what was decided about it, in order; at one instant causes before effects. */
async function loadHistory(db: Db, workspaceId: string, leadId: string): Promise<HistoryRow[]> {
  const rows = await db.$queryRaw<HistoryRow[]>`
    SELECT at, kind, "appointmentId", "from", "to", "asOf", source, reason FROM (
      SELECT c.at, c.kind, c."appointmentId", to_jsonb(c."fromStatus") AS "from", to_jsonb(c."toStatus") AS "to",
             c."asOf", c.source, c.reason, 1 AS place, c.id
      FROM "AppointmentChange" c WHERE c."leadId" = ${leadId}::uuid AND c."workspaceId" = ${workspaceId}::uuid
      UNION ALL
      SELECT e.at, e.verb, NULL, e.before, e.after, NULL, e.source, e.reason,
             CASE WHEN e.verb = ANY(${[...TRANSITION_VERBS]}) THEN 2 ELSE 0 END, e.id
      FROM "AuditEntry" e WHERE e."leadId" = ${leadId}::uuid AND e."workspaceId" = ${workspaceId}::uuid
    ) all_entries
    ORDER BY at DESC, place DESC, id DESC LIMIT ${MAX_HISTORY}`;
  return rows.reverse();
}

type InstanceRow = {
  id: string;
  sequenceId: string;
  sequence: string;
  trigger: SequenceTrigger;
  status: InstanceStatus;
  startedAt: Date;
  endedAt: Date | null;
  nextStepAt: Date | null;
  reason: string | null;
};

function loadInstances(db: Db, workspaceId: string, leadId: string): Promise<InstanceRow[]> {
  return db.$queryRaw<InstanceRow[]>`
    SELECT i.id, i."sequenceId", s.name AS sequence, i.trigger, i.status, i."startedAt", i."endedAt", i."nextStepAt",
           i.reason
    FROM "FollowUpInstance" i JOIN "FollowUpSequence" s ON s.id = i."sequenceId"
    WHERE i."leadId" = ${leadId}::uuid AND i."workspaceId" = ${workspaceId}::uuid
    ORDER BY i."startedAt", i.id`;
}

async function loadAliases(db: Db, workspaceId: string, leadId: string) {
  const rows = await db.leadAlias.findMany({ where: { workspaceId, leadId }, orderBy: { emailKey: "asc" } });
  return rows.map(({ emailKey, source, createdAt }) => ({ email: emailKey, source, createdAt }));
}
