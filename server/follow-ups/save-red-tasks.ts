import type { Tx } from "#server/db/client.ts";
import type { TaskType } from "#server/db/generated/enums.ts";
import { addMs, DAY_MS, HOUR_MS } from "#server/lib/duration.ts";

export type MeetingLine = {
  appointmentId: string;
  kind: "canceled" | "no_show" | "moved";
  lostAt: Date | null;
};

export type RedTaskEffect =
  | { effect: "open_task"; leadId: string; type: TaskType; lines: MeetingLine[] }
  | { effect: "add_lines"; leadId: string; taskId: string; lines: MeetingLine[] }
  | { effect: "close_task"; leadId: string; taskId: string; reason: string };

/** A loss of the last day wants a call within the hour, an older one can wait a little; a moved meeting wants a look. */
const DUE_AFTER_MS = { fresh: HOUR_MS, older: 4 * HOUR_MS, moved: DAY_MS };

/**
 * Opens, extends and closes red tasks as transitions decided. A lead keeps one open task for lost meetings and one
 * for moved ones (R15, R16); a second is forbidden by unique indexes, whatever the order of events.
 */
export async function saveRedTasks(
  tx: Tx,
  { workspaceId, now }: { workspaceId: string; now: Date },
  effects: RedTaskEffect[],
): Promise<{ created: string[]; closed: string[]; touched: string[] }> {
  const opened = effects.filter((e) => e.effect === "open_task");
  const added = effects.filter((e) => e.effect === "add_lines");
  const created = await openTasks(tx, workspaceId, now, opened);
  const taskOf = new Map(created.map(({ id, leadId, isMove }) => [`${leadId} ${isMove}`, id]));
  const lines = [
    ...opened.flatMap((e) => linesOf(taskOf.get(`${e.leadId} ${e.type === "meeting_rescheduled"}`), e.lines)),
    ...added.flatMap((e) => linesOf(e.taskId, e.lines)),
  ];
  await addLines(tx, now, lines);
  await wakeForNewLoss(tx, now, added);
  const closed = await closeTasks(
    tx,
    now,
    effects.filter((e) => e.effect === "close_task"),
  );
  const createdIds = created.map(({ id }) => id);
  return { created: createdIds, closed, touched: [...createdIds, ...added.map((e) => e.taskId), ...closed] };
}

function linesOf(taskId: string | undefined, lines: MeetingLine[]) {
  return taskId === undefined ? [] : lines.map((line) => ({ taskId, ...line }));
}

async function openTasks(
  tx: Tx,
  workspaceId: string,
  now: Date,
  opened: { leadId: string; type: TaskType; lines: MeetingLine[] }[],
): Promise<{ id: string; leadId: string; isMove: boolean }[]> {
  if (opened.length === 0) return [];
  const rows = JSON.stringify(
    opened.map(({ leadId, type, lines }) => ({
      leadId,
      type,
      dueAt: addMs(now, DUE_AFTER_MS[urgencyOf(type, lines, now)]),
    })),
  );
  return tx.$queryRaw`
    INSERT INTO "Task" ("workspaceId", "leadId", type, "dueAt", "createdAt", "updatedAt")
    SELECT ${workspaceId}::uuid, r."leadId", r.type, r."dueAt", ${now}::timestamptz, ${now}::timestamptz
    FROM jsonb_to_recordset(${rows}::jsonb) AS r("leadId" uuid, type "TaskType", "dueAt" timestamptz)
    ON CONFLICT DO NOTHING
    RETURNING id, "leadId", type = 'meeting_rescheduled' AS "isMove"`;
}

/** A further loss does not wait for a snooze to end; a task in somebody's hands goes on undisturbed. */
async function wakeForNewLoss(
  tx: Tx,
  now: Date,
  added: { taskId: string; lines: MeetingLine[] }[],
): Promise<void> {
  const taskIds = added.filter((e) => e.lines.some((line) => line.kind !== "moved")).map((e) => e.taskId);
  if (taskIds.length === 0) return;
  await tx.$executeRaw`
    UPDATE "Task" SET
      status = 'pending', "awaitsEvidence" = false, "dueAt" = least("dueAt", ${addMs(now, DUE_AFTER_MS.fresh)}::timestamptz),
      version = version + 1, "updatedAt" = ${now}::timestamptz
    WHERE id = ANY(${taskIds}::uuid[]) AND status = 'snoozed'`;
}

function urgencyOf(type: TaskType, lines: MeetingLine[], now: Date): keyof typeof DUE_AFTER_MS {
  if (type === "meeting_rescheduled") return "moved";
  return lines.some(({ lostAt }) => lostAt !== null && lostAt > addMs(now, -DAY_MS)) ? "fresh" : "older";
}

async function addLines(tx: Tx, now: Date, lines: (MeetingLine & { taskId: string })[]): Promise<void> {
  if (lines.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO "TaskMeeting" ("taskId", "appointmentId", kind, "lostAt", "addedAt")
    SELECT r."taskId", r."appointmentId", r.kind, r."lostAt", ${now}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(lines)}::jsonb)
      AS r("taskId" uuid, "appointmentId" uuid, kind text, "lostAt" timestamptz)
    ON CONFLICT ("taskId", "appointmentId") DO NOTHING`;
}

async function closeTasks(
  tx: Tx,
  now: Date,
  closed: { taskId: string; reason: string }[],
): Promise<string[]> {
  if (closed.length === 0) return [];
  const rows = await tx.$queryRaw<{ id: string }[]>`
    UPDATE "Task" t SET
      status = 'completed', "closedAt" = ${now}::timestamptz, "closedReason" = r.reason, "closedById" = NULL,
      "leaseUntil" = NULL, "awaitsEvidence" = false, version = t.version + 1, "updatedAt" = ${now}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(closed)}::jsonb) AS r("taskId" uuid, reason text)
    WHERE t.id = r."taskId" AND t.status IN ('pending', 'snoozed')
    RETURNING t.id`;
  return rows.map(({ id }) => id);
}
