import type { Tx } from "#server/db/client.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { decideCause } from "./decide-cause.ts";
import { loadCauseFacts } from "./load-cause-facts.ts";

const PAGE = 500;

/**
 * Decides causes (R24) where they are missing, were decided for another kind, or rest on facts that moved since: the
 * lead's own labels, its messages, a connection, a booking without a lead.
 */
export async function refreshCauses(
  deps: Pick<Deps, "db" | "clock">,
  { workspaceId }: { workspaceId: string },
  signal: AbortSignal,
): Promise<void> {
  // One instant for the whole run: what it decided is not outdated again before it ends.
  const now = deps.clock.now();
  for (const findStale of [findUndecided, findOutdated]) {
    for (let more = true; more && !signal.aborted; ) {
      more = await runTransaction(deps.db, "refresh causes", async (tx) => {
        await lockWorkspace(tx, workspaceId);
        const leadIds = await findStale(tx, workspaceId, now);
        if (leadIds.length === 0) return false;
        const loaded = await loadCauseFacts(tx, workspaceId, leadIds, now);
        const decided = loaded.map(({ leadId, kind, facts }) => ({
          leadId,
          kind,
          cause: decideCause(facts),
        }));
        const changed = await saveCauses(tx, now, decided);
        await publish(tx, now, [{ workspaceId, kind: "mismatch", ids: changed }]);
        return leadIds.length === PAGE;
      });
    }
  }
}

/** The condition is the partial index's own: what is up to date costs nothing. */
async function findUndecided(tx: Tx, workspaceId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM "Lead"
    WHERE "workspaceId" = ${workspaceId}::uuid
      AND "mismatchKind" IS NOT NULL AND "causeKind" IS DISTINCT FROM "mismatchKind"
    ORDER BY id LIMIT ${PAGE}`;
  return rows.map(({ id }) => id);
}

async function findOutdated(tx: Tx, workspaceId: string, now: Date): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    WITH moved AS (
      SELECT greatest(
        (SELECT max(greatest(c."stateSince", c."createdAt", c."disconnectedAt", c."tokenChangedAt"))
         FROM "Connection" c WHERE c."workspaceId" = ${workspaceId}::uuid),
        (SELECT max(a."updatedAt") FROM "Appointment" a
         WHERE a."workspaceId" = ${workspaceId}::uuid AND a."leadId" IS NULL)) AS at
    )
    SELECT l.id FROM "Lead" l, moved
    WHERE l."workspaceId" = ${workspaceId}::uuid AND l."mismatchKind" IS NOT NULL AND l."causeAt" < ${now}::timestamptz
      AND l."causeAt" < greatest(moved.at, l."statusAt", l."sentimentAt", l."linkSentAt", l."meetingChangedAt")
    ORDER BY l.id LIMIT ${PAGE}`;
  return rows.map(({ id }) => id);
}

/** Not an edit: the lead's version stays, so that a person's decision in progress is not refused for it. */
async function saveCauses(
  tx: Tx,
  now: Date,
  decided: { leadId: string; kind: number; cause: string }[],
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string; isChanged: boolean }[]>`
    UPDATE "Lead" l SET "mismatchCause" = r.cause, "causeKind" = r.kind, "causeAt" = ${now}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(decided)}::jsonb) AS r("leadId" uuid, kind int, cause "MismatchCause")
    JOIN "Lead" old ON old.id = r."leadId"
    WHERE l.id = r."leadId"
    RETURNING l.id, old."mismatchCause" IS DISTINCT FROM r.cause OR old."causeKind" IS DISTINCT FROM r.kind AS "isChanged"`;
  return rows.filter(({ isChanged }) => isChanged).map(({ id }) => id);
}
