import { constants, setPriority } from "node:os";
import { createApp } from "./app.ts";
import { readAppSecret } from "./app-secret.ts";
import { createAuth } from "./auth/auth.ts";
import { type Config, readConfig } from "./config.ts";
import type { Db } from "./db/client.ts";
import { nameProcess } from "./db/count-workers.ts";
import { createLiveFeed } from "./db/live-feed.ts";
import { openDatabase } from "./db/open-database.ts";
import { createQueue } from "./db/queue.ts";
import type { Deps } from "./deps.ts";
import { systemClock } from "./lib/clock.ts";
import { openHttpDoor } from "./lib/http-door.ts";
import { createLog, type Log } from "./lib/log.ts";
import { logWarnings } from "./lib/log-warnings.ts";
import { runUntilSignal } from "./lib/run-until-signal.ts";
import { createSecretBox, deriveKey } from "./lib/secrets.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { keepCallTotals } from "./metrics/save-call-totals.ts";
import { createPostgresRateLimiter } from "./providers/postgres-rate-limiter.ts";
import { createProviderClients } from "./providers/provider-clients.ts";
import { systemSleep } from "./providers/sleep.ts";
import { registerJobs } from "./scheduler/register-jobs.ts";
import { startScheduler } from "./scheduler/start-scheduler.ts";
import { startReceiverBeat } from "./webhooks/beat-receiver.ts";

export type RunningServer = { url: string; deps: Deps; close(): Promise<void> };

/** How long running jobs may take to reach their next safe point; what does not is resumed at the next start. */
const JOBS_GRACE_MS = 2_000;

/**
 * Starts everything this process is responsible for, and stops in the opposite order. When a step fails,
 * what had started is stopped again and the reason is thrown.
 */
export async function startServer(
  config: Config,
  log: Log = createLog(config.logLevel),
): Promise<RunningServer> {
  await using started = new AsyncDisposableStack();
  const door = await openHttpDoor({ host: config.host, port: config.port, variable: "PORT" });
  started.defer(() => door.close());
  const publicUrl = config.publicUrl ?? `http://localhost:${door.port}`;

  const appSecret = await readAppSecret(config);
  const name = nameProcess(config.processRole);
  const database = await openDatabase(config, log, name);
  started.defer(() => database.close());
  const { db, url } = database;
  const queue = await createQueue(url, log, name);
  started.defer(() => queue.stop(JOBS_GRACE_MS));
  const live = await createLiveFeed({ db, url });
  started.defer(() => live.close());

  const metrics = createMetrics({ withProcess: true });

  const deps: Deps = {
    config,
    db,
    log,
    queue,
    live,
    publicUrl,
    clock: systemClock,
    secrets: createSecretBox(appSecret),
    providers: createProviderClients({
      config,
      clock: systemClock,
      limiter: createPostgresRateLimiter(db, { clock: systemClock, sleep: systemSleep }),
      onCall: metrics.countCall,
    }),
    auth: createAuthFor(config, db, appSecret, publicUrl, door.port),
  };
  const callTotals = keepCallTotals(deps, metrics);
  started.defer(() => callTotals.stop());
  // On a machine that both share, whoever waits for an answer goes before work.
  if (config.processRole === "worker") setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  if (config.processRole !== "web") {
    await registerJobs(deps);
    const scheduler = startScheduler(deps);
    started.defer(() => scheduler.stop());
  }
  if (config.processRole !== "worker") {
    const beat = await startReceiverBeat(deps);
    started.defer(() => beat.stop());
  }
  door.serve(createApp(deps, metrics));
  // Streams and requests end before what they read from.
  started.defer(() => door.close());
  log.info({ port: door.port, role: config.processRole }, "server started");

  const running = started.move();
  return { url: publicUrl, deps, close: () => running.disposeAsync() };
}

function createAuthFor(config: Config, db: Db, appSecret: string, publicUrl: string, port: number) {
  // People reach a server on this machine under either name.
  const local = config.publicUrl ? [] : [`http://127.0.0.1:${port}`, `http://localhost:${port}`];
  return createAuth({
    db,
    appSecret: deriveKey(appSecret, "sign-in").toString("base64url"),
    baseUrl: publicUrl,
    trustedOrigins: [...config.trustedOrigins, ...local],
  });
}

if (import.meta.main) {
  await runUntilSignal(async () => {
    const config = readConfig();
    const log = createLog(config.logLevel);
    logWarnings(log);
    return startServer(config, log);
  });
}
