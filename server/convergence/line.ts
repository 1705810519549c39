import { setTimeout as sleep } from "node:timers/promises";
import { SYSTEM } from "#server/audit/actor.ts";
import { resumeStalledBackfills } from "#server/backfills/resume-stalled.ts";
import { startBackfill } from "#server/backfills/start-backfill.ts";
import { readConfig } from "#server/config.ts";
import { createDb } from "#server/db/client.ts";
import { createQueue, type Queue } from "#server/db/queue.ts";
import type { Deps } from "#server/deps.ts";
import { addDays, startOfUtcDay } from "#server/lib/duration.ts";
import { createLog } from "#server/lib/log.ts";
import { registerJobs } from "#server/scheduler/register-jobs.ts";
import { createHastyLimiter, startProcess } from "./engine-process.ts";
import { type Lane, openLane } from "./open-lane.ts";
import type { World } from "./open-world.ts";
import { leadIdOf } from "./pick.ts";
import type { Work } from "./plan.ts";

/** The real line of work and those who work on it, at the same time as everything else. */
export type Line = {
  put(world: World, work: Work): Promise<void>;
  /** Resolves when nothing is in line and nobody works. */
  idle(): Promise<void>;
};

const ENGINES = 2;

/**
 * A lane in which two engines with a pool each take their work out of the one line in the database, as two servers do.
 * What happens is not the same twice, so that a failure may need more than one look.
 */
export async function openLaneWithLine({ db, url }: { db: Lane["db"]; url: string }): Promise<Lane> {
  await using started = new AsyncDisposableStack();
  const log = createLog("silent");
  const queues: Queue[] = [];
  for (let engine = 0; engine < ENGINES; engine++) {
    const queue = await createQueue(url, log);
    started.defer(() => queue.stop(1_000));
    queues.push(queue);
  }
  const [queue] = queues;
  const lane = started.use(await openLane(db, queue));
  for (const each of queues) {
    const pool = createDb(url, { max: 5 });
    started.defer(() => pool.$disconnect());
    const limiter = createHastyLimiter(lane.clock, { isPatient: true });
    const engine = startProcess({ ...lane, db: pool, queue: each }, limiter, null);
    // The cast: what jobs of these worlds do not touch is not there.
    await registerJobs({ ...engine, config: readConfig({}) } as Partial<Deps> as Deps);
  }
  const line: Line = {
    put: (world, work) => putInLine(lane, world, work),
    idle: () => waitForIdle(db),
  };
  const running = started.move();
  return { ...lane, line, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function putInLine(lane: Lane, world: World, work: Work): Promise<void> {
  const { queue } = lane;
  switch (work.kind) {
    case "work":
      // Deliveries were put in line as they were stored.
      return;
    case "sweep": {
      const connectionId = work.connection === "calendly" ? world.calendlyId : world.highlevelId;
      const sweep = { connectionId, tier: work.tier, trigger: "cron" };
      return queue.send("sweep", sweep, { key: connectionId });
    }
    case "look_up": {
      const leadId = await leadIdOf(world, work.lead);
      if (leadId) await queue.send("look-up-lead", { leadId }, { key: leadId });
      return;
    }
    case "pass_clock":
      await queue.send("follow-ups", {}, { key: "all" });
      return queue.send("clock-pass", {}, { key: "all" });
    case "backfill": {
      const from = addDays(startOfUtcDay(world.bornAt), work.from);
      const wanted = {
        workspaceIds: [world.workspaceId],
        providers: ["calendly" as const, "highlevel" as const],
        from,
        to: addDays(from, work.days),
        dryRun: false,
        skipSideEffects: false,
        note: null,
      };
      const { id } = await startBackfill(startProcess(lane, world.limiter, null), wanted, SYSTEM);
      world.backfillIds.push(id);
      return;
    }
    case "resume_backfills":
      await resumeStalledBackfills(lane);
      return;
    default:
      work satisfies never;
  }
}

/** What waits to be tried again is tried at once: pauses teach nothing here. */
async function waitForIdle(db: Lane["db"]): Promise<void> {
  for (let round = 0; round < 2_000; round++) {
    const [row] = await db.$queryRaw<{ open: number }[]>`
      WITH hurried AS (
        UPDATE pgboss.job SET start_after = now() WHERE state = 'retry' AND start_after > now()
      )
      SELECT count(*)::int AS open FROM pgboss.job
      WHERE state IN ('retry', 'active') OR (state = 'created' AND start_after <= now())`;
    if (row?.open === 0) return;
    await sleep(20);
  }
  throw new Error("The line does not end.");
}
