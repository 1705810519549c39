import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import express, { type Request, type Response, type Router } from "express";
import { playFault } from "../faults.ts";
import type { Sandbox } from "../sandbox.ts";
import { getOrganization, getUser, listEventTypes, listMemberships } from "./account-routes.ts";
import { type CalendlyAnswer, type CalendlyHandler, requireScope } from "./call.ts";
import { CalendlyRefusal, calendlyErrorBody, refuseArgument, refuseToken, refuseUnknown } from "./errors.ts";
import { getEvent, getInvitee, listEvents, listInvitees, postCancellation } from "./event-routes.ts";
import { deleteNoShow, getNoShow, postNoShow } from "./no-show-routes.ts";
import {
  deleteSubscription,
  getSampleData,
  getSubscription,
  listSubscriptions,
  postSubscription,
} from "./webhook-routes.ts";

type Method = "get" | "post" | "delete";

const ROUTES: [method: Method, path: string, scopes: string[], handler: CalendlyHandler][] = [
  ["get", "/users/:uuid", ["users:read"], getUser],
  ["get", "/organizations/:uuid", ["organizations:read"], getOrganization],
  ["get", "/organization_memberships", ["organizations:read"], listMemberships],
  ["get", "/event_types", ["event_types:read"], listEventTypes],
  ["get", "/scheduled_events", ["scheduled_events:read"], listEvents],
  ["get", "/scheduled_events/:uuid", ["scheduled_events:read"], getEvent],
  ["get", "/scheduled_events/:uuid/invitees", ["scheduled_events:read"], listInvitees],
  ["get", "/scheduled_events/:uuid/invitees/:invitee", ["scheduled_events:read"], getInvitee],
  ["post", "/scheduled_events/:uuid/cancellation", ["scheduled_events:write"], postCancellation],
  ["post", "/invitee_no_shows", ["scheduled_events:write"], postNoShow],
  ["get", "/invitee_no_shows/:uuid", ["scheduled_events:read"], getNoShow],
  ["delete", "/invitee_no_shows/:uuid", ["scheduled_events:write"], deleteNoShow],
  ["post", "/webhook_subscriptions", ["webhooks:write"], postSubscription],
  ["get", "/webhook_subscriptions", ["webhooks:read"], listSubscriptions],
  ["get", "/webhook_subscriptions/:uuid", ["webhooks:read"], getSubscription],
  ["delete", "/webhook_subscriptions/:uuid", ["webhooks:write"], deleteSubscription],
  ["get", "/sample_webhook_data", ["webhooks:read"], getSampleData],
];

export function createCalendlyRouter(sandbox: Sandbox): Router {
  const router = express.Router();
  for (const [method, path, scopes, handler] of ROUTES) {
    const family = `${method.toUpperCase()} ${path.replace("/:uuid", "/:id").replace("/:invitee", "/:id")}`;
    router[method](path, (request, response) =>
      answerCall(sandbox, request, response, family, scopes, handler),
    );
  }
  router.use((request, response) =>
    answerCall(sandbox, request, response, "unknown route", [], () => {
      throw refuseUnknown();
    }),
  );
  return router;
}

/** Every call goes this way: counted, misbehaved with, limited, authenticated, allowed, answered. */
async function answerCall(
  sandbox: Sandbox,
  request: Request,
  response: Response,
  family: string,
  scopes: string[],
  handler: CalendlyHandler,
): Promise<void> {
  const startedAt = performance.now();
  const bearer = /^Bearer (.+)$/i.exec(request.get("authorization") ?? "")?.[1] ?? null;
  sandbox.calls.started("calendly", family, bearer);
  const faults = sandbox.faults.meet("calendly", request.method, request.path, bearer);
  response.on("close", () =>
    sandbox.calls.ended({
      atMs: sandbox.clock.nowMs(),
      arrivedMs: performance.timeOrigin + startedAt,
      token: bearer,
      provider: "calendly",
      family,
      status: response.writableFinished ? response.statusCode : 0,
      tookMs: Math.round(performance.now() - startedAt),
      fault: faults[0]?.kind ?? null,
    }),
  );
  const isExceeded = setLimitHeaders(sandbox, response, bearer);
  for (const fault of faults) {
    if (fault.kind === "429") response.set("X-RateLimit-Remaining", "0");
    if (await playFault(fault, request, response, calendlyErrorBody)) return;
  }
  if (isExceeded) {
    response.status(429).end();
    return;
  }
  try {
    const answer = handleCall(sandbox, request, response, bearer, scopes, handler);
    response.status(answer.status ?? 200);
    if (answer.body === undefined) response.end();
    else response.json(answer.body);
  } catch (error) {
    if (!(error instanceof CalendlyRefusal)) throw error;
    response.status(error.status).json(error.body);
  }
}

function handleCall(
  sandbox: Sandbox,
  request: Request,
  response: Response,
  bearer: string | null,
  scopes: string[],
  handler: CalendlyHandler,
): CalendlyAnswer {
  const { world } = sandbox;
  const token = bearer === null ? undefined : world.calendlyTokens.get(bearer);
  const caller = token && world.calendlyUsers.get(token.userId);
  if (!token || !caller) throw refuseToken();
  if (token.state === "revoked") throw refuseToken("The access token was revoked");
  if (token.state === "expired") throw refuseToken("The access token expired");
  requireScope(token, scopes);
  if (response.locals.isBodyBroken) throw refuseArgument([{ message: "The request body is not valid JSON" }]);
  return handler({
    sandbox,
    world,
    nowMs: sandbox.clock.nowMs(),
    caller,
    token,
    request,
    // Every parameter of these routes is a single segment, hence a text.
    params: request.params as Record<string, string>,
    body: request.body,
    query(name) {
      const value = request.query[name];
      const first = Array.isArray(value) ? value[0] : value;
      return typeof first === "string" && first !== "" ? first : undefined;
    },
  });
}

/** The bucket belongs to the person, so all their tokens share it. Answers whether it has run dry. */
function setLimitHeaders(sandbox: Sandbox, response: Response, bearer: string | null): boolean {
  const { world } = sandbox;
  const token = world.calendlyTokens.get(bearer ?? "");
  const plan = world.organizations.get(token?.organizationId ?? "")?.plan;
  const limit = plan === "basic" ? Math.min(50, world.settings.calendlyLimit) : world.settings.calendlyLimit;
  const owner = token?.userId ?? "anonymous";
  const quota = sandbox.quota.take(`calendly:${owner}`, limit, world.settings.calendlyWindowMs);
  response.set({
    "X-RateLimit-Limit": String(quota.limit),
    "X-RateLimit-Remaining": String(quota.remaining),
    // Seconds, not an epoch.
    "X-RateLimit-Reset": String(Math.ceil(quota.resetMs / 1000)),
    "X-RateLimit-Tier": plan === "basic" ? "free" : "paid",
    "X-RateLimit-Key": `pat:${owner}`,
    "X-Request-Id": randomUUID(),
  });
  return quota.isExceeded && world.settings.enforceLimits;
}
