import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, inject } from "vitest";
import { createDb, type Db } from "#server/db/client.ts";
import { rememberPersonalIn } from "./personal-values.ts";
import { runAsAdmin } from "./run-as-admin.ts";

export type TestDatabase = { db: Db; url: string; drop(): Promise<void> };

/** A migrated, empty database of one's own. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const template = new URL(inject("templateUrl"));
  const name = `test_${randomBytes(6).toString("hex")}`;
  await runAsAdmin(template, `CREATE DATABASE ${name} TEMPLATE "${template.pathname.slice(1)}"`);
  const url = new URL(template);
  url.pathname = `/${name}`;
  const db = createDb(url.href, { max: 5 });
  return {
    db,
    url: url.href,
    async drop() {
      await rememberPersonalIn(db);
      await db.$disconnect();
      // FORCE: a failed test may have left a connection open.
      await runAsAdmin(template, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** One database for the test file that calls this; read `db` and `url` inside tests and hooks only. */
export function setUpTestDatabase(): { readonly db: Db; readonly url: string } {
  let current: TestDatabase | undefined;
  beforeAll(async () => {
    current = await createTestDatabase();
  });
  afterAll(() => current?.drop());
  const get = (): TestDatabase => {
    if (!current) throw new Error("The test database exists only while tests and their hooks run.");
    return current;
  };
  return {
    get db() {
      return get().db;
    },
    get url() {
      return get().url;
    },
  };
}
