import type { Db } from "./client.ts";
import type { JobName } from "./queue.ts";

const GAP_MS = 25;

export type Bell = { ring(): void };

/**
 * Tells workers of work that `insertJob` put in line, a moment later and once for all that came meanwhile. Not in the
 * transactions themselves: PostgreSQL makes those that notify wait for one another's commits, down to the disk. Work whose
 * bell was never rung is found by the next poll.
 */
export function createBell(db: Db, name: JobName): Bell {
  let isRung = false;
  return {
    ring() {
      if (isRung) return;
      isRung = true;
      setTimeout(() => {
        isRung = false;
        void notify(db, name).catch(() => undefined);
      }, GAP_MS).unref();
    },
  };
}

/** The channel is named after the library's schema, as the library names it. */
async function notify(db: Db, name: JobName): Promise<void> {
  await db.$executeRaw`
    SELECT pg_notify('pgboss_' || left(encode(sha224('pgboss'::bytea), 'hex'), 24), ${name})`;
}
