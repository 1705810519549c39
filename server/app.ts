import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { createExpressMiddleware } from "@trpc/server/adapters/express";
import { fromNodeHeaders, toNodeHandler } from "better-auth/node";
import compression from "compression";
import express, { type ErrorRequestHandler, type Express } from "express";
import helmet from "helmet";
import { appRouter } from "./api/router.ts";
import type { ApiContext } from "./api/trpc.ts";
import { CLIENT_ADDRESS_HEADER } from "./auth/auth.ts";
import type { SignedInUser } from "./auth/load-access.ts";
import { countWorkers } from "./db/count-workers.ts";
import { databaseAway, isDatabaseAway } from "./db/database-faults.ts";
import type { Deps } from "./deps.ts";
import { AppError } from "./lib/errors.ts";
import { createMetrics, type Metrics } from "./metrics/metrics.ts";
import { writeMetrics } from "./metrics/write-metrics.ts";
import { createRestRouter } from "./rest/create-rest-router.ts";
import { createWebhookRouter } from "./webhooks/create-webhook-router.ts";

const DAY_SECONDS = 24 * 60 * 60;

/** The HTTP assembly: every door of the server, in the order in which requests meet them. */
export function createApp(deps: Deps, metrics: Metrics = createMetrics()): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("trust proxy", deps.config.trustedProxies.length > 0 ? deps.config.trustedProxies : false);
  // Before what pages need and deliveries do not: they come by the hundred a second, and nobody reads their answers.
  app.use("/api/webhooks", createWebhookRouter(deps));
  app.use(helmet({ contentSecurityPolicy: { directives: contentSecurity(deps) } }));
  app.use((req, _res, next) => {
    req.headers[CLIENT_ADDRESS_HEADER] = req.ip ?? "unknown";
    next();
  });
  app.use(compression({ filter: (req, res) => !isStream(req.path) && compression.filter(req, res) }));

  app.get("/healthz", (_req, res) => {
    res.json({ ok: true });
  });
  app.get("/readyz", async (_req, res) => {
    // Ready all the same when nobody works: deliveries are still stored, and wait.
    res.json({ ok: true, workers: await countWorkers(deps.db) });
  });
  app.get("/metrics", async (_req, res) => {
    const { contentType, text } = await writeMetrics(deps, metrics);
    res.type(contentType).send(text);
  });

  // Before any body parser: the library reads the body itself.
  app.all("/api/auth/*splat", toNodeHandler(deps.auth));
  app.use(
    "/api/trpc",
    createExpressMiddleware({
      router: appRouter,
      maxBodySize: 1024 * 1024,
      createContext: async ({ req }): Promise<ApiContext> => ({
        deps,
        user: await readUser(deps, req.headers),
      }),
      onError: () => undefined,
    }),
  );
  app.use("/api", createRestRouter(deps));
  app.use("/api", (_req, _res, next) => next(new AppError("not_found", "There is no such endpoint.")));

  serveConsole(app, deps);
  app.use(answerError(deps));
  return app;
}

async function readUser(deps: Deps, headers: Record<string, unknown>): Promise<SignedInUser | null> {
  // Node's own header object, which is what the helper takes.
  const session = await deps.auth.api.getSession({ headers: fromNodeHeaders(headers as never) });
  if (!session) return null;
  const { id, name, email, role, timezone } = session.user;
  return { id, name, email, isAdmin: role === "admin", timezone: timezone ?? null };
}

/** The built console; every path that is not a file is a screen. */
function serveConsole(app: Express, _deps: Deps): void {
  const folder = join(import.meta.dirname, "../dist/client");
  app.use(
    "/assets",
    express.static(join(folder, "assets"), {
      immutable: true,
      maxAge: 365 * DAY_SECONDS * 1_000,
      index: false,
    }),
  );
  // A file of a former build: the page in its place would be taken for a broken script.
  app.use("/assets", (_req, _res, next) => next(new AppError("not_found", "There is no such file.")));
  app.use(express.static(folder, { index: false, maxAge: 0 }));
  app.get("/{*path}", (_req, res) => {
    res.set("Cache-Control", "no-cache").sendFile(join(folder, "index.html"));
  });
}

function contentSecurity(deps: Deps) {
  return {
    "default-src": ["'self'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:"],
    "connect-src": ["'self'"],
    // Over plain http (a laptop, a private network) an upgrade would only break the page.
    "upgrade-insecure-requests": deps.publicUrl.startsWith("https:") ? [] : null,
  };
}

function isStream(path: string): boolean {
  return path.includes("live.events");
}

/** Errors of every door but tRPC's, as `{ error: { code, message, details? } }`. */
function answerError(deps: Deps): ErrorRequestHandler {
  return (error, req, res, _next) => {
    const known = toAppError(error);
    if (!known) {
      const id = randomUUID().slice(0, 8);
      deps.log.error({ err: error, id, path: req.route?.path }, "request failed");
      res.status(500).json({
        error: { code: "internal", message: `The server could not do this. Nothing was changed. Id ${id}.` },
      });
      return;
    }
    const { code, message, details } = known;
    res
      .status(known.status)
      .json({ error: { code, message, ...(details === undefined ? {} : { details }) } });
  };
}

/** Body parsers throw errors of their own: too large, malformed. */
function toAppError(error: unknown): AppError | null {
  if (error instanceof AppError) return error;
  if (isDatabaseAway(error)) return databaseAway(error);
  const type = typeof error === "object" && error !== null && "type" in error ? error.type : null;
  if (type === "entity.too.large") return new AppError("payload_too_large", "The body is too large.");
  if (type === "entity.parse.failed")
    return new AppError("bad_json", "The body is not valid JSON.", { status: 400 });
  // The rest of what they refuse (an encoding, a length that lies, packed bytes that are not) is the caller's too.
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : null;
  if (typeof status === "number" && status >= 400 && status < 500) {
    return new AppError("bad_request", "The body cannot be read.");
  }
  return null;
}
