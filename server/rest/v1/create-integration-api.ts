import { Router } from "express";
import { z } from "zod";
import type { Deps } from "#server/deps.ts";
import { acceptMessages } from "#server/leads/accept-messages.ts";
import { createEndpoints } from "../endpoint.ts";
import { type Caller, findCaller } from "../find-caller.ts";
import { readBody, readQuery } from "../read-input.ts";
import { readJson } from "../read-json.ts";
import { appointmentQuery, listAppointments } from "./appointment-rows.ts";
import { listConnections } from "./connection-rows.ts";
import { addLeadEndpoints } from "./lead-endpoints.ts";
import { listMismatches, mismatchQuery } from "./mismatch-rows.ts";
import { listTasks, taskQuery } from "./task-rows.ts";

const noQuery = z.object({});

/** Each message is checked on its own, as leads are. */
const messagesBody = z.strictObject({ messages: z.array(z.unknown()) });

/** The door for a customer's own programs: one workspace per key, the same functions as the console. */
export function createIntegrationApi(deps: Deps): Router {
  const router = Router();
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

  addLeadEndpoints(router, deps, endpoint);
  router.post(
    "/messages",
    endpoint(async ({ caller, query, body }) => {
      readQuery(noQuery, query);
      const { messages } = readBody(messagesBody, body);
      return { status: 200, body: await acceptMessages(deps, caller.actor, caller.workspaceId, messages) };
    }),
  );
  router.get(
    "/appointments",
    endpoint(async ({ caller, query }) => ({
      status: 200,
      body: await listAppointments(deps, caller.workspaceId, readQuery(appointmentQuery, query)),
    })),
  );
  router.get(
    "/tasks",
    endpoint(async ({ caller, query }) => ({
      status: 200,
      body: await listTasks(deps, caller.workspaceId, readQuery(taskQuery, query)),
    })),
  );
  router.get(
    "/mismatches",
    endpoint(async ({ caller, query }) => ({
      status: 200,
      body: await listMismatches(deps, caller.workspaceId, readQuery(mismatchQuery, query)),
    })),
  );
  router.get(
    "/connections",
    endpoint(async ({ caller, query }) => {
      readQuery(noQuery, query);
      return { status: 200, body: await listConnections(deps, caller.workspaceId) };
    }),
  );
  return router;
}
