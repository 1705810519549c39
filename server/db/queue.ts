import { fromPrisma, type JobWithMetadata, PgBoss } from "pg-boss";
import { AppError } from "#server/lib/errors.ts";
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
  /** R30: whose leads are looked up in this minute, and one workspace's batch of them. */
  "plan-lookups": { trigger: string };
  "look-up-leads": { workspaceId: string; leads: number; trigger: string };
  "clock-pass": Record<string, never>;
  /** R26, R28: what runs and should not, and tasks that slept. */
  "follow-ups": Record<string, never>;
  /** What connections cannot say of themselves. */
  "watch-connections": Record<string, never>;
  "refresh-causes": { workspaceId: string };
  "check-connection": { connectionId: string };
  /** Reads what could not be delivered between two instants (R37). */
  "fill-gap": {
    connectionId: string;
    cause: "webhook_disabled" | "webhook_gone" | "webhook_retrying" | "receiver_down";
    from: string;
    to: string;
  };
  "run-backfill": { backfillId: string };
  "apply-plan": { planId: string };
  "undo-receipt": { receiptId: string; userId: string };
  prune: Record<string, never>;
};

export type JobName = keyof Jobs;

type QueueSettings = { retryLimit: number; expireInSeconds: number };

const SETTINGS: Record<JobName, QueueSettings> = {
  sweep: { retryLimit: 0, expireInSeconds: 900 },
  "process-delivery": { retryLimit: 6, expireInSeconds: 120 },
  "look-up-lead": { retryLimit: 3, expireInSeconds: 120 },
  "plan-lookups": { retryLimit: 0, expireInSeconds: 120 },
  "look-up-leads": { retryLimit: 0, expireInSeconds: 600 },
  "clock-pass": { retryLimit: 1, expireInSeconds: 300 },
  "follow-ups": { retryLimit: 1, expireInSeconds: 300 },
  "watch-connections": { retryLimit: 0, expireInSeconds: 120 },
  "refresh-causes": { retryLimit: 2, expireInSeconds: 300 },
  "check-connection": { retryLimit: 0, expireInSeconds: 120 },
  "fill-gap": { retryLimit: 20, expireInSeconds: 300 },
  "run-backfill": { retryLimit: 20, expireInSeconds: 3_600 },
  "apply-plan": { retryLimit: 10, expireInSeconds: 900 },
  "undo-receipt": { retryLimit: 10, expireInSeconds: 900 },
  prune: { retryLimit: 2, expireInSeconds: 900 },
};

/**
 * A worker that was not heard of for so long is taken for dead, and its work given to another: half of the thirty
 * seconds within which killed work goes on. It speaks up four times as often, so that a busy moment is no death.
 */
const HEARTBEAT_SECONDS = 12;
const HEARTBEAT_REFRESH_SECONDS = 3;

/** Behind the bell that tells of new work: for work whose key was taken when the bell rang. */
const POLL_SECONDS = 2;

/** Ended work is of no use to anybody (`JobRun` keeps what people look at), and is counted over and over while it stays. */
const ENDED_STAYS_SECONDS = 3_600;

/** The code with which work ends because its process does. */
export const STOPPING = "stopping";

export type SendOptions = {
  key: string;
  tx?: Tx;
  startAfter?: Date;
  /** Within each such stretch of time only the first one counts, however many processes send: for their clocks' ticks. */
  onceInSeconds?: number;
  /** Leaves it alone while work of this key runs, for work that a later tick finds due again if need be. */
  unlessRunning?: boolean;
};

export type WorkOptions = {
  concurrency: number;
  /** How late work that was sent with `startAfter` may begin; work for now is told of and begins at once. */
  lateSeconds?: number;
};

export type Queue = {
  /**
   * Puts work in line. With a transaction it is there if and only if that commits. Work of the same key that already
   * waits is not doubled; while it runs, it is put in line exactly once more.
   */
  send<N extends JobName>(name: N, data: Jobs[N], options: SendOptions): Promise<void>;
  work<N extends JobName>(
    name: N,
    options: WorkOptions,
    handler: (data: Jobs[N], signal: AbortSignal) => Promise<void>,
  ): Promise<void>;
  /**
   * Takes no more work and aborts the signal of what runs. Work that throws because of it goes back in line as if it had
   * never been begun; what has not ended after `timeoutMs` counts as a failed try.
   */
  stop(timeoutMs: number): Promise<void>;
};

/**
 * pg-boss on the same PostgreSQL: any number of processes share one line. `name` is how the database knows this
 * process; see `count-workers.ts`.
 */
export async function createQueue(url: string, log: Log, name = "bookproof queue"): Promise<Queue> {
  const { connectionString } = poolConfig(url);
  const boss = new PgBoss({
    ...(connectionString === undefined ? {} : { connectionString }),
    application_name: name,
    max: 4,
    useListenNotify: true,
    // A key that was running when these were last read is passed over until they are read again: with the defaults, a
    // second piece of work of one key could wait for two minutes. They also set how soon a killed worker is noticed.
    monitorIntervalSeconds: 2,
    superviseIntervalSeconds: 2,
    queueCacheIntervalSeconds: 1,
    schedule: false,
  });
  const stopping = new AbortController();
  boss.on("error", (err) => log.error({ err }, "queue error"));
  await boss.start();
  for (const [name, settings] of Object.entries(SETTINGS)) {
    await boss.createQueue(name, {
      policy: "stately",
      notify: true,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: 300,
      deleteAfterSeconds: ENDED_STAYS_SECONDS,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      ...settings,
    });
  }

  async function isRunning(name: JobName, key: string): Promise<boolean> {
    // As the index of this policy has it: what has ended is many times more.
    const { rows } = await boss.getDb().executeSql(
      `SELECT 1 FROM pgboss.job WHERE name = $1 AND state = 'active' AND COALESCE(singleton_key, '') = $2
         AND policy = 'stately' LIMIT 1`,
      [name, key],
    );
    return rows.length > 0;
  }

  async function perform(
    job: JobWithMetadata<object>,
    handle: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    try {
      stopping.signal.throwIfAborted();
      await handle(AbortSignal.any([job.signal, stopping.signal]));
    } catch (err) {
      if (stopping.signal.aborted) {
        // Anew instead of failed: a deploy is no fault of the work's, and takes none of its tries. This one ends
        // afterwards; killed in between, it is done twice, which changes nothing.
        await boss.send(job.name, job.data, { singletonKey: job.singletonKey ?? "" });
        log.info({ job: job.name, jobId: job.id }, "job given back");
        return;
      }
      log.error({ err, job: job.name, jobId: job.id }, "job failed");
      throw err;
    }
  }

  return {
    async send(name, data, { key, tx, startAfter, onceInSeconds, unlessRunning }) {
      if (unlessRunning && (await isRunning(name, key))) return;
      await boss.send(name, data, {
        singletonKey: key,
        ...(tx ? { db: fromPrisma(tx) } : {}),
        ...(startAfter ? { startAfter } : {}),
        ...(onceInSeconds ? { singletonSeconds: onceInSeconds } : {}),
      });
    },
    async work(name, { concurrency, lateSeconds = POLL_SECONDS }, handler) {
      for (let each = 0; each < concurrency; each++) {
        const workerId: string = await boss.work(
          name,
          {
            batchSize: 1,
            pollingIntervalSeconds: lateSeconds,
            notifyPollingIntervalSeconds: lateSeconds,
            heartbeatRefreshSeconds: HEARTBEAT_REFRESH_SECONDS,
            includeMetadata: true,
          },
          async ([job]: JobWithMetadata<Jobs[typeof name]>[]) => {
            if (!job) return;
            // Where there was one there may be more: the library would rest after each, until the next poll.
            boss.notifyWorker(workerId);
            await perform(job, (signal) => handler(job.data, signal));
          },
        );
      }
    },
    async stop(timeoutMs) {
      stopping.abort(new AppError(STOPPING, "This process is stopping."));
      await boss.stop({ graceful: true, close: true, timeout: timeoutMs });
    },
  };
}
