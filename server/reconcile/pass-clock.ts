import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { eachApart } from "#server/lib/each-apart.ts";
import { convergeLeads } from "./converge-leads.ts";
import { flagAttendance } from "./flag-attendance.ts";

const PAGE = 500;

/**
 * Time alone moves leads: those whose meeting began or ended, or whose successor did not come in time, are decided
 * again down the same road. Meetings of which nobody said who came are flagged (R21). Answers how many of each. A workspace
 * that cannot be written stops no other (R31), and fails the pass at its end.
 */
export async function passClock(
  deps: Pick<Deps, "db" | "clock">,
): Promise<{ leads: number; flagged: number }> {
  const now = deps.clock.now();
  const counts = { leads: 0, flagged: 0 };
  const steps = [
    () => decideAgain(deps, now, counts),
    () => wakeDecisions(deps, now),
    async () => {
      counts.flagged = (await flagAttendance(deps.db, now)).flagged;
    },
  ];
  await eachApart(steps, (step) => step());
  return counts;
}

async function decideAgain(
  deps: Pick<Deps, "db" | "clock">,
  now: Date,
  counts: { leads: number },
): Promise<void> {
  const due = await deps.db.$queryRaw<{ workspaceId: string; ids: string[] }[]>`
    SELECT "workspaceId", array_agg(id::text) AS ids FROM "Lead"
    WHERE "redecideAt" <= ${now}::timestamptz GROUP BY "workspaceId"`;
  await eachApart(due, async ({ workspaceId, ids }) => {
    for (let at = 0; at < ids.length; at += PAGE) {
      const page = ids.slice(at, at + PAGE);
      await runTransaction(deps.db, "clock pass", async (tx) => {
        await lockWorkspace(tx, workspaceId);
        // Not before: whoever had the turn first happened first.
        const step = { workspaceId, source: "reconcile" as const, reason: "clock", now: deps.clock.now() };
        await convergeLeads(tx, page, step);
      });
      counts.leads += page.length;
    }
  });
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
