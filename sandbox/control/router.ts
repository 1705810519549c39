import express, { type Router } from "express";
import type { Sandbox } from "../sandbox.ts";
import type { Trickle } from "../trickle/trickle.ts";
import { addCalendlyAccounts } from "./calendly-accounts.ts";
import { addCalendlyActs } from "./calendly-acts.ts";
import { addHighLevelControl } from "./highlevel-routes.ts";
import { addHighLevelWebhookControl } from "./highlevel-webhook-routes.ts";
import { addPeopleControl } from "./people-routes.ts";
import { addWorldControl, type ResetWorld } from "./world-routes.ts";

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

/** The JSON API of tests, benchmarks and the demo. It asks for no token, so it answers this machine only. */
export function createControlRouter(sandbox: Sandbox, trickle: Trickle, resetWorld: ResetWorld): Router {
  const router = express.Router();
  router.use((request, response, next) => {
    if (LOOPBACK.test(request.socket.remoteAddress ?? "")) return next();
    response.status(403).json({ error: { code: "loopback_only", message: "The control API is local." } });
  });
  addWorldControl(router, sandbox, resetWorld);
  addCalendlyAccounts(router, sandbox);
  addCalendlyActs(router, sandbox);
  addHighLevelControl(router, sandbox);
  addHighLevelWebhookControl(router, sandbox);
  addPeopleControl(router, sandbox, trickle);
  router.use((request, response) => {
    response
      .status(404)
      .json({ error: { code: "unknown_route", message: `Cannot ${request.method} ${request.path}` } });
  });
  return router;
}
