import { chmod, chown, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#server/lib/errors.ts";
import type { ClusterFolder } from "./cluster-folder.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import { findPostmaster, type ProgramResult, runProgram } from "./postmaster.ts";

/** Does nothing when there is one. Initialises beside the final place and renames, so that a start killed half-way leaves no half-made cluster. */
export async function createCluster(
  folder: ClusterFolder,
  binaries: PostgresBinaries,
  password: string,
  durable: boolean,
): Promise<void> {
  if (await stat(join(folder.cluster, "PG_VERSION")).catch(() => null)) return;
  const half = join(folder.root, `cluster.${process.pid}`);
  const passwordFile = join(folder.root, `password.${process.pid}`);
  await rm(half, { recursive: true, force: true });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  try {
    if (folder.osUser) await chown(passwordFile, folder.osUser.uid, folder.osUser.gid);
    const made = await runProgram(
      binaries.initdb,
      [
        `--pgdata=${half}`,
        `--pwfile=${passwordFile}`,
        "--username=postgres",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        // The same order and case rules on every operating system, and for every letter.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        ...(durable ? [] : ["--no-sync"]),
      ],
      folder.osUser,
    );
    if (!made.ok) {
      throw new AppError(
        "embedded_postgres",
        `The embedded database could not be created in ${folder.root}.`,
        {
          cause: new Error(made.output),
        },
      );
    }
    await rename(half, folder.cluster).catch(async (error) => {
      if (!(await stat(join(folder.cluster, "PG_VERSION")).catch(() => null))) throw error;
    });
  } finally {
    await rm(passwordFile, { force: true });
    await rm(half, { recursive: true, force: true });
  }
}

/** Starts the server process, which outlives ours; says what went wrong instead of throwing. */
export async function startCluster(
  folder: ClusterFolder,
  binaries: PostgresBinaries,
  port: number,
  durable: boolean,
): Promise<ProgramResult> {
  const log = join(folder.root, "postgres.log");
  await rename(log, `${log}.previous`).catch(() => {});
  await writeFile(log, "");
  if (folder.osUser) await chown(log, folder.osUser.uid, folder.osUser.gid);
  await chmod(log, 0o600);
  const settings = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    timezone: "UTC",
    log_timezone: "UTC",
    max_connections: 100,
    shared_buffers: durable ? "256MB" : "64MB",
    // Evidence touches leads all over their indexes: the first touch of a page after each checkpoint writes it whole.
    max_wal_size: "4GB",
    checkpoint_timeout: "15min",
    jit: "off",
    log_checkpoints: "off",
    // Statements and details of errors quote personal data, which no log may hold (R43).
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
  const flags = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  return runProgram(
    binaries.pgCtl,
    ["start", "-w", "-t", "60", "-D", folder.cluster, "-l", log, "-o", flags.join(" ")],
    folder.osUser,
  );
}

/** Fast first: open transactions roll back, sessions end. */
export async function stopCluster(
  folder: ClusterFolder,
  binaries: PostgresBinaries,
  durable: boolean,
): Promise<void> {
  const stop = (mode: string, seconds: number) =>
    runProgram(
      binaries.pgCtl,
      ["stop", "-w", "-D", folder.cluster, "-m", mode, "-t", String(seconds)],
      folder.osUser,
    );
  if (durable && (await stop("fast", 3)).ok) return;
  // Immediate is what a power cut would do: nothing committed is lost, the next start replays its log.
  if (await findPostmaster(folder.cluster)) await stop("immediate", 3);
}
