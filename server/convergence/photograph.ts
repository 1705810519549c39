import type { Db } from "#server/db/client.ts";

export type Photograph = Map<string, Row>;

type Row = Record<string, unknown> & { table: string };

/** Every row that a pass which finds nothing new must leave alone, and how long history and audit are. */
export async function photographWorld(db: Db, workspaceId: string): Promise<Photograph> {
  const rows = await db.$queryRaw<{ key: string; row: Row }[]>`
    SELECT a.id::text AS key, to_jsonb(a) || jsonb_build_object('table', 'appointment', 'xmin', a.xmin::text) AS row
    FROM "Appointment" a WHERE a."workspaceId" = ${workspaceId}::uuid
    UNION ALL
    SELECT l.id::text, to_jsonb(l) - 'lookedUpAt' || '{"table": "lead"}' FROM "Lead" l WHERE l."workspaceId" = ${workspaceId}::uuid
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

/** What providers say of each booking and how long its history is; not what it counts for beside others, nor since when. */
export async function photographEvidence(db: Db, workspaceId: string): Promise<Photograph> {
  const rows = await db.$queryRaw<{ key: string; row: Row }[]>`
    SELECT a.id::text AS key, to_jsonb(a) - ${BESIDE_EVIDENCE}::text[] || jsonb_build_object(
             'table', 'appointment',
             'history', (SELECT count(*) FROM "AppointmentChange" c WHERE c."appointmentId" = a.id
                           AND c.kind NOT IN ('linked', 'unlinked', 'mirrored'))) AS row
    FROM "Appointment" a WHERE a."workspaceId" = ${workspaceId}::uuid`;
  return new Map(rows.map(({ key, row }) => [key, row]));
}

const BESIDE_EVIDENCE = [
  "asOf",
  "source",
  "updatedAt",
  "standing",
  "mirrorOfId",
  "leadId",
  "linkedBy",
  "ambiguous",
  "unlisted",
];

/** What `who` wrote although there was nothing new, by table and column. */
export function comparePhotographs(
  who: string,
  before: Photograph,
  after: Photograph,
  mayWrite: string[] = [],
): string[] {
  return [...after].flatMap(([key, row]) => {
    const old = before.get(key);
    if (!old) return [`${who} made a ${row.table}`];
    const moved = Object.keys(row).filter(
      (name) => !mayWrite.includes(name) && JSON.stringify(row[name]) !== JSON.stringify(old[name]),
    );
    // The first pass may have set a status that claims a meeting; the second one is the first to check it (R22).
    const wasChecked = old.claimCheckedAt && String(old.claimCheckedAt) > String(row.claimAt);
    const isClaimStamp = moved.includes("claimCheckedAt") && !wasChecked;
    const rest = moved.filter((name) => !(isClaimStamp && STAMPED.includes(name)));
    return rest.length > 0 ? [`${who} wrote ${rest.join(", ")} of a ${row.table}`] : [];
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
