import { access, constants, lstat, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { AppError } from "#server/lib/errors.ts";
import { readKeptSecret } from "#server/lib/kept-secret.ts";
import type { Log } from "#server/lib/log.ts";
import { createToken } from "#server/lib/secrets.ts";
import { type ClusterFolder, prepareClusterFolder } from "./cluster-folder.ts";
import { type ClusterLock, tryLockCluster } from "./cluster-lock.ts";
import { findPostgresBinaries, type PostgresBinaries } from "./postgres-binaries.ts";
import { createCluster, startCluster, stopCluster } from "./postgres-cluster.ts";
import { findPostmaster } from "./postmaster.ts";

export type EmbeddedPostgres = {
  /** Connection address of the database `bookproof`. */
  url: string;
  port: number;
  /** Fast shutdown: open transactions roll back. Returns once the database is gone. */
  stop(): Promise<void>;
};

export type EmbeddedPostgresOptions = {
  /** Folder of this database alone; made when missing. */
  dataDir: string;
  log: Log;
  /** Otherwise the port of last time, if free, else any free one. */
  port?: number;
  /** False only for data that may be lost (tests). */
  durable?: boolean;
};

const DATABASE = "bookproof";
const START_ATTEMPTS = 300;
const ATTEMPT_PAUSE_MS = 100;
const MAX_FAILED_STARTS = 20;
/** The database takes a moment to notice that the process that held the lock was killed. */
const MAX_TAKEN_ATTEMPTS = 5;

/**
 * Starts a real PostgreSQL in `dataDir`, or adopts the one that a killed process left running there.
 * Throws an AppError with one plain sentence when the folder cannot be used or another process uses it.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log } = options;
  const folder = await prepareClusterFolder(options.dataDir);
  const binaries = await findPostgresBinaries(folder.osUser);
  const password = await readPassword(folder, options.dataDir);
  await createCluster(folder, binaries, password, options.durable ?? true);

  const { port, lock } = await startOrAdopt(folder, binaries, password, options);
  await writeFile(join(folder.root, "port"), `${port}\n`);
  await createDatabase(addressOf(port, password, "postgres"));
  log.info({ port }, "embedded database ready");
  return {
    url: addressOf(port, password, DATABASE),
    port,
    async stop() {
      // The lock itself goes last: nobody may adopt a database that is about to stop.
      lock.expectEnd();
      await stopCluster(folder, binaries, options.durable ?? true);
      await lock.release();
      log.info("embedded database stopped");
    },
  };
}

/**
 * Deletes the database in `dataDir`, after stopping what a killed process left running there. Refuses, in
 * one sentence, while another process uses it.
 */
export async function removeEmbeddedPostgres(dataDir: string, log: Log): Promise<void> {
  if ((await lstat(dataDir).catch(() => null)) === null) return;
  const folder = await prepareClusterFolder(dataDir);
  const running = await findPostmaster(folder.cluster);
  if (running) {
    const password = await readPassword(folder, dataDir);
    const url = addressOf(running.port, password, "postgres");
    let attempted = await tryLockCluster(url, log);
    for (let attempt = 1; attempted.outcome === "taken"; attempt++) {
      if (attempt >= MAX_TAKEN_ATTEMPTS) throw inUse(dataDir, attempted.holderPid);
      await sleep(ATTEMPT_PAUSE_MS);
      attempted = await tryLockCluster(url, log);
    }
    if (attempted.outcome === "locked") attempted.lock.expectEnd();
    await stopCluster(folder, await findPostgresBinaries(folder.osUser), false);
    if (attempted.outcome === "locked") await attempted.lock.release();
  }
  await rm(folder.root, { recursive: true, force: true });
  await rm(dataDir, { force: true, recursive: true }); // a link, where the folder had to be elsewhere
}

function inUse(dataDir: string, pid: string): AppError {
  return new AppError(
    "data_folder_in_use",
    `Another Bookproof (process ${pid}) already uses the data folder ${dataDir}: stop it first, or set DATA_DIR to another folder.`,
  );
}

async function startOrAdopt(
  folder: ClusterFolder,
  binaries: PostgresBinaries,
  password: string,
  options: EmbeddedPostgresOptions,
): Promise<{ port: number; lock: ClusterLock }> {
  let failure = "";
  let isOurs = false;
  let failedStarts = 0;
  let takenAttempts = 0;
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
    const running = await findPostmaster(folder.cluster);
    if (!running) {
      const port = options.port ?? (await choosePort(folder));
      const started = await startCluster(folder, binaries, port, options.durable ?? true);
      isOurs = started.ok;
      failure = started.output;
      // Not started: a port taken in between, another process was quicker, or the parts of a killed server
      // are still on their way out. Look again, but not for ever.
      if (!started.ok && ++failedStarts >= MAX_FAILED_STARTS) break;
    } else if (running.port > 0 && running.status !== "stopping") {
      const attempted = await tryLockCluster(addressOf(running.port, password, "postgres"), options.log);
      if (attempted.outcome === "locked") {
        if (!isOurs)
          options.log.info({ pid: running.pid }, "adopted the database that an earlier process left running");
        return { port: running.port, lock: attempted.lock };
      }
      if (attempted.outcome === "taken" && ++takenAttempts >= MAX_TAKEN_ATTEMPTS) {
        throw inUse(options.dataDir, attempted.holderPid);
      }
      if (attempted.outcome === "unreachable") failure = String(attempted.cause);
    }
    if (!isOurs) await sleep(ATTEMPT_PAUSE_MS);
  }
  throw new AppError(
    "embedded_postgres",
    `The embedded database in ${options.dataDir} did not start; its log is ${join(folder.root, "postgres.log")}.`,
    { cause: new Error(failure) },
  );
}

function addressOf(port: number, password: string, database: string): string {
  return `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`;
}

async function readPassword(folder: ClusterFolder, dataDir: string): Promise<string> {
  const file = join(folder.root, "password");
  const hasCluster = (await stat(folder.cluster).catch(() => null)) !== null;
  const isKept = await access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
  if (hasCluster && !isKept) {
    throw new AppError(
      "data_folder",
      `The password of the database in ${dataDir} is missing or not readable: restore the file "password" in it, or begin again with an empty data folder.`,
    );
  }
  return readKeptSecret(file, () => createToken(24));
}

async function choosePort(folder: ClusterFolder): Promise<number> {
  const kept = Number(await readFile(join(folder.root, "port"), "utf8").catch(() => "0"));
  return (kept > 0 && (await tryPort(kept))) || (await tryPort(0));
}

/** The port when it is free on the loopback address (0 asks for any), else 0. */
function tryPort(port: number): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(0));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(address && typeof address === "object" ? address.port : 0));
    });
  });
}

async function createDatabase(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [DATABASE]);
    if (!rowCount) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}
