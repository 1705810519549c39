import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { diffSchemas, migrate } from "./migrate.ts";

const database = setUpTestDatabase();
const modelName = `model_${process.pid}_${Math.random().toString(36).slice(2, 8)}`;
let modelUrl: string;
let schema: string;

/** Beside the migrated database, one made from schema.prisma alone: what the client believes is there. */
beforeAll(async () => {
  schema = await readFile(join(import.meta.dirname, "..", "..", "prisma", "schema.prisma"), "utf8");
  const url = new URL(database.url);
  url.pathname = `/${modelName}`;
  modelUrl = url.href;
  await query(database.url, `CREATE DATABASE ${modelName} TEMPLATE template0`);
  await query(modelUrl, await diffSchemas(database.url, null, schema));
});

afterAll(() => query(database.url, `DROP DATABASE ${modelName} WITH (FORCE)`));

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows ?? [];
  } finally {
    await client.end();
  }
}

const described = {
  "columns, their types and nullability": `
    SELECT c.relname AS "table", a.attname AS "column", format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS "notNull"
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
      AND c.relname <> '_prisma_migrations'
    ORDER BY 1, 2`,
  "defaults, computed columns aside": `
    SELECT c.relname AS "table", a.attname AS "column", pg_get_expr(d.adbin, d.adrelid) AS "default"
    FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.adnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname <> '_prisma_migrations' AND a.attgenerated = ''
    ORDER BY 1, 2`,
  "enum words in their order": `
    SELECT t.typname AS type, array_agg(e.enumlabel::text ORDER BY e.enumsortorder) AS words
    FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
    WHERE t.typnamespace = 'public'::regnamespace GROUP BY 1 ORDER BY 1`,
  "keys between tables": `
    SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND contype IN ('f', 'p') AND conname <> '_prisma_migrations_pkey'
    ORDER BY 1`,
};

test.each(Object.entries(described))("leave the same %s as schema.prisma", async (_, sql) => {
  const migrated = await query(database.url, sql);
  expect(migrated.length).toBeGreaterThan(0);
  expect(migrated).toEqual(await query(modelUrl, sql));
});

test("leave every index of schema.prisma, and may add their own", async () => {
  const sql = `SELECT indexname AS name, indexdef AS definition FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`;
  const migrated = await query(database.url, sql);
  expect(migrated).toEqual(expect.arrayContaining(await query(modelUrl, sql)));
});

test("change nothing when applied again, also by two processes at once", async () => {
  expect(await Promise.all([migrate(database.url), migrate(database.url)])).toEqual([[], []]);
});

test("the difference between two schemas is the SQL of the next migration", async () => {
  const next = schema.replace("model Workspace {", "model Workspace {\n  motto String?");
  expect(await diffSchemas(database.url, schema, next)).toContain(
    'ALTER TABLE "Workspace" ADD COLUMN     "motto" TEXT',
  );
  expect(await diffSchemas(database.url, schema, schema)).not.toMatch(/ALTER|CREATE|DROP/);
});
