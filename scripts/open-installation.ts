import { readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { readAppSecret } from "#server/app-secret.ts";
import type { Config } from "#server/config.ts";
import { createDb, type Db } from "#server/db/client.ts";
import { embeddedFolder, openDatabase } from "#server/db/open-database.ts";
import { createQueue, type Queue } from "#server/db/queue.ts";
import type { Deps } from "#server/deps.ts";
import { systemClock } from "#server/lib/clock.ts";
import { AppError } from "#server/lib/errors.ts";
import type { Log } from "#server/lib/log.ts";
import { createSecretBox } from "#server/lib/secrets.ts";
import { createPostgresRateLimiter } from "#server/providers/postgres-rate-limiter.ts";
import { createProviderClients } from "#server/providers/provider-clients.ts";
import { systemSleep } from "#server/providers/sleep.ts";

export type Installation = {
  deps: Pick<Deps, "db" | "clock" | "log" | "providers" | "secrets"> & { queue: Queue };
  /** No server runs on this data: what is to be done must be done here. */
  isAlone: boolean;
  close(): Promise<void>;
};

/**
 * The database, secrets and providers of an installation, for a command beside the server. With the embedded database
 * it joins the server that runs on the same data folder, or starts the database itself where none does.
 */
export async function openInstallation(config: Config, log: Log): Promise<Installation> {
  await using opened = new AsyncDisposableStack();
  const database = await openOrJoin(config, log);
  opened.defer(() => database.close());
  const queue = await createQueue(database.url, log);
  opened.defer(() => queue.stop(1_000));
  const { db } = database;
  const deps = {
    db,
    log,
    queue,
    clock: systemClock,
    secrets: createSecretBox(await readAppSecret(config)),
    providers: createProviderClients({
      config,
      clock: systemClock,
      limiter: createPostgresRateLimiter(db, { clock: systemClock, sleep: systemSleep }),
    }),
  };
  const running = opened.move();
  return { deps, isAlone: database.isAlone, close: () => running.disposeAsync() };
}

async function openOrJoin(
  config: Config,
  log: Log,
): Promise<{ db: Db; url: string; isAlone: boolean; close(): Promise<void> }> {
  try {
    const database = await openDatabase(config, log);
    return { ...database, isAlone: config.databaseUrl === null };
  } catch (error) {
    if (!(error instanceof AppError && error.code === "data_folder_in_use")) throw error;
    const url = await readRunningAddress(config.dataDir);
    const db = createDb(url, { max: 4 });
    return { db, url, isAlone: false, close: () => db.$disconnect() };
  }
}

/** The embedded database keeps its port and password beside its data. */
async function readRunningAddress(dataDir: string): Promise<string> {
  const root = await realpath(embeddedFolder(dataDir));
  const [port, password] = await Promise.all(
    ["port", "password"].map(async (name) => (await readFile(join(root, name), "utf8")).trim()),
  );
  return `postgresql://postgres:${password}@127.0.0.1:${port}/bookproof`;
}
