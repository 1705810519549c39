import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDb, type Db } from "#server/db/client.ts";
import { removeEmbeddedPostgres, startEmbeddedPostgres } from "#server/db/embedded-postgres.ts";
import { migrate } from "#server/db/migrate.ts";
import { createQueue, type Queue } from "#server/db/queue.ts";
import { systemClock } from "#server/lib/clock.ts";
import { createLog } from "#server/lib/log.ts";
import { createSecretBox } from "#server/lib/secrets.ts";
import { createProviderClients } from "#server/providers/provider-clients.ts";
import type { RateLimiter } from "#server/providers/rate-limiter.ts";
import type { SweepDeps } from "#server/reconcile/sweep-connection.ts";
import { startSandbox } from "../sandbox/start-sandbox.ts";

/** What secrets in the database are sealed with: for processes that a bench starts. */
export const BENCH_SECRET = "bench-secret-of-at-least-32-characters";

/** An empty database and an empty sandbox of one's own, gone at the end. */
export type Bench = AsyncDisposable & {
  db: Db;
  deps: SweepDeps & { queue: Queue };
  /** For processes that a bench starts. */
  databaseUrl: string;
  sandboxUrl: string;
  // biome-ignore lint/suspicious/noExplicitAny: a bench reads a few fields of many different answers
  control(path: string, body?: unknown, method?: "GET" | "POST"): Promise<any>;
};

export async function openBench(): Promise<Bench> {
  await using started = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), "bookproof-bench-"));
  await chmod(dataDir, 0o711);
  const log = createLog("error");
  const cluster = await startEmbeddedPostgres({ dataDir: join(dataDir, "db"), log });
  started.defer(async () => {
    await cluster.stop();
    await removeEmbeddedPostgres(join(dataDir, "db"), log);
    await rm(dataDir, { recursive: true, force: true });
  });
  await migrate(cluster.url);
  const db = createDb(cluster.url);
  started.defer(() => db.$disconnect());
  const queue = await createQueue(cluster.url, log);
  started.defer(() => queue.stop(1_000));
  const sandbox = await startSandbox({ port: 0, worldFile: null });
  started.defer(() => sandbox.close());

  async function control(path: string, body: unknown = {}, method: "GET" | "POST" = "POST") {
    const response = await fetch(`${sandbox.url}/control${path}`, {
      method,
      ...(method === "GET"
        ? {}
        : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`control ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }
  // Calls are counted, not paced: what is measured is how many there are.
  await control("/settings", { enforceLimits: false });
  const deps = {
    db,
    log,
    queue,
    clock: systemClock,
    secrets: createSecretBox(BENCH_SECRET),
    providers: createProviderClients({
      config: { calendlyApiUrl: `${sandbox.url}/calendly`, highlevelApiUrl: `${sandbox.url}/highlevel` },
      clock: systemClock,
      limiter: unlimited,
    }),
  };
  const running = started.move();
  const urls = { databaseUrl: cluster.url, sandboxUrl: sandbox.url };
  return { db, deps, ...urls, control, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

const unlimited: RateLimiter = {
  acquire: async () => {},
  learn: async () => {},
  coolDown: async () => {},
  state: async () => {
    throw new Error("A bench keeps no rate budget.");
  },
};

/** A workspace with one Calendly connection that sees its whole organization. */
export async function connectBench({ db, deps, control }: Bench) {
  const { organization, users } = await control("/calendly/organizations", {
    name: "Ridgeline",
    users: [{ name: "Dana Ruiz", email: "dana@ridgeline.example" }],
    eventTypes: [{ name: "Intro call", duration: 30 }],
  });
  const workspace = await db.workspace.create({ data: { slug: "bench", name: "Bench" } });
  const connection = await db.connection.create({
    data: {
      workspaceId: workspace.id,
      provider: "calendly",
      organizationId: organization.id,
      ownerId: users[0].id,
      tokenSealed: deps.secrets.seal(users[0].token),
    },
  });
  return {
    workspaceId: workspace.id,
    connectionId: connection.id,
    organizationId: organization.id as string,
  };
}
