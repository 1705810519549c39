import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readConfig } from "#server/config.ts";
import { startEmbeddedPostgres } from "#server/db/embedded-postgres.ts";
import { diffSchemas, migrate } from "#server/db/migrate.ts";
import { embeddedFolder, explainDatabaseError } from "#server/db/open-database.ts";
import { AppError } from "#server/lib/errors.ts";
import { createLog } from "#server/lib/log.ts";
import { readOptions } from "../scripts/read-options.ts";

const USAGE = `npm run migrate [-- options]

Applies the migrations in prisma/migrations to the database of DATABASE_URL, or to the embedded one.

  --diff        prints the SQL that leads from the committed schema.prisma to the one on disk:
                the beginning of the next migration
  --from <rev>  compares with another commit than HEAD`;

const schemaFile = join(import.meta.dirname, "schema.prisma");

async function applyMigrations(url: string): Promise<void> {
  const applied = await migrate(url);
  console.log(
    applied.length > 0 ? `Applied ${applied.join(", ")}.` : "Nothing to apply: the database is up to date.",
  );
}

async function printDiff(url: string, revision: string): Promise<void> {
  const committed = spawnSync("git", ["show", `${revision}:./schema.prisma`], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  if (committed.status !== 0) {
    throw new AppError("bad_request", `git knows no schema.prisma at ${revision}.`);
  }
  console.log(await diffSchemas(url, committed.stdout, await readFile(schemaFile, "utf8")));
}

async function withDatabaseUrl(use: (url: string) => Promise<void>): Promise<void> {
  const config = readConfig();
  if (config.databaseUrl) return use(config.databaseUrl);
  const embedded = await startEmbeddedPostgres({
    dataDir: embeddedFolder(config.dataDir),
    log: createLog("warn"),
  });
  try {
    await use(embedded.url);
  } finally {
    await embedded.stop();
  }
}

const options = readOptions(USAGE, {
  diff: { type: "boolean", default: false },
  from: { type: "string", default: "HEAD" },
});
try {
  await withDatabaseUrl((url) => (options.diff ? printDiff(url, options.from) : applyMigrations(url)));
} catch (cause) {
  const error = explainDatabaseError(cause);
  console.error(error instanceof AppError ? error.message : error);
  process.exitCode = 1;
}
