import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createLog } from "#server/lib/log.ts";
import { type EmbeddedPostgres, removeEmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.ts";

const log = createLog("silent");
const holder = join(import.meta.dirname, "..", "testing", "hold-embedded-postgres.ts");
let parent: string;
let dataDir: string;
let running: EmbeddedPostgres[] = [];
const children: ChildProcess[] = [];

/** A stopped cluster, made once: copying it is much quicker than making one for every test. */
let template: string;

beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), "bookproof-embedded-"));
  await chmod(template, 0o711);
  const postgres = await startEmbeddedPostgres({ dataDir: join(template, "postgres"), log, durable: false });
  await postgres.stop();
});

afterAll(() => rm(template, { recursive: true, force: true }));

function copyTemplate(): void {
  execFileSync("cp", ["-a", join(template, "postgres"), dataDir]);
}

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "bookproof-embedded-"));
  await chmod(parent, 0o711);
  dataDir = join(parent, "postgres");
});

afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill("SIGKILL");
  for (const postgres of running.splice(0)) await postgres.stop();
  await removeEmbeddedPostgres(dataDir, log);
  await rm(parent, { recursive: true, force: true });
});

async function start(options: { durable?: boolean } = {}): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir, log, durable: false, ...options });
  running.push(postgres);
  return postgres;
}

async function stop(postgres: EmbeddedPostgres): Promise<void> {
  running = running.filter((other) => other !== postgres);
  await postgres.stop();
}

/** Another process that serves from the same folder. */
async function startElsewhere(): Promise<{ child: ChildProcess; url: string; port: number }> {
  copyTemplate();
  const child = spawn(process.execPath, [holder, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [line] = await once(child.stdout as NodeJS.ReadableStream, "data");
  return { child, ...JSON.parse(String(line)) };
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function readPostmasterPid(): Promise<number> {
  return Number((await readFile(join(dataDir, "cluster", "postmaster.pid"), "utf8")).split("\n")[0]);
}

test("keeps data, port and password over a clean stop", async () => {
  const first = await start({ durable: true });
  await query(first.url, "CREATE TABLE kept AS SELECT 42 AS n");
  await stop(first);
  const second = await start({ durable: true });
  expect(second.url).toBe(first.url);
  expect(await query(second.url, "SELECT n FROM kept")).toEqual([{ n: 42 }]);
});

test("speaks UTF-8 and UTC, on the loopback address alone, and keeps its password to its owner", async () => {
  copyTemplate();
  const { url } = await start();
  const [row] = await query(
    url,
    `SELECT current_setting('server_encoding') AS encoding, current_setting('timezone') AS zone,
            current_setting('listen_addresses') AS addresses, current_setting('unix_socket_directories') AS sockets,
            lower('ÄÖÜ') AS lower, current_setting('server_version_num')::int / 10000 AS version`,
  );
  expect(row).toEqual({
    encoding: "UTF8",
    zone: "UTC",
    addresses: "127.0.0.1",
    sockets: "",
    lower: "äöü",
    version: 18,
  });
  expect((await stat(join(dataDir, "password"))).mode & 0o777).toBe(0o600);
});

describe("after kill -9 of our process", () => {
  test("the next start adopts the database that still runs, and stops it at its end", async () => {
    const elsewhere = await startElsewhere();
    await query(elsewhere.url, "CREATE TABLE kept AS SELECT 42 AS n");
    const pid = await readPostmasterPid();
    elsewhere.child.kill("SIGKILL");
    await once(elsewhere.child, "exit");

    const adopted = await start();
    expect(await readPostmasterPid()).toBe(pid);
    expect(adopted.port).toBe(elsewhere.port);
    expect(await query(adopted.url, "SELECT n FROM kept")).toEqual([{ n: 42 }]);
    await stop(adopted);
    await expect(query(adopted.url, "SELECT 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("removing the folder stops the database first", async () => {
    const elsewhere = await startElsewhere();
    elsewhere.child.kill("SIGKILL");
    await once(elsewhere.child, "exit");
    await removeEmbeddedPostgres(dataDir, log);
    await expect(query(elsewhere.url, "SELECT 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await expect(stat(dataDir)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

test("recovers when the database itself was killed", async () => {
  const elsewhere = await startElsewhere();
  await query(elsewhere.url, "CREATE TABLE kept AS SELECT 42 AS n");
  process.kill(await readPostmasterPid(), "SIGKILL");
  elsewhere.child.kill("SIGKILL");
  await once(elsewhere.child, "exit");
  const { url } = await start();
  expect(await query(url, "SELECT n FROM kept")).toEqual([{ n: 42 }]);
});

test("ignores a pid file whose number belongs to another program by now", async () => {
  copyTemplate();
  await writeFile(
    join(dataDir, "cluster", "postmaster.pid"),
    [process.pid, join(dataDir, "cluster"), 1_700_000_000, 5432, "", "127.0.0.1", "", "ready   ", ""].join(
      "\n",
    ),
  );
  const { url } = await start();
  expect(await query(url, "SELECT 1 AS n")).toEqual([{ n: 1 }]);
});

test("ignores what a start killed half-way left behind", async () => {
  await mkdir(join(dataDir, "cluster.1"), { recursive: true });
  await writeFile(join(dataDir, "cluster.1", "PG_VERSION"), "18\n");
  const { url } = await start();
  expect(await query(url, "SELECT 1 AS n")).toEqual([{ n: 1 }]);
});

test("takes the lock again when the connection that holds it breaks", async () => {
  copyTemplate();
  const { url } = await start();
  await query(
    url,
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'bookproof lock %'",
  );
  const holders = () =>
    query(url, "SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory' AND granted");
  await expect.poll(holders, { timeout: 20_000 }).toEqual([{ n: 1 }]);
});

describe("says in one sentence", () => {
  test("that another process uses the folder, and leaves it alone", async () => {
    const elsewhere = await startElsewhere();
    const refusal = {
      code: "data_folder_in_use",
      message: `Another Bookproof (process ${elsewhere.child.pid}) already uses the data folder ${dataDir}: stop it first, or set DATA_DIR to another folder.`,
    };
    await expect(start()).rejects.toMatchObject(refusal);
    await expect(removeEmbeddedPostgres(dataDir, log)).rejects.toMatchObject(refusal);
    expect(await query(elsewhere.url, "SELECT 1 AS n")).toEqual([{ n: 1 }]);
    elsewhere.child.kill("SIGKILL");
    await once(elsewhere.child, "exit");
  });

  test("that the folder cannot be written", async () => {
    await writeFile(join(parent, "file"), "");
    await expect(
      startEmbeddedPostgres({ dataDir: join(parent, "file", "postgres"), log, durable: false }),
    ).rejects.toMatchObject({ code: "data_folder", message: expect.stringContaining("cannot be written") });
  });

  test("that the password is gone", async () => {
    copyTemplate();
    await rm(join(dataDir, "password"));
    await expect(start()).rejects.toMatchObject({
      code: "data_folder",
      message: expect.stringContaining("password of the database"),
    });
  });
});

test.runIf(process.getuid?.() === 0)(
  "as root under a closed folder, keeps the data where its own account can enter",
  async () => {
    await chmod(parent, 0o700);
    const { url } = await start();
    expect(await query(url, "SELECT 1 AS n")).toEqual([{ n: 1 }]);
    expect(await readlink(dataDir)).toMatch(/^\/var\/lib\/bookproof\/[0-9a-f]{12}$/);
  },
);
