import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { completeStrays } from "#server/follow-ups/complete-strays.ts";
import { findUnrulyLeads, findWorkspacesToTend } from "#server/follow-ups/find-unruly.ts";
import { wakeTasks } from "#server/follow-ups/wake-tasks.ts";
import { addDays } from "#server/lib/duration.ts";
import { eachApart } from "#server/lib/each-apart.ts";
import { convergeLeads } from "./converge-leads.ts";
import { closeIncident, openIncident } from "./incidents.ts";

/** How many leads an incident names, so that somebody can look at a few. */
const NAMED = 20;
/** Days without another before one is over: whatever enrols may do so once a day. */
const CLEAN_DAYS = 1;

export type TendResult = { workspaces: number; strays: number; instancesStopped: number; tasksWoken: number };

/**
 * Looks after what runs, each minute (R29): completes sequences that run in spite of a meeting (R26), stops those of
 * leads that want to hear nothing (R28), and brings tasks back that slept. `workspaceId` tends one alone; of several, one
 * that cannot be written stops no other (R31), and fails the look at its end.
 */
export async function tendFollowUps(
  deps: Pick<Deps, "db" | "clock">,
  { workspaceId = null }: { workspaceId?: string | null } = {},
): Promise<TendResult> {
  const now = deps.clock.now();
  const result = { workspaces: 0, strays: 0, instancesStopped: 0, tasksWoken: 0 };
  const tend = async (workspace: { id: string; heldGateDays: number }) => {
    const { strays, stopped } = await runTransaction(deps.db, "tend follow-ups", async (tx) => {
      await lockWorkspace(tx, workspace.id);
      const strays = await completeStrays(tx, {
        workspaceId: workspace.id,
        heldGateDays: workspace.heldGateDays,
        now,
      });
      if (strays.length > 0) {
        await openIncident(tx, now, {
          workspaceId: workspace.id,
          connectionId: null,
          kind: "stray_enrolment",
          subject: workspace.id,
          cause: "ran_beside_meeting",
          details: {
            strays: strays.length,
            leadIds: [...new Set(strays.map(({ leadId }) => leadId))].slice(0, NAMED),
          },
        });
      }
      const step = { workspaceId: workspace.id, source: "reconcile" as const, reason: "follow_ups", now };
      const { instancesStopped } = await convergeLeads(tx, await findUnrulyLeads(tx, workspace.id), step);
      return { strays: strays.length, stopped: instancesStopped };
    });
    result.workspaces += 1;
    result.strays += strays;
    result.instancesStopped += stopped;
  };
  const steps = [
    async () => eachApart(await findWorkspacesToTend(deps.db, workspaceId), tend),
    () => closeCleanStrays(deps, now),
    async () => {
      result.tasksWoken = await runTransaction(deps.db, "wake tasks", (tx) => wakeTasks(tx, now));
    },
  ];
  await eachApart(steps, (step) => step());
  return result;
}

async function closeCleanStrays({ db }: Pick<Deps, "db">, now: Date): Promise<void> {
  const seenBefore = addDays(now, -CLEAN_DAYS);
  const clean = await db.incident.findMany({
    where: { kind: "stray_enrolment", closedAt: null, lastSeenAt: { lt: seenBefore } },
    select: { workspaceId: true, subject: true },
  });
  for (const { workspaceId, subject } of clean) {
    await runTransaction(db, "close incident", (tx) =>
      closeIncident(tx, now, { workspaceId, kind: "stray_enrolment", subject, seenBefore }),
    );
  }
}
