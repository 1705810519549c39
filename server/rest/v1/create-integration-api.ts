import { Router } from "express";
import { z } from "zod";
import type { Deps } from "#server/deps.ts";
import { acceptMessages } from "#server/leads/accept-messages.ts";
import { messageInput } from "#server/leads/message-input.ts";
import { createEndpoints } from "../endpoint.ts";
import { type Caller, findCaller } from "../find-caller.ts";
import { readJson } from "../read-json.ts";
import { connection, listOf, mismatch, taken, task, unknownClaims } from "./answers.ts";
import { createApiRoutes } from "./api-routes.ts";
import { addAppointmentEndpoints } from "./appointment-endpoints.ts";
import { addBackfillEndpoints } from "./backfill-endpoints.ts";
import { connectionQuery, listConnections } from "./connection-rows.ts";
import { describeApi } from "./describe-api.ts";
import { addLeadEndpoints } from "./lead-endpoints.ts";
import { listMismatches, mismatchQuery } from "./mismatch-rows.ts";
import { addSequenceEndpoints } from "./sequence-endpoints.ts";
import { listTasks, taskQuery } from "./task-rows.ts";

/** Each message is checked on its own, as leads are. */
const messagesBody = z.strictObject({ messages: z.array(z.unknown()) });

/** The door for a customer's own programs: one workspace per key, the same functions as the console. */
export function createIntegrationApi(deps: Deps): Router {
  const router = Router();
  // What can be called is no secret; filled in below, as routes are mounted.
  router.get("/openapi.json", (_req, res) => {
    res.json(describeApi(routes.descriptions));
  });
  // Who calls is known before a single byte of the body is read.
  router.use(async (req, res, next) => {
    res.locals.caller = await findCaller(deps, req.headers);
    next();
  });
  router.use(readJson());
  const endpoint = createEndpoints<Caller>(deps, {
    // Set by the handler above for every request that comes this far.
    callerOf: (locals) => locals.caller as Caller,
    scopeOf: ({ workspaceId }) => `workspace:${workspaceId}`,
  });
  const routes = createApiRoutes(router, endpoint);

  addLeadEndpoints(routes, deps);
  addAppointmentEndpoints(routes, deps);
  addSequenceEndpoints(routes, deps);
  addBackfillEndpoints(routes, deps);
  routes.post(
    "/messages",
    {
      summary: "Tell what was said and when; text is read once and never kept",
      body: messagesBody,
      describedBody: z.strictObject({ messages: z.array(messageInput).max(5_000) }),
      answers: { 200: "Per message: accepted, duplicate or error" },
      answer: taken,
    },
    async ({ caller, body }) => ({
      status: 200,
      body: await acceptMessages(deps, caller.actor, caller.workspaceId, body.messages),
    }),
  );
  routes.get(
    "/tasks",
    {
      summary: "Tasks, red ones among them",
      query: taskQuery,
      answers: { 200: "Tasks" },
      answer: listOf(task),
    },
    async ({ caller, query }) => ({ status: 200, body: await listTasks(deps, caller.workspaceId, query) }),
  );
  routes.get(
    "/mismatches",
    {
      summary: "Leads whose claim, status and evidence contradict each other",
      query: mismatchQuery,
      answers: { 200: "Mismatches, and how many claims nobody has checked" },
      answer: listOf(mismatch, unknownClaims),
    },
    async ({ caller, query }) => ({
      status: 200,
      body: await listMismatches(deps, caller.workspaceId, query),
    }),
  );
  routes.get(
    "/connections",
    {
      summary: "Connected accounts and how well they are known",
      query: connectionQuery,
      answers: { 200: "Connections" },
      answer: listOf(connection),
    },
    async ({ caller, query }) => ({
      status: 200,
      body: await listConnections(deps, caller.workspaceId, query),
    }),
  );
  return router;
}
