import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { MigrationList } from "@prisma/schema-engine-wasm/schema_engine_bg";
import pg from "pg";
import { withSchemaEngine } from "./schema-engine.ts";

const PRISMA_FOLDER = join(import.meta.dirname, "..", "..", "prisma");
const SCHEMA_FILE = join(PRISMA_FOLDER, "schema.prisma");
const LOCK_KEY = 4_010_400_002;

const noFilter = { externalTables: [], externalEnums: [] };

/**
 * Brings the database to the newest migration and returns the names of those it applied. Processes that
 * start together wait for each other; a failed migration throws with the engine's own words and is
 * recorded in `_prisma_migrations`, as Prisma's command line would.
 */
export async function migrate(url: string): Promise<string[]> {
  const lock = new pg.Client({ connectionString: url, application_name: "bookproof migrate lock" });
  await lock.connect();
  try {
    await lock.query("SELECT pg_advisory_lock($1)", [LOCK_KEY]);
    const migrationsList = await readMigrations();
    const { appliedMigrationNames } = await withSchemaEngine(url, SCHEMA_FILE, (engine) =>
      engine.applyMigrations({ migrationsList, filters: noFilter }),
    );
    return appliedMigrationNames;
  } finally {
    await lock.end(); // lets go of the lock
  }
}

/**
 * SQL that leads from one text of schema.prisma to another (null: from nothing). The database at `url` is
 * only asked for its version.
 */
export function diffSchemas(url: string, from: string | null, to: string): Promise<string> {
  const asTarget = (content: string) => ({
    tag: "schemaDatamodel" as const,
    files: [{ path: SCHEMA_FILE, content }],
  });
  return withSchemaEngine(url, SCHEMA_FILE, async (engine) => {
    const { stdout } = await engine.diff({
      from: from === null ? { tag: "empty" } : asTarget(from),
      to: asTarget(to),
      script: true,
      exitCode: null,
      filters: noFilter,
    });
    return stdout ?? "";
  });
}

async function readMigrations(): Promise<MigrationList> {
  const baseDir = join(PRISMA_FOLDER, "migrations");
  const entries = await readdir(baseDir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const migrationDirectories = names.sort().map(async (name) => ({
    path: name,
    migrationFile: {
      path: "migration.sql",
      content: { tag: "ok" as const, value: await readFile(join(baseDir, name, "migration.sql"), "utf8") },
    },
  }));
  return {
    baseDir,
    lockfile: {
      path: "migration_lock.toml",
      content: await readFile(join(baseDir, "migration_lock.toml"), "utf8"),
    },
    shadowDbInitScript: "",
    migrationDirectories: await Promise.all(migrationDirectories),
  };
}
