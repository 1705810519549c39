import { fromPrisma, PgBoss } from "pg-boss";
import type { Log } from "#server/lib/log.ts";
import type { Tx } from "./client.ts";
import { poolConfig } from "./session.ts";

/**
 * Every job there is, with the data it carries: ids only, since a job reads the present state when it runs.
 * The key names what may not run twice at once.
 */
export type Jobs = {
  /** R29: one pass over one connection's tier. */
  sweep: { connectionId: string; tier: "hot" | "warm" | "cold"; trigger: string };
  "process-delivery": { deliveryId: string };
  "look-up-lead": { leadId: string };
  "clock-pass": Record<string, never>;
  "refresh-causes": { workspaceId: string };
  "check-connection": { connectionId: string };
  "run-backfill": { backfillId: string };
  "apply-plan": { planId: string };
  "undo-receipt": { receiptId: string; userId: string };
  prune: Record<string, never>;
};

export type JobName = keyof Jobs;

type QueueSettings = { retryLimit: number; expireInSeconds: number; heartbeatSeconds?: number };

const SETTINGS: Record<JobName, QueueSettings> = {
  sweep: { retryLimit: 0, expireInSeconds: 900, heartbeatSeconds: 20 },
  "process-delivery": { retryLimit: 6, expireInSeconds: 120, heartbeatSeconds: 20 },
  "look-up-lead": { retryLimit: 3, expireInSeconds: 120 },
  "clock-pass": { retryLimit: 0, expireInSeconds: 300 },
  "refresh-causes": { retryLimit: 2, expireInSeconds: 300 },
  "check-connection": { retryLimit: 0, expireInSeconds: 120 },
  "run-backfill": { retryLimit: 20, expireInSeconds: 3_600, heartbeatSeconds: 10 },
  "apply-plan": { retryLimit: 10, expireInSeconds: 900, heartbeatSeconds: 10 },
  "undo-receipt": { retryLimit: 10, expireInSeconds: 900, heartbeatSeconds: 10 },
  prune: { retryLimit: 0, expireInSeconds: 900 },
};

export type Queue = {
  /**
   * Puts work in line. With a transaction it is there if and only if that commits. Work of the same key that already
   * waits is not doubled; while it runs, it is put in line exactly once more.
   */
  send<N extends JobName>(
    name: N,
    data: Jobs[N],
    options: { key: string; tx?: Tx; startAfter?: Date },
  ): Promise<void>;
  work<N extends JobName>(
    name: N,
    options: { concurrency: number },
    handler: (data: Jobs[N], signal: AbortSignal) => Promise<void>,
  ): Promise<void>;
  /** Stops taking work and waits for what runs, at most `timeoutMs`; what does not finish is given back. */
  stop(timeoutMs: number): Promise<void>;
};

/** pg-boss on the same PostgreSQL: any number of processes share one line. */
export async function createQueue(url: string, log: Log): Promise<Queue> {
  const { connectionString } = poolConfig(url);
  const boss = new PgBoss({
    ...(connectionString === undefined ? {} : { connectionString }),
    application_name: "bookproof queue",
    max: 4,
    useListenNotify: true,
    // A key that was running when these were last read is passed over until they are read again: with the defaults, a
    // second piece of work of one key could wait for two minutes. They also set how soon a killed worker is noticed.
    monitorIntervalSeconds: 2,
    superviseIntervalSeconds: 2,
    queueCacheIntervalSeconds: 1,
    schedule: false,
  });
  boss.on("error", (err) => log.error({ err }, "queue error"));
  await boss.start();
  for (const [name, settings] of Object.entries(SETTINGS)) {
    await boss.createQueue(name, {
      policy: "stately",
      notify: true,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: 300,
      deleteAfterSeconds: 24 * 3_600,
      ...settings,
    });
  }

  return {
    async send(name, data, { key, tx, startAfter }) {
      await boss.send(name, data, {
        singletonKey: key,
        ...(tx ? { db: fromPrisma(tx) } : {}),
        ...(startAfter ? { startAfter } : {}),
      });
    },
    async work(name, { concurrency }, handler) {
      await boss.work<Jobs[typeof name]>(
        name,
        {
          batchSize: 1,
          localConcurrency: concurrency,
          pollingIntervalSeconds: 2,
          notifyPollingIntervalSeconds: 5,
        },
        async ([job]) => {
          if (!job) return;
          try {
            await handler(job.data, job.signal);
          } catch (err) {
            log.error({ err, job: name, jobId: job.id }, "job failed");
            throw err;
          }
        },
      );
    },
    stop: (timeoutMs) => boss.stop({ graceful: true, close: true, timeout: timeoutMs }),
  };
}
