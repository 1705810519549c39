import { afterAll, beforeAll } from "vitest";
import { createApp } from "#server/app.ts";
import { createAuth } from "#server/auth/auth.ts";
import { type Config, readConfig } from "#server/config.ts";
import type { Db } from "#server/db/client.ts";
import { createLiveFeed } from "#server/db/live-feed.ts";
import { createQueue } from "#server/db/queue.ts";
import type { Deps } from "#server/deps.ts";
import { type Clock, systemClock } from "#server/lib/clock.ts";
import { openHttpDoor } from "#server/lib/http-door.ts";
import { createLog } from "#server/lib/log.ts";
import { createSecretBox } from "#server/lib/secrets.ts";
import { createMemoryRateLimiter } from "#server/providers/memory-rate-limiter.ts";
import { createProviderClients } from "#server/providers/provider-clients.ts";
import { systemSleep } from "#server/providers/sleep.ts";
import { setUpTestDatabase } from "./database.ts";

type TestServer = { url: string; deps: Deps; close(): Promise<void> };

type TestServerOptions = {
  /** Stands still or moves as the test says; without it, the system's. */
  clock?: Clock;
  /** Providers are the sandbox at this address; without it, calls to them fail. */
  sandboxUrl?: string;
  config?: Partial<Config>;
};

export const TEST_ADMIN_KEY = "test-admin-key-0123456789";
export const TEST_CRON_SECRET = "test-cron-secret-0123456789";

const APP_SECRET = "test-secret-of-at-least-32-characters";

/**
 * The whole application on a free port, over a test database, with a real queue and real sign-in. Jobs are put in line
 * and not worked on: a test runs the one it means. `ADMIN_API_KEY` and `CRON_SECRET` are the two constants above.
 */
async function startTestServer(
  database: { db: Db; url: string },
  { clock = systemClock, sandboxUrl = "http://127.0.0.1:9", config = {} }: TestServerOptions = {},
): Promise<TestServer> {
  await using started = new AsyncDisposableStack();
  const log = createLog("silent");
  const door = await openHttpDoor({ host: "127.0.0.1", port: 0, variable: "PORT" });
  started.defer(() => door.close(0));
  const url = `http://127.0.0.1:${door.port}`;
  const { db } = database;
  const queue = await createQueue(database.url, log);
  started.defer(() => queue.stop(0));
  const live = await createLiveFeed({ db, url: database.url });
  started.defer(() => live.close());
  const settings: Config = {
    ...readConfig({ ADMIN_API_KEY: TEST_ADMIN_KEY, CRON_SECRET: TEST_CRON_SECRET }),
    calendlyApiUrl: `${sandboxUrl}/calendly`,
    calendlyAuthUrl: `${sandboxUrl}/calendly`,
    highlevelApiUrl: `${sandboxUrl}/highlevel`,
    ...config,
  };
  const deps: Deps = {
    config: settings,
    db,
    log,
    queue,
    live,
    clock,
    publicUrl: url,
    secrets: createSecretBox(APP_SECRET),
    providers: createProviderClients({
      config: settings,
      clock,
      limiter: createMemoryRateLimiter({ clock, sleep: systemSleep }),
    }),
    auth: createAuth({ db, appSecret: APP_SECRET, baseUrl: url, trustedOrigins: [] }),
  };
  door.serve(createApp(deps));
  started.defer(() => door.close(0));
  const running = started.move();
  return { url, deps, close: () => running.disposeAsync() };
}

/** A database and a server for the test file that calls this; read them inside tests and hooks only. */
export function setUpTestServer(options: () => TestServerOptions = () => ({})) {
  const database = setUpTestDatabase();
  let current: TestServer | undefined;
  beforeAll(async () => {
    current = await startTestServer(database, options());
  });
  afterAll(() => current?.close());
  const get = (): TestServer => {
    if (!current) throw new Error("The test server exists only while tests and their hooks run.");
    return current;
  };
  return {
    get db() {
      return database.db;
    },
    get databaseUrl() {
      return database.url;
    },
    get url() {
      return get().url;
    },
    get deps() {
      return get().deps;
    },
  };
}
