import { z } from "zod";
import type { Db } from "#server/db/client.ts";
import { Prisma } from "#server/db/generated/client.ts";
import { TaskStatus, TaskType } from "#server/db/generated/enums.ts";
import type { Deps } from "#server/deps.ts";
import { cursorTime, pageQuery, readCursor, toPage } from "../page.ts";

type StoredTask = {
  id: string;
  leadId: string;
  appointmentIds: string[];
  type: TaskType;
  status: TaskStatus;
  dueAt: Date;
  createdAt: Date;
  closedAt: Date | null;
  closedReason: string | null;
  ownerEmail: string | null;
};

const LOST: TaskType[] = ["meeting_canceled", "meeting_no_show"];
const MOVED: TaskType[] = ["meeting_rescheduled"];

export const taskQuery = z.object({
  ...pageQuery,
  status: z.enum(TaskStatus).optional(),
  type: z.enum(TaskType).optional(),
  red: z.enum(["lost", "moved", "true", "false"]).optional(),
  leadId: z.uuid().optional(),
});

type TaskQuery = z.output<typeof taskQuery>;

/** The oldest first. */
export async function listTasks(
  { db, clock }: Pick<Deps, "db" | "clock">,
  workspaceId: string,
  query: TaskQuery,
) {
  const asOf = clock.now();
  const found = await selectTasks(db, conditionsOf(workspaceId, query), query.limit + 1, asOf);
  return toPage(
    "tasks",
    found,
    { limit: query.limit, asOf },
    { place: (task) => [task.createdAt.toISOString(), task.id], map: toTaskRow },
  );
}

export async function loadTasksOf(db: Db, workspaceId: string, leadId: string, now: Date) {
  const conditions = [
    Prisma.sql`t."workspaceId" = ${workspaceId}::uuid`,
    Prisma.sql`t."leadId" = ${leadId}::uuid`,
  ];
  return (await selectTasks(db, conditions, 1_000, now)).map(toTaskRow);
}

async function selectTasks(
  db: Db,
  conditions: Prisma.Sql[],
  limit: number,
  now: Date,
): Promise<StoredTask[]> {
  return db.$queryRaw<StoredTask[]>`
    SELECT t.id, t."leadId", t.type, t.status, t."dueAt", t."createdAt", t."closedAt", t."closedReason",
           -- An open task is whose claim has not run out; a closed one stays with whoever had it.
           CASE WHEN t."closedAt" IS NOT NULL OR t."leaseUntil" > ${now}::timestamptz THEN u.email END AS "ownerEmail",
           ARRAY(SELECT m."appointmentId"::text FROM "TaskMeeting" m WHERE m."taskId" = t.id
                 ORDER BY m."addedAt", m."appointmentId") AS "appointmentIds"
    FROM "Task" t LEFT JOIN "User" u ON u.id = t."ownerId"
    WHERE ${Prisma.join(conditions, " AND ")}
    ORDER BY t."createdAt", t.id LIMIT ${limit}`;
}

function conditionsOf(workspaceId: string, query: TaskQuery): Prisma.Sql[] {
  const conditions = [Prisma.sql`t."workspaceId" = ${workspaceId}::uuid`];
  if (query.status) conditions.push(Prisma.sql`t.status = ${query.status}::"TaskStatus"`);
  if (query.type) conditions.push(Prisma.sql`t.type = ${query.type}::"TaskType"`);
  if (query.leadId) conditions.push(Prisma.sql`t."leadId" = ${query.leadId}::uuid`);
  if (query.red) conditions.push(redCondition(query.red));
  const after = readCursor("tasks", query.cursor, cursorTime);
  if (after) {
    conditions.push(
      Prisma.sql`(t."createdAt", t.id) > (${new Date(after[0])}::timestamptz, ${after[1]}::uuid)`,
    );
  }
  return conditions;
}

function redCondition(red: "lost" | "moved" | "true" | "false"): Prisma.Sql {
  const types = red === "lost" ? LOST : red === "moved" ? MOVED : [...LOST, ...MOVED];
  const isOneOf = Prisma.sql`t.type = ANY(${types}::"TaskType"[])`;
  return red === "false" ? Prisma.sql`NOT ${isOneOf}` : isOneOf;
}

function toTaskRow(task: StoredTask) {
  return {
    id: task.id,
    leadId: task.leadId,
    appointmentIds: task.appointmentIds,
    type: task.type,
    status: task.status,
    red: LOST.includes(task.type) ? "lost" : MOVED.includes(task.type) ? "moved" : null,
    dueAt: task.dueAt,
    createdAt: task.createdAt,
    closedAt: task.closedAt,
    closedReason: task.closedReason,
    ownerEmail: task.ownerEmail,
  };
}
