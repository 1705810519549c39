import { addDays } from "#server/lib/duration.ts";
import type { WorldPlan } from "./model.ts";
import type { World } from "./open-world.ts";
import { type Expected, judgeWorld } from "./oracle.ts";

/** Everything that is not as the rules want it, in sentences; each world is small enough to be read as a whole. */
export async function checkWorld(world: World, plan: WorldPlan): Promise<string[]> {
  const { db, clock } = world.lane;
  const { workspaceId } = world;
  const rows = await db.appointment.findMany({ where: { workspaceId } });
  const leads = await db.lead.findMany({
    where: { workspaceId },
    include: { tasks: { include: { meetings: true } }, instances: true },
  });
  const now = clock.now();
  const judgement = judgeWorld(
    world.chronicle.bookings,
    world.leads,
    rows.map((row) => ({
      ...row,
      startMs: row.startAt.getTime(),
      canceledMs: row.canceledAt?.getTime() ?? null,
      lossSeenMs: row.lossSeenAt?.getTime() ?? null,
    })),
    now.getTime(),
  );
  const complaints = [...judgement.complaints, ...(await checkHistory(world))];
  for (const lead of leads) {
    const expected = judgement.leads.get(lead.id);
    if (!expected) continue;
    const linkedIds = rows.filter((row) => row.leadId === lead.id).map((row) => row.providerId);
    const found = {
      state: lead.meetingState,
      primaryId: rows.find((row) => row.id === lead.primaryId)?.providerId ?? null,
      startMs: lead.meetingStartAt?.getTime() ?? null,
      isShared: lead.sharedBooking,
      linkedIds: linkedIds.sort(),
    };
    const name = `lead ${world.leads.findIndex(({ id }) => id === lead.id)}`;
    for (const key of Object.keys(found) as (keyof typeof found)[]) {
      const [is, should] = [JSON.stringify(found[key]), JSON.stringify(expected[key])];
      if (is !== should) complaints.push(`${name}: ${key} is ${is}, should be ${should}`);
    }
    complaints.push(...checkEffects(lead, expected, plan, now).map((text) => `${name}: ${text}`));
  }
  return complaints;
}

type LeadWithWork = {
  status: string;
  tasks: {
    type: string;
    status: string;
    meetings: { appointmentId: string; lostAt: Date | null; addedAt: Date }[];
  }[];
  instances: { sequenceId: string; trigger: string; status: string }[];
};

/** R14, R15, R17, R18, R19, R26. */
function checkEffects(lead: LeadWithWork, expected: Expected, plan: WorldPlan, now: Date): string[] {
  const complaints: string[] = [];
  const { state, openLoss, hasVanished } = expected;
  const isBooked = state === "booked" || state === "held";
  const isLost = state === "canceled" || state === "no_show";

  if (isBooked && lead.status !== "meeting_booked")
    complaints.push(`${state}, and its status ${lead.status}`);
  // A vanished meeting leaves the status to a person (R20a).
  if (isLost && !hasVanished && lead.status === "meeting_booked")
    complaints.push(`${state}, and its status meeting_booked`);

  const lostTasks = lead.tasks.filter((t) => t.type === "meeting_canceled" || t.type === "meeting_no_show");
  const open = lostTasks.filter((t) => t.status === "pending" || t.status === "snoozed");
  if (open.length > 1) complaints.push(`${open.length} open tasks for lost meetings`);
  if (open.length > 0 && state === "booked") complaints.push("red although it is booked");
  for (const task of open) {
    if (!task.meetings.some((m) => expected.lostRowIds.includes(m.appointmentId))) {
      complaints.push("an open task that names no lost meeting");
    }
  }
  const isFresh = openLoss !== null && openLoss.lostMs >= addDays(now, -plan.freshnessDays).getTime();
  // Which meeting it names is another matter: evidence may have answered that one once, and not the ones after it.
  if (isFresh && open.length === 0) complaints.push(`${state}, and no open task says so`);
  for (const { lostAt, addedAt } of lostTasks.flatMap((t) => t.meetings)) {
    if (lostAt && lostAt < addDays(addedAt, -plan.freshnessDays)) {
      complaints.push("a task for a loss that was history when it was found");
    }
  }

  const running = lead.instances.filter((i) => i.status === "active" || i.status === "paused");
  const sequences = new Set(running.map((i) => i.sequenceId));
  if (sequences.size < running.length) complaints.push("in one sequence twice");
  const wrong = running.filter((i) => i.trigger !== "meeting_booked");
  if (isBooked && wrong.length > 0) complaints.push(`${state}, and still in ${wrong.map((i) => i.trigger)}`);
  const postBooking = running.filter((i) => i.trigger === "meeting_booked");
  if (state === "booked" && postBooking.length !== 1)
    complaints.push("booked, and in no post-booking sequence");
  if (isLost && !hasVanished && postBooking.length > 0) {
    complaints.push(`${state}, and still in the post-booking sequence`);
  }
  return complaints;
}

/** R20: what each change says it came from is what the change before it came to. */
async function checkHistory({ lane, workspaceId }: World): Promise<string[]> {
  const changes = await lane.db.appointmentChange.findMany({
    where: { workspaceId },
    orderBy: { id: "asc" },
    include: { appointment: { select: { provider: true, providerId: true, status: true } } },
  });
  const complaints: string[] = [];
  for (const [, own] of Map.groupBy(changes, (change) => change.appointmentId)) {
    const { provider, providerId, status } = own[0]?.appointment ?? {};
    const name = `${provider} ${providerId}`;
    const steps = own.filter(({ kind }) => kind !== "linked" && kind !== "unlinked");
    for (const [at, change] of steps.entries()) {
      const before = steps[at - 1];
      const from = before?.toStatus ?? null;
      if (change.fromStatus !== from) {
        complaints.push(`${name}: history goes on from ${change.fromStatus} where it stood at ${from}`);
      }
      if (before && sayWhat(before) === sayWhat(change))
        complaints.push(`${name}: history says ${change.kind} twice`);
    }
    const last = steps.at(-1)?.toStatus;
    if (last !== status) complaints.push(`${name}: history ends at ${last}, and the row says ${status}`);
  }
  return complaints;
}

function sayWhat({ kind, fromStatus, toStatus, diff, asOf }: Record<string, unknown>): string {
  return JSON.stringify([kind, fromStatus, toStatus, diff, asOf]);
}

type Row = Record<string, unknown> & { table: string };

/** Every row that a pass which finds nothing new must leave alone, and how long history and audit are. */
export async function photographWorld({ lane, workspaceId }: World): Promise<Map<string, Row>> {
  const rows = await lane.db.$queryRaw<{ key: string; row: Row }[]>`
    SELECT a.id::text AS key, to_jsonb(a) || jsonb_build_object('table', 'appointment', 'xmin', a.xmin::text) AS row
    FROM "Appointment" a WHERE a."workspaceId" = ${workspaceId}::uuid
    UNION ALL
    SELECT l.id::text, to_jsonb(l) || '{"table": "lead"}' FROM "Lead" l WHERE l."workspaceId" = ${workspaceId}::uuid
    UNION ALL
    SELECT t.id::text, jsonb_build_object('table', 'task', 'xmin', t.xmin::text, 'lines',
                                          (SELECT count(*) FROM "TaskMeeting" m WHERE m."taskId" = t.id))
    FROM "Task" t WHERE t."workspaceId" = ${workspaceId}::uuid
    UNION ALL
    SELECT i.id::text, jsonb_build_object('table', 'instance', 'xmin', i.xmin::text)
    FROM "FollowUpInstance" i WHERE i."workspaceId" = ${workspaceId}::uuid
    UNION ALL
    SELECT 'history', jsonb_build_object('table', 'history', 'count', count(*))
    FROM "AppointmentChange" WHERE "workspaceId" = ${workspaceId}::uuid
    UNION ALL
    SELECT 'audit', jsonb_build_object('table', 'audit', 'count', count(*))
    FROM "AuditEntry" WHERE "workspaceId" = ${workspaceId}::uuid`;
  return new Map(rows.map(({ key, row }) => [key, row]));
}

/** What a pass wrote although it found nothing new, by table and column. */
export function compareWorlds(before: Map<string, Row>, after: Map<string, Row>): string[] {
  return [...after].flatMap(([key, row]) => {
    const old = before.get(key);
    if (!old) return [`a second clean pass made a ${row.table}`];
    const moved = Object.keys(row).filter((name) => JSON.stringify(row[name]) !== JSON.stringify(old[name]));
    // The first pass may have set a status that claims a meeting; the second one is the first to check it (R22).
    const wasChecked = old.claimCheckedAt && String(old.claimCheckedAt) > String(row.claimAt);
    const isClaimStamp = moved.includes("claimCheckedAt") && !wasChecked;
    const rest = moved.filter((name) => !(isClaimStamp && STAMPED.includes(name)));
    return rest.length > 0 ? [`a second clean pass wrote ${rest.join(", ")} of a ${row.table}`] : [];
  });
}

const STAMPED = [
  "claimCheckedAt",
  "claimUnverified",
  "mismatchKind",
  "mismatchSince",
  "version",
  "updatedAt",
];
