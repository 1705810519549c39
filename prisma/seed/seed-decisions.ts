import { addMs, HOUR_MS } from "#server/lib/duration.ts";
import { AppError } from "#server/lib/errors.ts";
import { decideMismatch } from "#server/mismatches/decide-mismatch.ts";
import { refreshCauses } from "#server/mismatches/refresh-causes.ts";
import { PROTECTED_STATUSES } from "#server/reconcile/decide-transition.ts";
import { claimTask, type Worker } from "#server/red-queue/claim-task.ts";
import type { OutcomeInput } from "#server/red-queue/decide-outcome.ts";
import { logOutcome } from "#server/red-queue/log-outcome.ts";
import type { SeedContext } from "./seed-context.ts";
import type { Place } from "./seed-workspaces.ts";

/** A morning's work on the red queue: some tasks wait for an answer, some are done, two are in somebody's hands. */
export async function seedWork(context: SeedContext): Promise<void> {
  const { deps, places } = context;
  for (const place of places) {
    const sam = await findWorker(context, place, "setter@demo.test");
    const ana = await findWorker(context, place, "ana@demo.test");
    const tasks = await deps.db.task.findMany({
      where: {
        workspaceId: place.workspaceId,
        status: "pending",
        type: { in: ["meeting_canceled", "meeting_no_show"] },
      },
      orderBy: [{ createdAt: "asc" }, { id: "asc" }],
      take: 16,
    });
    const outcomes: [Worker, Omit<OutcomeInput, "zone">][] = [
      [sam, { outcome: "no_answer" }],
      [ana, { outcome: "left_voicemail" }],
      [sam, { outcome: "call_back", at: addMs(deps.clock.now(), 5 * HOUR_MS) }],
      [ana, { outcome: "not_interested", reason: "bad_timing" }],
      [sam, { outcome: "bad_contact" }],
      [sam, { outcome: "rebooked" }],
      [ana, { outcome: "no_answer" }],
      [sam, { outcome: "not_interested", reason: "chose_other" }],
    ];
    for (const [at, [worker, outcome]] of outcomes.entries()) {
      const taskId = tasks[at]?.id;
      if (taskId === undefined) break;
      await unlessMoved(async () => {
        const claim = await claimTask(deps, worker, { taskId, version: await readVersion(context, taskId) });
        await logOutcome(deps, worker, { taskId, version: claim.version, ...outcome });
      });
    }
    for (const [at, worker] of [ana, ana, sam].entries()) {
      const taskId = tasks[outcomes.length + at]?.id;
      if (taskId === undefined) break;
      await unlessMoved(async () => {
        await claimTask(deps, worker, { taskId, version: await readVersion(context, taskId) });
      });
    }
  }
}

async function readVersion({ deps }: SeedContext, id: string): Promise<number> {
  return (await deps.db.task.findUniqueOrThrow({ where: { id }, select: { version: true } })).version;
}

const MOST_TRIES = 5;

/** The engine is at work already: what it moves under somebody's hands is looked at again, as a person would. */
async function unlessMoved(work: () => Promise<void>): Promise<void> {
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AppError && error.status === 409)) throw error;
    }
  }
}

async function findWorker({ deps }: SeedContext, { workspaceId }: Place, email: string): Promise<Worker> {
  const user = await deps.db.user.findUniqueOrThrow({ where: { email } });
  const { timezone } = await deps.db.workspace.findUniqueOrThrow({ where: { id: workspaceId } });
  return { workspaceId, workspaceZone: timezone, userId: user.id };
}

/** A few mismatches that somebody has decided already, one of each way, so that receipts can be looked at. */
export async function seedDecisions(context: SeedContext): Promise<void> {
  const { deps, places } = context;
  const ops = await deps.db.user.findUniqueOrThrow({ where: { email: "ops@demo.test" } });
  for (const { workspaceId } of places) {
    await refreshCauses(deps, { workspaceId }, new AbortController().signal);
    const who = { workspaceId, userId: ops.id };
    const open = await deps.db.lead.findMany({
      where: {
        workspaceId,
        mismatchKind: { in: [1, 2] },
        decision: null,
        status: { notIn: PROTECTED_STATUSES },
      },
      select: { id: true },
      orderBy: { id: "asc" },
      take: 4,
    });
    const decisions = [
      { decision: "accept" as const },
      { decision: "keep" as const, reason: "booked_elsewhere" as const },
      { decision: "needs_info" as const },
      { decision: "accept" as const },
    ];
    for (const [at, { id }] of open.entries()) {
      const decision = decisions[at];
      if (!decision) break;
      await unlessMoved(async () => {
        const lead = await deps.db.lead.findUniqueOrThrow({ where: { id }, select: { version: true } });
        await decideMismatch(deps, { leadId: id, version: lead.version, ...decision }, who);
      });
    }
  }
}
