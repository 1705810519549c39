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
import { TEST_NOW } from "#server/testing/factories.ts";
import { createWebhookRouter } from "#server/webhooks/create-webhook-router.ts";
import { type RunningSandbox, startSandbox } from "../../sandbox/start-sandbox.ts";

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
  log: Deps["log"];
  receiver: { url: string; isDown: boolean };
  setTime(at: Date): void;
  // biome-ignore lint/suspicious/noExplicitAny: a few fields of many different answers are read
  control(path: string, body?: unknown, method?: "POST" | "DELETE"): Promise<any>;
  /** The same, for acts that the provider may refuse; null then. */
  // biome-ignore lint/suspicious/noExplicitAny: a few fields of many different answers are read
  tryControl(path: string, body: unknown): Promise<any>;
  calls(): Promise<number>;
};

export async function openLane(db: Db): Promise<Lane> {
  await using started = new AsyncDisposableStack();
  const sandbox = await startSandbox({ port: 0 });
  started.defer(() => sandbox.close());
  const clock = new SettableClock(TEST_NOW);
  const receiver = { url: "", isDown: false };
  const secrets = createSecretBox("convergence-secret-of-32-characters");
  const log = createLog("silent");
  // The rows of deliveries that wait are the line that worlds work on, in whatever order they like.
  const queue: Deps["queue"] = {
    send: async () => {},
    work: async () => {},
    stop: async () => {},
  };
  const server = createServer(
    createReceiver({
      config: readConfig({}),
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

  async function send(path: string, body: unknown, method: string): Promise<Response> {
    return fetch(`${sandbox.url}/control${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(method === "POST" ? { body: JSON.stringify(body) } : {}),
    });
  }
  async function control(path: string, body: unknown = {}, method: "POST" | "DELETE" = "POST") {
    const response = await send(path, body, method);
    if (!response.ok) throw new Error(`control ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }
  // Calls are counted and not refused: what a limit does is said by faults, and no world waits for real time.
  await control("/settings", { enforceLimits: false });

  const running = started.move();
  return {
    db,
    sandbox,
    clock,
    secrets,
    queue,
    log,
    receiver,
    setTime(at) {
      clock.set(at);
      sandbox.clock.freeze(at.getTime());
    },
    control,
    async tryControl(path, body) {
      const response = await send(path, body, "POST");
      const answer = await response.json();
      if (response.ok) return answer;
      if (response.status === 409) return null;
      throw new Error(`control ${path}: ${JSON.stringify(answer)}`);
    },
    async calls() {
      const { calendly, highlevel } = await (await send("/calls", null, "GET")).json();
      return calendly.total + highlevel.total;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function createReceiver(deps: Pick<Deps, "db" | "clock" | "log" | "queue" | "secrets" | "config">) {
  const app = express();
  app.use("/api/webhooks", createWebhookRouter(deps));
  app.use(((error, _req, res, _next) => {
    res.status(error instanceof AppError ? error.status : 500).json({});
  }) satisfies express.ErrorRequestHandler);
  return app;
}
