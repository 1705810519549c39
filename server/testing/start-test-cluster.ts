import { mkdir, readdir } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { removeEmbeddedPostgres, startEmbeddedPostgres } from "#server/db/embedded-postgres.ts";
import { migrate } from "#server/db/migrate.ts";
import { createQueue } from "#server/db/queue.ts";
import { createLog } from "#server/lib/log.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Address of the migrated template, from which every test file's database is copied. */
    templateUrl: string;
  }
}

const log = createLog("error");
const FOLDER = join(tmpdir(), `bookproof-test-${userInfo().username}`);

/** Vitest's global setup: one cluster and one migrated template for all test files of a run. */
export default async function startTestCluster(project: TestProject): Promise<() => Promise<void>> {
  await mkdir(FOLDER, { recursive: true, mode: 0o711 });
  await removeLeftovers();
  const dataDir = join(FOLDER, String(process.pid));
  const cluster = await startEmbeddedPostgres({ dataDir, log, durable: false });
  await migrate(cluster.url);
  // With the line that work waits in, which every process would otherwise make anew.
  const queue = await createQueue(cluster.url, log);
  await queue.stop(0);
  await markAsTemplate(cluster.url);
  project.provide("templateUrl", cluster.url);
  return async () => {
    await cluster.stop();
    await removeEmbeddedPostgres(dataDir, log);
  };
}

/** Clusters of runs that were killed: each folder is named after the process that made it. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(FOLDER)) {
    if (!isAlive(Number(name))) await removeEmbeddedPostgres(join(FOLDER, name), log);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A template that nobody may connect to can be copied at any time. */
async function markAsTemplate(url: string): Promise<void> {
  const address = new URL(url);
  const name = address.pathname.slice(1);
  address.pathname = "/postgres";
  const client = new pg.Client({ connectionString: address.href });
  await client.connect();
  await client.query(
    `ALTER DATABASE ${client.escapeIdentifier(name)} IS_TEMPLATE true ALLOW_CONNECTIONS false`,
  );
  await client.end();
}
