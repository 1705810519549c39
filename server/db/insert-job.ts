import { Prisma } from "./generated/client.ts";
import type { JobName } from "./queue.ts";

/**
 * Puts work in line as part of a larger statement, for where every round trip counts: the body of a CTE, one job for each
 * row of `from`, as `Queue.send` would write it. It tells nobody: that is what `createBell` is for.
 */
export function insertJob(name: JobName, key: string, data: Prisma.Sql, from: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    INSERT INTO pgboss.job (name, data, singleton_key, policy, retry_limit, retry_delay, retry_backoff, retry_delay_max,
                            expire_seconds, deletion_seconds, keep_until, heartbeat_seconds, dead_letter)
    SELECT q.name, ${data}, ${key}, q.policy, q.retry_limit, q.retry_delay, q.retry_backoff, q.retry_delay_max,
           q.expire_seconds, q.deletion_seconds, now() + q.retention_seconds * interval '1 second', q.heartbeat_seconds,
           q.dead_letter
    FROM ${from} JOIN pgboss.queue q ON q.name = ${name}
    ON CONFLICT DO NOTHING
    RETURNING id`;
}
