import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { readConfig } from "#server/config.ts";
import type { Db } from "#server/db/client.ts";
import type { Deps } from "#server/deps.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { AppError } from "#server/lib/errors.ts";
import { createLog } from "#server/lib/log.ts";
import { createSecretBox } from "#server/lib/secrets.ts";
import { buildUser, TEST_NOW } from "#server/testing/factories.ts";
import { createWebhookRouter } from "#server/webhooks/create-webhook-router.ts";
import { type RunningSandbox, startSandbox } from "../../sandbox/start-sandbox.ts";
import type { Line } from "./line.ts";

/**
 * Where worlds run one after the other: a database, a sandbox and our receiver, speaking HTTP with each other. A lane
 * has one time, so that worlds at once need a lane each, and a database each: the clock pass knows no workspace.
 */
export type Lane = AsyncDisposable & {
  db: Db;
  sandbox: RunningSandbox;
  /** Moves with the sandbox's: both are set by `setTime`. */
  clock: SettableClock;
  secrets: ReturnType<typeof createSecretBox>;
  queue: Deps["queue"];
  /** Where there is one, work is put in line and done by others; else it is done where it is asked for. */
  line: Line | null;
  log: Deps["log"];
  receiver: { url: string; isDown: boolean };
  /** Who marks, links and decides. */
  operatorId: string;
  setTime(at: Date): void;
  // biome-ignore lint/suspicious/noExplicitAny: a few fields of many different answers are read
  control(path: string, body?: unknown, method?: "GET" | "POST" | "DELETE"): Promise<any>;
  /** The same, for acts that the provider may refuse; null then. */
  // biome-ignore lint/suspicious/noExplicitAny: a few fields of many different answers are read
  tryControl(path: string, body: unknown): Promise<any>;
  calls(): Promise<number>;
};

/** The rows of deliveries that wait are the line that worlds work on, in whatever order they like. */
const IDLE_QUEUE: Deps["queue"] = {
  send: async () => {},
  work: async () => {},
  stop: async () => {},
};

const MARKETPLACE_PATH = "/highlevel/webhooks";

export async function openLane(db: Db, queue: Deps["queue"] = IDLE_QUEUE): Promise<Lane> {
  await using started = new AsyncDisposableStack();
  const sandbox = await startSandbox({ port: 0 });
  started.defer(() => sandbox.close());
  const clock = new SettableClock(TEST_NOW);
  const receiver = { url: "", isDown: false };
  const secrets = createSecretBox("convergence-secret-of-32-characters");
  const log = createLog("silent");
  async function control(path: string, body: unknown = {}, method: "GET" | "POST" | "DELETE" = "POST") {
    const answer = await sandbox.callControl(method, path, body);
    if (answer.status >= 400) throw new Error(`control ${path}: ${JSON.stringify(answer.body)}`);
    // biome-ignore lint/suspicious/noExplicitAny: a few fields of many different answers are read
    return answer.body as any;
  }
  const marketplace = await control(MARKETPLACE_PATH, {}, "GET");
  const server = createServer(
    createReceiver({
      config: readConfig({ HIGHLEVEL_WEBHOOK_PUBLIC_KEY: marketplace.publicKey }),
      clock,
      log,
      secrets,
      queue,
      get db() {
        if (receiver.isDown) throw new Error("The database is away.");
        return db;
      },
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  started.defer(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  // The cast: a server that listens on a port has an address with one.
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/webhooks`;
  // Calls are counted and not refused: what a limit does is said by faults, and no world waits for real time.
  await control("/settings", { enforceLimits: false });
  await forbidRewriting(db);
  const { id: operatorId } = await buildUser(db);

  const running = started.move();
  return {
    db,
    sandbox,
    clock,
    secrets,
    queue,
    line: null,
    log,
    receiver,
    operatorId,
    setTime(at) {
      clock.set(at);
      sandbox.clock.freeze(at.getTime());
    },
    control,
    async tryControl(path, body) {
      const answer = await sandbox.callControl("POST", path, body);
      if (answer.status === 409) return null;
      if (answer.status >= 400) throw new Error(`control ${path}: ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
    async calls() {
      const { calendly, highlevel } = await control("/calls", {}, "GET");
      return calendly.total + highlevel.total;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** R20: what was written about the past stays as it was written. Whoever tries otherwise is told by the database. */
async function forbidRewriting(db: Db): Promise<void> {
  await db.$executeRaw`
    CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'history is rewritten: % of %', TG_OP, TG_TABLE_NAME; END $$`;
  for (const table of ["AppointmentChange", "AuditEntry"]) {
    await db.$executeRawUnsafe(
      `CREATE TRIGGER "${table}_stays" BEFORE UPDATE OR DELETE ON "${table}"
       FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()`,
    );
  }
}

function createReceiver(deps: Pick<Deps, "db" | "clock" | "log" | "queue" | "secrets" | "config">) {
  const app = express();
  app.use("/api/webhooks", createWebhookRouter(deps));
  app.use(((error, _req, res, _next) => {
    res.status(error instanceof AppError ? error.status : 500).json({});
  }) satisfies express.ErrorRequestHandler);
  return app;
}
