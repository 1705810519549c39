import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import express, { type Request, type Response, type Router } from "express";
import { playFault } from "../faults.ts";
import type { Sandbox } from "../sandbox.ts";
import { getCalendar, getLocation, getUser, listCalendars, listUsers } from "./account-routes.ts";
import {
  getAppointment,
  listContactAppointments,
  listEvents,
  postAppointment,
  putAppointment,
  removeEvent,
} from "./appointment-routes.ts";
import type { HighLevelAnswer, HighLevelHandler } from "./call.ts";
import { findDuplicate, getContact, postSearch } from "./contact-routes.ts";
import {
  HighLevelRefusal,
  highlevelErrorBody,
  refuseAuthClass,
  refuseExpiredToken,
  refuseRequest,
  refuseScope,
  refuseToken,
  refuseUnknown,
} from "./errors.ts";

type Method = "get" | "post" | "put" | "delete";

const VERSIONS = ["legacy", "2021-04-15", "2021-07-28", "2023-02-21", "v3"];
const DAY_MS = 86_400_000;

// The order decides: fixed words come before ids.
const ROUTES: [method: Method, path: string, scope: string, handler: HighLevelHandler][] = [
  ["get", "/locations/:id", "locations.readonly", getLocation],
  ["get", "/users/", "users.readonly", listUsers],
  ["get", "/users/:id", "users.readonly", getUser],
  ["get", "/calendars/", "calendars.readonly", listCalendars],
  ["get", "/calendars/events", "calendars/events.readonly", listEvents],
  ["get", "/calendars/events/appointments/:id", "calendars/events.readonly", getAppointment],
  ["post", "/calendars/events/appointments", "calendars/events.write", postAppointment],
  ["put", "/calendars/events/appointments/:id", "calendars/events.write", putAppointment],
  ["delete", "/calendars/events/:id", "calendars/events.write", removeEvent],
  ["get", "/calendars/:id", "calendars.readonly", getCalendar],
  ["post", "/contacts/search", "contacts.readonly", postSearch],
  ["get", "/contacts/search/duplicate", "contacts.readonly", findDuplicate],
  ["get", "/contacts/:id/appointments", "contacts.readonly", listContactAppointments],
  ["get", "/contacts/:id", "contacts.readonly", getContact],
];

export function createHighLevelRouter(sandbox: Sandbox): Router {
  const router = express.Router();
  for (const [method, path, scope, handler] of ROUTES) {
    const family = `${method.toUpperCase()} ${path}`;
    router[method](path, (request, response) =>
      answerCall(sandbox, request, response, family, scope, handler),
    );
  }
  router.use((request, response) =>
    answerCall(sandbox, request, response, "unknown route", null, () => {
      throw refuseUnknown(`Cannot ${request.method} ${request.path}`);
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
  scope: string | null,
  handler: HighLevelHandler,
): Promise<void> {
  const startedAt = performance.now();
  const bearer = /^Bearer (.+)$/i.exec(request.get("authorization") ?? "")?.[1] ?? null;
  sandbox.calls.started("highlevel", family, bearer);
  const faults = sandbox.faults.meet("highlevel", request.method, request.path, bearer);
  response.on("close", () =>
    sandbox.calls.ended({
      atMs: sandbox.clock.nowMs(),
      arrivedMs: performance.timeOrigin + startedAt,
      token: bearer,
      provider: "highlevel",
      family,
      status: response.writableFinished ? response.statusCode : 0,
      tookMs: Math.round(performance.now() - startedAt),
      fault: faults[0]?.kind ?? null,
    }),
  );
  const isExceeded = setLimitHeaders(sandbox, response, bearer);
  for (const fault of faults) {
    if (fault.kind === "429") response.set("X-RateLimit-Remaining", "0");
    if (await playFault(fault, request, response, highlevelErrorBody)) return;
  }
  const traceId = randomUUID();
  if (isExceeded) {
    response.status(429).json({ statusCode: 429, message: "Too Many Requests" });
    return;
  }
  try {
    const answer = handleCall(sandbox, request, response, bearer, scope, handler);
    response.status(answer.status ?? 200).json({ ...answer.body, traceId });
  } catch (error) {
    if (!(error instanceof HighLevelRefusal)) throw error;
    response.status(error.status).json({ ...error.body, traceId });
  }
}

function handleCall(
  sandbox: Sandbox,
  request: Request,
  response: Response,
  bearer: string | null,
  scope: string | null,
  handler: HighLevelHandler,
): HighLevelAnswer {
  const { world } = sandbox;
  const version = requireVersion(request.get("version"), world.settings.unknownVersionStatus);
  const token = bearer === null ? undefined : world.highlevelTokens.get(bearer);
  const location = token && world.locations.get(token.locationId);
  if (!token || !location || token.state === "revoked") throw refuseToken();
  if (token.state === "expired") throw refuseExpiredToken();
  if (token.kind === "oauth_company") throw refuseAuthClass();
  if (token.kind === "agency_pit") throw refuseScope();
  if (scope !== null && !token.scopes.includes(scope)) throw refuseScope();
  if (response.locals.isBodyBroken) throw refuseRequest("Unexpected token in JSON");
  return handler({
    sandbox,
    world,
    nowMs: sandbox.clock.nowMs(),
    token,
    location,
    version,
    // Every parameter of these routes is a single segment, hence a text.
    params: request.params as Record<string, string>,
    body: request.body,
    queryNames: Object.keys(request.query).filter((name) => name !== ""),
    query(name) {
      const value = request.query[name];
      const first = Array.isArray(value) ? value[0] : value;
      return typeof first === "string" && first !== "" ? first : undefined;
    },
  });
}

function requireVersion(version: string | undefined, unknownStatus: 400 | 401): string {
  if (version === undefined) {
    throw new HighLevelRefusal(401, { message: "version header was not found.", error: "Unauthorized" });
  }
  if (VERSIONS.includes(version)) return version;
  throw unknownStatus === 401
    ? new HighLevelRefusal(401, { message: "Invalid version", error: "Unauthorized" })
    : refuseRequest("The version segment of the request is invalid");
}

/** The quota belongs to the location, whatever the token. Answers whether it has run dry. */
function setLimitHeaders(sandbox: Sandbox, response: Response, bearer: string | null): boolean {
  const { settings, highlevelTokens } = sandbox.world;
  const owner = highlevelTokens.get(bearer ?? "")?.locationId ?? "anonymous";
  const burst = sandbox.quota.take(`highlevel:${owner}`, settings.highlevelLimit, settings.highlevelWindowMs);
  const daily = sandbox.quota.take(`highlevel-day:${owner}`, settings.highlevelDailyLimit, DAY_MS);
  response.set({
    "X-RateLimit-Limit-Daily": String(daily.limit),
    "X-RateLimit-Daily-Remaining": String(daily.remaining),
    "X-RateLimit-Daily-Reset": String(daily.resetMs),
    "X-RateLimit-Interval-Milliseconds": String(settings.highlevelWindowMs),
    "X-RateLimit-Max": String(burst.limit),
    "X-RateLimit-Remaining": String(burst.remaining),
  });
  return (burst.isExceeded || daily.isExceeded) && settings.enforceLimits;
}
