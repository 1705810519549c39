import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeEmbeddedPostgres } from "#server/db/embedded-postgres.ts";
import { embeddedFolder } from "#server/db/open-database.ts";
import { createLog } from "#server/lib/log.ts";
import { findFreePort } from "#server/testing/find-free-port.ts";
import { keptLogsEnvironment } from "#server/testing/kept-logs-environment.ts";
import { rememberPersonal, rememberPersonalOf } from "#server/testing/personal-values.ts";
import { DEMO_PASSWORD, emailOf, PEOPLE } from "./demo-people.ts";
import { openSandbox } from "./sandbox.ts";

/** The demo as a process of its own, on free ports and a throwaway data folder, without its trickle. */
export type World = {
  url: string;
  sandboxUrl: string;
  /** The instance's `ADMIN_API_KEY`: tests bring leads in and compare through the integration API. */
  adminKey: string;
  /** As a power cut would: the server, the sandbox and their shutdown code are gone at once. */
  kill(): Promise<void>;
  /** Goes on with the same data and the same addresses; resolves when the server answers. */
  start(): Promise<void>;
  /** Ends everything and deletes its data. */
  stop(): Promise<void>;
};

const demo = join(import.meta.dirname, "..", "scripts", "demo.ts");

export async function startWorld(): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), "bookproof-e2e-"));
  // As root the database runs under another account, which must be able to pass through.
  await chmod(dataDir, 0o711);
  const [port, sandboxPort] = [await findFreePort(), await findFreePort()];
  const adminKey = randomUUID();
  const env = {
    ...process.env,
    ...keptLogsEnvironment(),
    ADMIN_API_KEY: adminKey,
    PORT: String(port),
    SANDBOX_PORT: String(sandboxPort),
    DATA_DIR: dataDir,
    HOST: "127.0.0.1",
    PUBLIC_URL: "",
  };
  let child: ChildProcess | undefined;
  const world: World = {
    url: `http://localhost:${port}`,
    sandboxUrl: `http://127.0.0.1:${sandboxPort}`,
    adminKey,
    async start() {
      child = await startProcess(env);
    },
    async kill() {
      // Providers forget nothing when we are killed.
      await openSandbox(world.sandboxUrl).control("POST", "/save");
      await end(child, "SIGKILL");
    },
    async stop() {
      await end(child, "SIGTERM");
      await rememberPeople(dataDir);
      await removeEmbeddedPostgres(embeddedFolder(join(dataDir, "demo")), createLog("error"));
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  await world.start();
  return world;
}

/** Whom the sandbox had invented: nobody of them may be in the logs (R43). */
async function rememberPeople(dataDir: string): Promise<void> {
  const world: unknown = JSON.parse(await readFile(join(dataDir, "demo", "sandbox-world.json"), "utf8"));
  rememberPersonalOf(world);
  rememberPersonal([DEMO_PASSWORD, ...PEOPLE.map(emailOf)]);
}

async function startProcess(env: Record<string, string | undefined>): Promise<ChildProcess> {
  const child = spawn(process.execPath, [demo, "--still"], {
    env,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const isReady = await Promise.race([
    once(child, "message").then(() => true),
    once(child, "exit").then(() => false),
  ]);
  if (!isReady) throw new Error("The demo ended before it was ready (its last words are above).");
  child.disconnect();
  return child;
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}
