import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type Router } from "express";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { operator } from "#server/audit/actor.ts";
import { readConfig } from "#server/config.ts";
import { createQueue, type Queue } from "#server/db/queue.ts";
import type { Deps } from "#server/deps.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { AppError } from "#server/lib/errors.ts";
import { createLog } from "#server/lib/log.ts";
import { createSecretBox } from "#server/lib/secrets.ts";
import { createMemoryRateLimiter } from "#server/providers/memory-rate-limiter.ts";
import { createProviderClients } from "#server/providers/provider-clients.ts";
import { systemSleep } from "#server/providers/sleep.ts";
import { setUpSandbox } from "#server/providers/testing/set-up-sandbox.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildUser, buildWorkspace, TEST_NOW } from "#server/testing/factories.ts";

type TestDeps = Pick<
  Deps,
  "db" | "clock" | "log" | "queue" | "secrets" | "publicUrl" | "config" | "providers"
>;

/**
 * A database, a queue, a sandbox and the receiver that is given, speaking real HTTP with each other. Every test begins with an empty
 * sandbox world, an organization and a location in it, and a workspace that is connected to neither.
 */
export function setUpConnections({ receiver }: { receiver?: (deps: TestDeps) => Router } = {}) {
  const database = setUpTestDatabase();
  const sandbox = setUpSandbox();
  const secrets = createSecretBox("test-secret-of-at-least-32-characters");
  const clock = new SettableClock(TEST_NOW);
  const log = createLog("silent");
  let queue: Queue;
  let server: Server;
  let publicUrl = "";
  let world: Awaited<ReturnType<typeof buildWorld>>;

  async function buildWorld() {
    const organization = await sandbox.control("/calendly/organizations", {
      name: "Northwind Growth",
      users: [
        { name: "Dana Ruiz", email: "dana@northwind.example" },
        { name: "Ben Ito", email: "ben@northwind.example", role: "user" },
      ],
      eventTypes: [
        { name: "Intro call", duration: 30 },
        { name: "Demo", duration: 45 },
      ],
    });
    const location = await sandbox.control("/highlevel/locations", {
      name: "Northwind Growth",
      timezone: "America/Chicago",
      users: [{ name: "Dana Ruiz", email: "dana@northwind.example" }],
      calendars: [{ name: "Discovery" }],
    });
    const workspace = await buildWorkspace(database.db);
    const user = await buildUser(database.db);
    return {
      organization,
      location,
      workspace,
      actor: operator(user.id),
      ownerToken: organization.users[0].token as string,
      memberToken: organization.users[1].token as string,
    };
  }

  const setUp = {
    sandbox,
    clock,
    secrets,
    get db() {
      return database.db;
    },
    get queue() {
      return queue;
    },
    get world() {
      return world;
    },
    get publicUrl() {
      return publicUrl;
    },
    get deps(): TestDeps {
      return {
        db: database.db,
        clock,
        log,
        queue,
        secrets,
        publicUrl,
        config: { ...readConfig({}), calendlyApiUrl: `${sandbox.url}/calendly` },
        providers: createProviderClients({
          config: { calendlyApiUrl: `${sandbox.url}/calendly`, highlevelApiUrl: `${sandbox.url}/highlevel` },
          clock,
          limiter: createMemoryRateLimiter({ clock, sleep: systemSleep }),
        }),
      };
    },
    /** Jobs of one name that wait in line. */
    async waiting(name: string): Promise<number> {
      const [row] = await database.db.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM pgboss.job WHERE name = ${name} AND state IN ('created', 'retry')`;
      return row?.count ?? 0;
    },
  };

  beforeAll(async () => {
    queue = await createQueue(database.url, log);
    const app = express();
    if (receiver) app.use("/api/webhooks", receiver(setUp.deps));
    app.use(((error, _req, res, _next) => {
      const status = error instanceof AppError ? error.status : (error.status ?? 500);
      res.status(status).json({ error: { code: error.code ?? error.type } });
    }) satisfies express.ErrorRequestHandler);
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await queue.stop(1_000);
  });
  beforeEach(async () => {
    clock.set(TEST_NOW);
    await sandbox.control("/reset", { world: "empty" });
    await sandbox.control("/clock", { now: TEST_NOW.toISOString() });
    await database.db.$executeRaw`DELETE FROM pgboss.job`;
    await database.db.webhookDelivery.deleteMany();
    world = await buildWorld();
  });
  return setUp;
}
