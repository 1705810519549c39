import type { Db } from "#server/db/client.ts";

/** Runs `act` while no work can be put in line, since the line is not there. */
export async function withoutLine<T>(db: Db, act: () => Promise<T>): Promise<T> {
  await db.$executeRaw`ALTER TABLE pgboss.queue RENAME TO queue_away`;
  try {
    return await act();
  } finally {
    await db.$executeRaw`ALTER TABLE pgboss.queue_away RENAME TO queue`;
  }
}
