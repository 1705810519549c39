import { randomBytes } from "node:crypto";
import type { Db } from "./client.ts";

const WORKER = "bookproof worker";

/** How the database knows a process, by all that it asks and by its queue: those that work on jobs, and the others. */
export function nameProcess(role: "all" | "web" | "worker"): string {
  return `${role === "web" ? "bookproof web" : WORKER} ${randomBytes(4).toString("hex")}`;
}

/**
 * How many processes work on jobs at this moment. Asked of the database, which sees a killed one go: each holds at least
 * the connection on which it hears of new work.
 */
export async function countWorkers(db: Db): Promise<number> {
  const [row] = await db.$queryRaw<{ workers: number }[]>`
    SELECT count(DISTINCT application_name)::int AS workers FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE ${`${WORKER} %`}`;
  return row?.workers ?? 0;
}
