import pg from "pg";
import { AppError } from "#server/lib/errors.ts";
import type { Log } from "#server/lib/log.ts";

/** Any number, as long as every version of Bookproof takes the same one. */
const LOCK_KEY = 4_010_400_001;
const RETRY_MS = 250;

export type ClusterLock = {
  /** The database is about to stop: losing the connection is no surprise any more. */
  expectEnd(): void;
  release(): Promise<void>;
};

export type LockAttempt =
  | { outcome: "locked"; lock: ClusterLock }
  /** Another Bookproof serves from this cluster; `holderPid` is its process, when it says so. */
  | { outcome: "taken"; holderPid: string }
  /** Starting, stopping or gone: worth asking again. */
  | { outcome: "unreachable"; cause: unknown };

/**
 * Being the one Bookproof of an embedded cluster is a session lock inside that cluster: the database lets
 * go of it the moment our process dies, however it dies, so there is nothing stale to clean up.
 */
export async function tryLockCluster(url: string, log: Log): Promise<LockAttempt> {
  let client: pg.Client;
  try {
    client = await connect(url);
  } catch (cause) {
    // 28P01: somebody else's cluster, or its password file was lost. Asking again does not help.
    if (cause instanceof Error && "code" in cause && cause.code === "28P01") {
      throw new AppError(
        "data_folder",
        "The database in the data folder does not accept the password kept beside it: restore that file, or begin again with an empty data folder.",
        { cause },
      );
    }
    return { outcome: "unreachable", cause };
  }
  if (await takeLock(client)) return { outcome: "locked", lock: holdLock(url, client, log) };
  const holderPid = await findHolder(client);
  await client.end();
  return { outcome: "taken", holderPid };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: `bookproof lock ${process.pid}`,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  client.on("error", () => {}); // what follows from a lost connection is decided on "end"
  await client.connect();
  return client;
}

async function takeLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query("SELECT pg_try_advisory_lock($1) AS locked", [LOCK_KEY]);
  return rows[0]?.locked === true;
}

async function findHolder(client: pg.Client): Promise<string> {
  const { rows } = await client.query(
    `SELECT a.application_name AS name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.granted AND a.application_name LIKE 'bookproof lock %'`,
  );
  return rows[0]?.name?.replace("bookproof lock ", "") ?? "unknown";
}

/** Takes the lock again when the database restarted under us (a crashed backend makes it restart them all). */
function holdLock(url: string, first: pg.Client, log: Log): ClusterLock {
  let client = first;
  let isEnding = false;
  const watch = () => client.once("end", () => void regain());
  async function regain(): Promise<void> {
    if (!isEnding) log.warn("the connection that guards the embedded database was lost, reconnecting");
    while (!isEnding) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      try {
        client = await connect(url);
        if (isEnding) return void (await client.end());
        if (!(await takeLock(client))) log.error("another process has taken over the embedded database");
        return void watch();
      } catch {
        // still restarting
      }
    }
  }
  watch();
  return {
    expectEnd() {
      isEnding = true;
    },
    async release() {
      isEnding = true;
      await client.end().catch(() => {});
    },
  };
}
