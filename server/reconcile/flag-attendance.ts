import type { Db, Tx } from "#server/db/client.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { addDays } from "#server/lib/duration.ts";
import { eachApart } from "#server/lib/each-apart.ts";

/** Whoever records attendance has done so by then (R21). */
const RECORDED_AFTER_DAYS = 1;
/** Rows of one transaction: a workspace that turns the switch on may have many. */
const PAGE = 2_000;

/**
 * R21, kind 5: flags leads whose meeting ended over a day ago without a word on who came, in workspaces that ask for it,
 * and takes the flag back where nobody asks any more. A word that comes takes it back at once, down the road
 * (`saveRollups`). Only meetings inside the workspace's window: of older ones nobody will say.
 */
export async function flagAttendance(db: Db, now: Date): Promise<{ flagged: number; cleared: number }> {
  const workspaces = await db.workspace.findMany({
    where: { flagAttendance: true },
    select: { id: true, lookbackDays: true },
  });
  const asking = workspaces.map(({ id }) => id);
  const unasked = await db.$queryRaw<{ workspaceId: string }[]>`
    SELECT DISTINCT "workspaceId" FROM "Lead"
    WHERE "attendanceUnrecorded" AND NOT "workspaceId" = ANY(${asking}::uuid[])`;
  const sum = { flagged: 0, cleared: 0 };
  const steps = [
    ...workspaces.map(({ id, lookbackDays }) => async () => {
      const oldest = addDays(now, -lookbackDays);
      sum.flagged += await inPages(db, id, now, (tx) => flag(tx, id, oldest, now));
      sum.cleared += await inPages(db, id, now, (tx) => clear(tx, id, oldest));
    }),
    ...unasked.map(({ workspaceId }) => async () => {
      sum.cleared += await inPages(db, workspaceId, now, (tx) => clear(tx, workspaceId, now));
    }),
  ];
  await eachApart(steps, (step) => step());
  return sum;
}

async function inPages(
  db: Db,
  workspaceId: string,
  now: Date,
  write: (tx: Tx) => Promise<{ id: string }[]>,
): Promise<number> {
  for (let sum = 0; ; ) {
    const written = await runTransaction(db, "flag attendance", async (tx) => {
      await lockWorkspace(tx, workspaceId);
      const rows = await write(tx);
      await publish(tx, now, [{ workspaceId, kind: "mismatch", ids: rows.map(({ id }) => id) }]);
      return rows.length;
    });
    sum += written;
    if (written < PAGE) return sum;
  }
}

/** Not an edit: the lead's version stays, so that nobody's decision in progress is refused for it. */
function flag(tx: Tx, workspaceId: string, oldest: Date, now: Date): Promise<{ id: string }[]> {
  return tx.$queryRaw`
    UPDATE "Lead" SET "attendanceUnrecorded" = true WHERE id IN (
      SELECT l.id FROM "Lead" l
      WHERE l."workspaceId" = ${workspaceId}::uuid AND l."meetingState" = 'held' AND l."meetingStatus" = 'confirmed'
        AND NOT l."attendanceUnrecorded" AND l."meetingEndAt" > ${oldest}::timestamptz
        AND l."meetingEndAt" <= ${addDays(now, -RECORDED_AFTER_DAYS)}::timestamptz
        -- R6: an operator's mark, and the word of the copy (R7).
        AND NOT EXISTS (SELECT 1 FROM "Appointment" a
                        WHERE a.id = l."primaryId" AND a."attendanceMark" IS NOT NULL
                          AND NOT coalesce(a."attendanceMarkAt" < a."endAt", false))
        AND NOT EXISTS (SELECT 1 FROM "Appointment" c
                        WHERE c."mirrorOfId" = l."primaryId" AND c.status IN ('showed', 'no_show'))
      LIMIT ${PAGE})
    RETURNING id`;
}

function clear(tx: Tx, workspaceId: string, endedBefore: Date): Promise<{ id: string }[]> {
  return tx.$queryRaw`
    UPDATE "Lead" SET "attendanceUnrecorded" = false WHERE id IN (
      SELECT id FROM "Lead"
      WHERE "workspaceId" = ${workspaceId}::uuid AND "attendanceUnrecorded" AND "meetingEndAt" <= ${endedBefore}::timestamptz
      LIMIT ${PAGE})
    RETURNING id`;
}
