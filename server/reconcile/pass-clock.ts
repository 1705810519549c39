import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { convergeLeads } from "./converge-leads.ts";
import { flagAttendance } from "./flag-attendance.ts";

const PAGE = 500;

/**
 * Time alone moves leads: those whose meeting began or ended, or whose successor did not come in time, are decided
 * again down the same road. Meetings of which nobody said who came are flagged (R21). Answers how many of each.
 */
export async function passClock(
  deps: Pick<Deps, "db" | "clock">,
): Promise<{ leads: number; flagged: number }> {
  const now = deps.clock.now();
  const due = await deps.db.$queryRaw<{ workspaceId: string; ids: string[] }[]>`
    SELECT "workspaceId", array_agg(id::text) AS ids FROM "Lead"
    WHERE "redecideAt" <= ${now}::timestamptz GROUP BY "workspaceId"`;
  let leads = 0;
  for (const { workspaceId, ids } of due) {
    for (let at = 0; at < ids.length; at += PAGE) {
      const page = ids.slice(at, at + PAGE);
      await runTransaction(deps.db, "clock pass", async (tx) => {
        await lockWorkspace(tx, workspaceId);
        // Not before: whoever had the turn first happened first.
        const step = { workspaceId, source: "reconcile" as const, reason: "clock", now: deps.clock.now() };
        await convergeLeads(tx, page, step);
      });
      leads += page.length;
    }
  }
  await wakeDecisions(deps, now);
  const { flagged } = await flagAttendance(deps.db, now);
  return { leads, flagged };
}

/** "Needs info until …" ends by itself: the mismatch is open again. */
async function wakeDecisions({ db }: Pick<Deps, "db">, now: Date): Promise<void> {
  await runTransaction(db, "wake decisions", async (tx) => {
    const rows = await tx.$queryRaw<{ id: string; workspaceId: string }[]>`
      UPDATE "Lead" SET decision = NULL, "decisionReason" = NULL, "decisionAt" = NULL, "decisionById" = NULL,
                        "decisionUntil" = NULL, version = version + 1, "updatedAt" = ${now}::timestamptz
      WHERE decision IS NOT NULL AND "decisionUntil" <= ${now}::timestamptz
      RETURNING id, "workspaceId"`;
    const byWorkspace = Map.groupBy(rows, (row) => row.workspaceId);
    await publish(
      tx,
      now,
      [...byWorkspace].map(([workspaceId, leads]) => ({
        workspaceId,
        kind: "mismatch" as const,
        ids: leads.map((l) => l.id),
      })),
    );
  });
}
