import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type NextFunction, type Request, type Response, type Router } from "express";
import { createCalendlyRouter } from "./calendly/router.ts";
import { CallCounter } from "./calls.ts";
import { SandboxClock } from "./clock.ts";
import { type ControlAnswer, callControl } from "./control/call-control.ts";
import { createControlRouter } from "./control/router.ts";
import type { ResetWorld } from "./control/world-routes.ts";
import { Deliveries } from "./deliveries.ts";
import { Faults } from "./faults.ts";
import { HighLevelDeliveries } from "./highlevel/deliveries.ts";
import { createHighLevelRouter } from "./highlevel/router.ts";
import { Quota } from "./quota.ts";
import type { Sandbox, SandboxLog } from "./sandbox.ts";
import { seedDemoWorld } from "./seed/seed-demo.ts";
import { readWorldFile, WorldStore } from "./store.ts";
import { Trickle } from "./trickle/trickle.ts";
import { createEmptyWorldData, World } from "./world.ts";
import type { WorldData } from "./world-types.ts";

export type StartOptions = {
  /** 0 takes any free port. */
  port: number;
  host?: string;
  /** Where the world is kept; without it, it lives in memory. */
  worldFile?: string | null;
  /** The world to begin with where no file holds one. */
  firstWorld?: "empty" | "demo";
  seed?: number;
  log?: SandboxLog;
};

export type RunningSandbox = {
  url: string;
  port: number;
  /** The world as it is at this moment: a reset replaces it. */
  readonly world: World;
  readonly clock: SandboxClock;
  /** The control API without HTTP; `path` as below `/control`, without a query. */
  callControl(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<ControlAnswer>;
  close(): Promise<void>;
};

/** Starts both providers and the control API on one port, and goes on with the world of the former run. */
export async function startSandbox(options: StartOptions): Promise<RunningSandbox> {
  const log = options.log ?? (() => {});
  const clock = new SandboxClock();
  const kept = options.worldFile ? readWorldFile(options.worldFile) : null;
  const first = kept ?? createWorldData(options.firstWorld ?? "empty", options.seed ?? 1, Date.now());
  clock.restore(first.clock);

  const sandbox: Sandbox = {
    world: new World(first),
    clock,
    calls: new CallCounter(),
    quota: new Quota(),
    faults: new Faults(),
    deliveries: new Deliveries({ world: () => sandbox.world, clock, log, changed: () => sandbox.changed() }),
    highlevelDeliveries: new HighLevelDeliveries({ world: () => sandbox.world, clock, log }),
    log,
    changed: () => store?.changed(),
    save: async () => store?.flush(),
  };
  const store = options.worldFile
    ? new WorldStore(options.worldFile, () => sandbox.world.toData(clock.state))
    : null;
  const trickle = new Trickle(sandbox);
  clock.onChange(() => {
    sandbox.deliveries.pump();
    sandbox.highlevelDeliveries.pump();
  });

  const resetWorld: ResetWorld = (kind, seed) => {
    const data = createWorldData(kind, seed, Date.now());
    sandbox.world = new World(data);
    sandbox.calls.reset();
    sandbox.quota.reset();
    sandbox.faults.remove();
    sandbox.deliveries.faults.remove();
    sandbox.highlevelDeliveries.reset();
    clock.restore(data.clock);
    sandbox.deliveries.adoptWorld();
    trickle.restart();
  };

  const controlRouter = createControlRouter(sandbox, trickle, resetWorld);
  const server = createServer(createApp(sandbox, controlRouter));
  // An idle connection outlives the pause between two sweeps, and ends with the sandbox.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host ?? "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  if (!kept) sandbox.changed();
  sandbox.deliveries.adoptWorld();
  trickle.restart();
  log("sandbox started", { port, events: sandbox.world.events.size });

  return {
    url: `http://${options.host ?? "127.0.0.1"}:${port}`,
    port,
    get world() {
      return sandbox.world;
    },
    clock,
    callControl: (method, path, body = {}) => callControl(controlRouter, method, path, body),
    async close() {
      trickle.stop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await sandbox.deliveries.close();
      await sandbox.highlevelDeliveries.close();
      await store?.flush();
    },
  };
}

function createApp(sandbox: Sandbox, controlRouter: Router) {
  const app = express();
  app.disable("x-powered-by");
  // Providers date their answers by their own clock.
  app.use((_request, response, next) => {
    response.setHeader("Date", new Date(sandbox.clock.nowMs()).toUTCString());
    next();
  });
  app.use("/control", express.json({ limit: "64mb" }));
  app.use(express.json({ limit: "1mb" }));
  // A broken body is remembered here and refused by each provider in its own shape.
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    response.locals.isBodyBroken = error !== undefined;
    next();
  });
  app.use("/calendly", createCalendlyRouter(sandbox));
  app.use("/highlevel", createHighLevelRouter(sandbox));
  app.use("/control", controlRouter);
  return app;
}

function createWorldData(kind: "empty" | "demo", seed: number, nowMs: number): WorldData {
  return kind === "demo" ? seedDemoWorld(seed, nowMs) : createEmptyWorldData(nowMs);
}
