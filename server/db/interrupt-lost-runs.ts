import type { Log } from "#server/lib/log.ts";
import type { Db } from "./client.ts";

/**
 * Closes the records of runs whose process was killed, as `interrupted`; what they did goes on elsewhere. Asked of the
 * database, to which every process holds a connection under its name. Should all have lost theirs for a moment, a run
 * that goes on writes its own end over this. Answers how many.
 */
export async function interruptLostRuns({ db, log }: { db: Db; log: Log }): Promise<number> {
  const runs = await db.$executeRaw`
    UPDATE "JobRun" r SET state = 'interrupted', "errorCode" = 'process_gone'
    WHERE r.state = 'running' AND NOT EXISTS (
      SELECT 1 FROM pg_stat_activity a WHERE a.datname = current_database() AND a.application_name = r.process)`;
  if (runs > 0) log.warn({ runs }, "runs of processes that are gone");
  return runs;
}
