import { SYSTEM } from "#server/audit/actor.ts";
import { runBackfill } from "#server/backfills/run-backfill.ts";
import { startBackfill } from "#server/backfills/start-backfill.ts";
import { addDays, startOfUtcDay } from "#server/lib/duration.ts";
import { AppError } from "#server/lib/errors.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import { lookUpLead } from "#server/reconcile/look-up-lead.ts";
import { passClock } from "#server/reconcile/pass-clock.ts";
import { sweepConnection } from "#server/reconcile/sweep-connection.ts";
import { processDelivery } from "#server/webhooks/process-delivery.ts";
import { doDeed } from "./do-deed.ts";
import { type EngineDeps, ProcessDied, type Strike, startProcess } from "./engine-process.ts";
import type { World } from "./open-world.ts";
import { leadIdOf } from "./pick.ts";
import type { Job } from "./plan.ts";

/**
 * Runs a job in a process of its own and answers whether it came to its end. That a provider refuses or the process
 * dies is part of the world; anything else that is thrown is a find.
 */
export async function runJob(world: World, job: Job, strike: Strike | null): Promise<boolean> {
  const deps = startProcess(world.lane, world.limiter, strike);
  try {
    await doJob(world, deps, job);
    return true;
  } catch (error) {
    const isExpected =
      error instanceof ProviderError ||
      error instanceof ProcessDied ||
      // What a job throws may hide that its process had died under it; and people are refused what does not fit.
      (error instanceof AppError && (error.cause instanceof ProcessDied || error.status < 500));
    if (!isExpected) throw error;
    return false;
  }
}

async function doJob(world: World, deps: EngineDeps, job: Job): Promise<void> {
  switch (job.kind) {
    case "sweep": {
      const connectionId = job.connection === "calendly" ? world.calendlyId : world.highlevelId;
      await sweepConnection(deps, { connectionId, tier: job.tier, trigger: "cron" });
      return;
    }
    case "look_up": {
      const leadId = await leadIdOf(world, job.lead);
      if (leadId) await lookUpLead(deps, leadId, { priority: "live" });
      return;
    }
    case "pass_clock":
      await passClock(deps);
      return;
    case "work": {
      const ids = await findWaiting(world);
      for (let n = 0; n < job.count && ids.length > 0; n++) {
        const [deliveryId] = ids.splice(job.pick % ids.length, 1);
        if (deliveryId) await processDelivery(deps, { deliveryId });
      }
      return;
    }
    case "backfill": {
      const from = addDays(startOfUtcDay(world.bornAt), job.from);
      const { id } = await startBackfill(
        deps,
        {
          workspaceIds: [world.workspaceId],
          providers: ["calendly", "highlevel"],
          from,
          to: addDays(from, job.days),
          dryRun: false,
          skipSideEffects: false,
          note: null,
        },
        SYSTEM,
      );
      world.backfillIds.push(id);
      await runBackfill(deps, { backfillId: id }, new AbortController().signal);
      return;
    }
    case "resume_backfills":
      for (const backfillId of world.backfillIds) {
        await runBackfill(deps, { backfillId }, new AbortController().signal);
      }
      return;
    case "import_lead":
    case "message":
    case "mark":
    case "link":
    case "decide":
    case "outcome":
      return doDeed(world, deps, job);
    default:
      job satisfies never;
  }
}

/** Deliveries that were stored and not worked on, the earliest first. */
async function findWaiting({ lane, workspaceId }: World): Promise<string[]> {
  const rows = await lane.db.webhookDelivery.findMany({
    where: { workspaceId, result: "accepted", processedAt: null },
    orderBy: [{ receivedAt: "asc" }, { dedupeKey: "asc" }],
    select: { id: true },
  });
  return rows.map(({ id }) => id);
}

export async function countWaiting(world: World): Promise<number> {
  return (await findWaiting(world)).length;
}
