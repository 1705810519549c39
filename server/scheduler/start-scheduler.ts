import { schedule } from "node-cron";
import { resumeStalledBackfills } from "#server/backfills/resume-stalled.ts";
import { sendDueChecks } from "#server/connections/send-due-checks.ts";
import { interruptLostRuns } from "#server/db/interrupt-lost-runs.ts";
import type { Deps } from "#server/deps.ts";
import { sendDueCauses } from "#server/mismatches/send-due-causes.ts";
import { createCronLogger } from "./cron-logger.ts";
import { sendDuePrune } from "./send-due-prune.ts";
import { sendDueSweeps } from "./send-due-sweeps.ts";

export type Scheduler = { stop(): Promise<void> };

/**
 * The clock of this process (R29): it only puts work in line. Every process may run one, since work of the same key
 * waits only once. Times are UTC, so that no hour is skipped or doubled.
 */
export function startScheduler(deps: Deps): Scheduler {
  const { queue, log } = deps;
  const tick = (name: string, expression: string, run: () => Promise<unknown>) =>
    schedule(
      expression,
      async () => {
        try {
          await run();
        } catch (err) {
          // The next tick tries again; a database that rests for a moment must not end the clock.
          log.error({ err, tick: name }, "tick failed");
        }
      },
      {
        timezone: "UTC",
        noOverlap: true,
        unref: true,
        suppressMissedWarning: true,
        logger: createCronLogger(log, name),
      },
    );

  const tasks = [
    tick("sweeps", "*/10 * * * * *", () => sendDueSweeps(deps, "cron")),
    tick("lookups", "5 * * * * *", () =>
      queue.send("plan-lookups", { trigger: "cron" }, { key: "lookups", onceInSeconds: 60 }),
    ),
    tick("lost runs", "25,55 * * * * *", () => interruptLostRuns(deps)),
    tick("stalled backfills", "*/5 * * * * *", () => resumeStalledBackfills(deps)),
    tick("connection checks", "30 * * * * *", () => sendDueChecks(deps)),
    tick("missing causes", "*/10 * * * * *", () => sendDueCauses(deps, "missing")),
    tick("causes", "45 * * * * *", () => sendDueCauses(deps, "every")),
    tick("pruning", "20 */10 * * * *", () => sendDuePrune(deps)),
    tick("clock", "0 * * * * *", () => queue.send("clock-pass", {}, { key: "clock", onceInSeconds: 60 })),
    tick("follow-ups", "10 * * * * *", () =>
      queue.send("follow-ups", {}, { key: "follow-ups", onceInSeconds: 60 }),
    ),
    tick("watch", "50 * * * * *", () =>
      queue.send("watch-connections", {}, { key: "watch", onceInSeconds: 60 }),
    ),
  ];

  return {
    async stop() {
      for (const task of tasks) await task.destroy();
    },
  };
}
