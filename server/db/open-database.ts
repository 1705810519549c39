import { join } from "node:path";
import { AppError } from "#server/lib/errors.ts";
import type { Log } from "#server/lib/log.ts";
import { createDb, type Db } from "./client.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.ts";
import { migrate } from "./migrate.ts";

export type Database = { db: Db; url: string; close(): Promise<void> };

/** The folder of the embedded database inside the data folder. */
export function embeddedFolder(dataDir: string): string {
  return join(dataDir, "postgres");
}

/**
 * The database of `databaseUrl`, or the embedded one in `dataDir`; brought to the newest migration. `name` is how it knows
 * this process; see `count-workers.ts`.
 */
export async function openDatabase(
  config: { databaseUrl: string | null; dataDir: string },
  log: Log,
  name?: string,
): Promise<Database> {
  const embedded: EmbeddedPostgres | null = config.databaseUrl
    ? null
    : await startEmbeddedPostgres({ dataDir: embeddedFolder(config.dataDir), log });
  const url = config.databaseUrl ?? embedded?.url ?? "";
  try {
    const applied = await migrate(url);
    if (applied.length > 0) log.info({ migrations: applied }, "migrations applied");
  } catch (error) {
    await embedded?.stop();
    throw explainDatabaseError(error);
  }
  const db = createDb(url, name === undefined ? {} : { name });
  return {
    db,
    url,
    async close() {
      await db.$disconnect();
      await embedded?.stop();
    },
  };
}

/** What a mistyped or unreachable DATABASE_URL looks like, in a sentence; anything else stays as it is. */
export function explainDatabaseError(error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reasons: Record<string, string> = {
    ECONNREFUSED: "nothing listens there",
    ENOTFOUND: "its host is unknown",
    EAI_AGAIN: "its host is unknown",
    ETIMEDOUT: "its host does not answer",
    "28P01": "the password is refused",
    "28000": "the user is refused",
    "3D000": "the database does not exist",
    "53300": "it has no connection left",
  };
  const reason = reasons[code];
  if (!reason) return error;
  return new AppError("database_unreachable", `The database of DATABASE_URL cannot be reached: ${reason}.`, {
    cause: error,
  });
}
