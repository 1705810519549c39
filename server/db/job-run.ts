import type { Clock } from "#server/lib/clock.ts";
import { AppError } from "#server/lib/errors.ts";
import type { Db } from "./client.ts";
import { STOPPING } from "./queue.ts";

export type JobRunInput = {
  job: string;
  trigger: string;
  workspaceId?: string;
  connectionId?: string;
  way?: "sweep" | "lookup";
  why?: string;
};

export type Counters = Record<string, number>;

/**
 * Keeps a record of one run of a job: when, why, what it counted and how it ended. Counters that were written before
 * a failure stay: a failed run keeps where it stood. A process that stops has failed at nothing: its run was interrupted.
 */
export async function recordJobRun<T>(
  { db, clock }: { db: Db; clock: Clock },
  input: JobRunInput,
  run: (counters: Counters) => Promise<T>,
): Promise<T> {
  const { id } = await db.jobRun.create({ data: { ...input, startedAt: clock.now() }, select: { id: true } });
  const counters: Counters = {};
  try {
    const result = await run(counters);
    await db.jobRun.update({
      where: { id },
      data: { state: "succeeded", endedAt: clock.now(), counters, errorCode: null },
    });
    return result;
  } catch (error) {
    const errorCode = error instanceof AppError ? error.code : "internal";
    const state = errorCode === STOPPING ? "interrupted" : "failed";
    await db.jobRun.update({ where: { id }, data: { state, endedAt: clock.now(), counters, errorCode } });
    throw error;
  }
}
