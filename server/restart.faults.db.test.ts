import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { runBackfill } from "./backfills/run-backfill.ts";
import { buildCalendlyWorld, createBackfillDeps } from "./backfills/testing/backfill-world.ts";
import { never, read, start } from "./backfills/testing/run-tools.ts";
import { readConfig } from "./config.ts";
import { createDb, type Db } from "./db/client.ts";
import {
  type EmbeddedPostgres,
  removeEmbeddedPostgres,
  startEmbeddedPostgres,
} from "./db/embedded-postgres.ts";
import { lockWorkspace } from "./db/lock-workspace.ts";
import { migrate } from "./db/migrate.ts";
import { createLog } from "./lib/log.ts";
import { type RunningServer, startServer } from "./main.ts";
import { setUpSandbox } from "./providers/testing/set-up-sandbox.ts";

// A cluster of its own: restarting the one that all tests share would be unkind to the others.
const log = createLog("silent");
const sandbox = setUpSandbox();
let folder: string;
let dataDir: string;
let postgres: EmbeddedPostgres;
let db: Db;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bookproof-restart-"));
  await chmod(folder, 0o711);
  dataDir = join(folder, "postgres");
  await startPostgres();
  await migrate(postgres.url);
  db = createDb(postgres.url, { max: 5 });
});

afterEach(() => sandbox.control("/faults", {}, "DELETE"));

afterAll(async () => {
  await db.$disconnect();
  await postgres.stop();
  await removeEmbeddedPostgres(dataDir, log);
  await rm(folder, { recursive: true, force: true });
});

/** The same port each time: who was connected finds it again. */
async function startPostgres(): Promise<void> {
  postgres = await startEmbeddedPostgres({ dataDir, log });
}

/** Resolves once a page waits for its workspace; until the database goes, nobody saves there. */
async function holdPages(workspaceId: string): Promise<void> {
  void db
    .$transaction(
      async (tx) => {
        await lockWorkspace(tx, workspaceId);
        await new Promise(() => {});
      },
      { timeout: 20_000 },
    )
    .catch(() => {});
  const waiting = () =>
    db.$queryRaw<unknown[]>`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`;
  await expect.poll(async () => (await waiting()).length, { timeout: 20_000 }).toBeGreaterThan(0);
}

test("a backfill whose database restarts saves the page it has in hand, without asking for it again", async () => {
  const world = await buildCalendlyWorld(db, sandbox.control, { 2: 2, 1: 3 });
  const deps = createBackfillDeps(db, sandbox.url);
  const run = await start(deps, world.workspace.id, 1, 3);
  await sandbox.control("/calls/reset");
  const held = holdPages(world.workspace.id);
  const working = runBackfill(deps, { backfillId: run.id }, never());
  await held;
  await postgres.stop();
  await startPostgres();
  await working;
  expect(await read(deps, run.id)).toMatchObject({ state: "succeeded", done: 5, known: 0, errors: [] });
  const { families } = (await sandbox.control("/calls", {}, "GET")).calendly;
  expect(families).toMatchObject({ "GET /scheduled_events": 2, "GET /scheduled_events/:id/invitees": 5 });
  const slices = await db.backfillSlice.findMany({ where: { backfillId: run.id } });
  expect(slices.map(({ attempts }) => attempts)).toEqual([0, 0]);
});

describe("a server whose database restarts", () => {
  let server: RunningServer;

  beforeAll(async () => {
    server = await startServer(
      readConfig({
        PORT: "0",
        LOG_LEVEL: "silent",
        DATABASE_URL: postgres.url,
        APP_SECRET: "restart-secret-of-at-least-32-characters",
        CALENDLY_API_URL: `${sandbox.url}/calendly`,
        HIGHLEVEL_API_URL: `${sandbox.url}/highlevel`,
      }),
    );
  });

  afterAll(() => server.close());

  test("stays up, asks Calendly to send again meanwhile, and works on as before", async () => {
    const { id } = await buildCalendlyWorld(db, sandbox.control, {}).then(({ workspace }) => workspace);
    const ask = async (path: string, method = "GET") =>
      (await fetch(`${server.url}${path}`, { method })).status;
    expect(await ask("/readyz")).toBe(200);
    await postgres.stop();
    expect(await ask("/healthz")).toBe(200);
    expect(await ask("/readyz")).toBe(503);
    expect(await ask("/api/trpc/session.me")).toBe(200); // of nobody, and asks nobody
    expect(await ask(`/api/webhooks/calendly/${id}`, "POST")).toBe(503);
    await startPostgres();
    await expect.poll(() => ask("/readyz"), { timeout: 20_000 }).toBe(200);

    await server.deps.queue.send("prune", {}, { key: "after the restart" });
    const pruned = () => db.jobRun.count({ where: { job: "prune", state: "succeeded" } });
    await expect.poll(pruned, { timeout: 15_000 }).toBeGreaterThan(0);
  });
});
