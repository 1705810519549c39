import pg from "pg";
import { afterEach, expect, test } from "vitest";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildWorkspace } from "#server/testing/factories.ts";
import { createDb, type Db } from "./client.ts";

const database = setUpTestDatabase();
const opened: Db[] = [];

afterEach(async () => {
  for (const db of opened.splice(0)) await db.$disconnect();
});

function open(url: string): Db {
  const db = createDb(url);
  opened.push(db);
  return db;
}

async function execute(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

// Summer and winter, and the hour that New York has twice.
const instants = [
  "2026-01-15T12:00:00.123Z",
  "2026-07-15T12:00:00.456Z",
  "2026-11-01T05:30:00.000Z",
  "2026-11-01T06:30:00.000Z",
];

test("keeps every instant exact where the database's own zone is not UTC", async () => {
  const name = new URL(database.url).pathname.slice(1);
  await execute(`ALTER ROLE postgres IN DATABASE ${name} SET timezone = 'America/New_York'`);
  const db = open(database.url);
  for (const instant of instants) {
    const { id } = await buildWorkspace(db, { createdAt: instant });
    const read = await db.workspace.findUniqueOrThrow({ where: { id } });
    expect(read.createdAt.toISOString()).toBe(instant);
    const [row] = await db.$queryRaw<{ at: Date; ms: number }[]>`
      SELECT "createdAt" AS at, (extract(epoch FROM "createdAt") * 1000)::float8 AS ms
      FROM "Workspace" WHERE "createdAt" = ${new Date(instant)} AND id = ${id}::uuid`;
    expect(row).toEqual({ at: new Date(instant), ms: Date.parse(instant) });
  }
});

test("keeps the address's own session settings, except the zone", async () => {
  const url = new URL(database.url);
  url.searchParams.set("options", "-c timezone=Asia/Tokyo -c work_mem=7MB");
  const rows = await open(url.href).$queryRaw`
    SELECT current_setting('timezone') AS zone, current_setting('work_mem') AS mem,
           current_setting('statement_timeout') AS timeout`;
  expect(rows).toEqual([{ zone: "UTC", mem: "7MB", timeout: "1min" }]);
});
