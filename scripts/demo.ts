import { existsSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Config, readConfig } from "#server/config.ts";
import { removeEmbeddedPostgres } from "#server/db/embedded-postgres.ts";
import { embeddedFolder } from "#server/db/open-database.ts";
import { AppError } from "#server/lib/errors.ts";
import { openHttpDoor } from "#server/lib/http-door.ts";
import { createLog, type Log } from "#server/lib/log.ts";
import { runUntilSignal } from "#server/lib/run-until-signal.ts";
import { createToken } from "#server/lib/secrets.ts";
import { startServer } from "#server/main.ts";
import { seedDemo, trickleClaims } from "../prisma/seed.ts";
import { startSandbox } from "../sandbox/start-sandbox.ts";
import { buildClientIfStale } from "./build-client.ts";
import { readOptions } from "./read-options.ts";
import { tellParent } from "./tell-parent.ts";

const USAGE = `npm run demo [-- options]

  --fresh   begin again: forgets the demo's database and the sandbox's world
  --still   no trickle of new bookings and cancellations

PORT (4000), SANDBOX_PORT (4010) and DATA_DIR (.data) are honoured.`;

/** A new booking, cancellation or no-show at the sandbox this often. */
const TRICKLE_MS = 20_000;
/** A new claim in some conversation this often. */
const CLAIM_MS = 45_000;

async function startDemo(options: { fresh: boolean; still: boolean }) {
  const config = readDemoConfig();
  const log = createLog(config.logLevel);
  // Said before anything is built or deleted.
  await checkPort(config.port, "PORT");
  await checkPort(config.sandboxPort, "SANDBOX_PORT");
  if (options.fresh) await forget(config, log);
  buildClientIfStale();

  await using started = new AsyncDisposableStack();
  await makeFolder(config.dataDir);
  const sandbox = await startSandbox({
    port: config.sandboxPort,
    worldFile: join(config.dataDir, "sandbox-world.json"),
    firstWorld: "demo",
  });
  started.defer(() => sandbox.close());
  const adminApiKey = config.adminApiKey ?? createToken();
  const server = await startServer({ ...config, ...providersAt(sandbox.url), adminApiKey }, log);
  started.defer(() => server.close());

  const input = { url: server.url, sandboxUrl: sandbox.url, adminApiKey, deps: server.deps };
  // Written last: a seed that was cut short runs again, and skips what it finds done.
  const seeded = join(config.dataDir, "seeded");
  if (!existsSync(seeded)) {
    console.log("Filling three workspaces, once …");
    await seedDemo(input);
    await writeFile(seeded, "");
  }
  // The sandbox remembers its trickle: a still start turns it off again.
  await setTrickle(sandbox.url, !options.still);
  if (!options.still) {
    const claims = await trickleClaims(input, CLAIM_MS);
    started.defer(() => claims.stop());
  }
  announce(server.url, sandbox.url);
  await tellParent({ url: server.url, sandboxUrl: sandbox.url });

  const running = started.move();
  return { close: () => running.disposeAsync() };
}

/**
 * The demo has a folder and a database of its own, whatever the environment says: `--fresh` must never
 * reach the data of a real installation.
 */
function readDemoConfig(): Config {
  const own = { DATABASE_URL: undefined, APP_SECRET: undefined, PROCESS_ROLE: undefined };
  const config = readConfig({ LOG_LEVEL: "warn", ...process.env, ...own });
  return { ...config, dataDir: join(config.dataDir, "demo"), demo: true };
}

function providersAt(sandboxUrl: string) {
  return {
    calendlyApiUrl: `${sandboxUrl}/calendly`,
    calendlyAuthUrl: `${sandboxUrl}/calendly`,
    highlevelApiUrl: `${sandboxUrl}/highlevel`,
  };
}

async function checkPort(port: number, variable: string): Promise<void> {
  const door = await openHttpDoor({ host: "127.0.0.1", port, variable });
  await door.close(0);
}

async function forget(config: Config, log: Log): Promise<void> {
  await removeEmbeddedPostgres(embeddedFolder(config.dataDir), log);
  const names = await readdir(config.dataDir).catch(() => []);
  for (const name of names) await rm(join(config.dataDir, name), { recursive: true, force: true });
}

async function makeFolder(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
  } catch (cause) {
    throw new AppError(
      "data_folder",
      `The data folder ${dataDir} cannot be written: make it writable for the user that starts the demo, or point DATA_DIR elsewhere.`,
      { cause },
    );
  }
}

async function setTrickle(sandboxUrl: string, on: boolean): Promise<void> {
  await fetch(`${sandboxUrl}/control/trickle`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ on, everyMs: TRICKLE_MS }),
  });
}

function announce(url: string, sandboxUrl: string): void {
  console.log(`
Bookproof is running at ${url}

  Sign in as            to
  setter@demo.test      re-book lost meetings
  inbox@demo.test       read and answer
  ops@demo.test         decide mismatches
  owner@demo.test       connect providers, change settings
  admin@demo.test       see every workspace
  Password: bookproof-demo

Calendly and HighLevel are played by the sandbox at ${sandboxUrl}
Stop with Ctrl-C; the next start goes on from here. Begin again with: npm run demo -- --fresh
`);
}

const options = readOptions(USAGE, {
  fresh: { type: "boolean", default: false },
  still: { type: "boolean", default: false },
});
await runUntilSignal(() => startDemo(options));
