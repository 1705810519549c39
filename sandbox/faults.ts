import { randomUUID } from "node:crypto";
import type { Request, Response } from "express";
import * as z from "zod";
import type { Provider } from "./calls.ts";

export const faultSchema = z.strictObject({
  provider: z.enum(["calendly", "highlevel"]),
  match: z
    .strictObject({
      method: z.string().optional(),
      /** Prefix of the path below the provider's base; a regular expression when it begins with `^`. */
      path: z.string().optional(),
      token: z.string().optional(),
    })
    .default({}),
  kind: z.enum([
    "latency",
    "status",
    "429",
    "reset",
    "timeout",
    "truncate",
    "html",
    "empty_body",
    "error_body_200",
    "empty_list",
    "empty_page",
    "short_page",
    "repeat_token",
    "expired_page_token",
    "drop_field",
  ]),
  status: z.int().min(200).max(599).default(500),
  latencyMs: z.int().min(0).default(0),
  /** How many calls it spoils before it ends by itself; without it, until it is deleted. */
  times: z.int().min(1).optional(),
  /** How many matching calls pass unharmed first. */
  skip: z.int().min(0).default(0),
  /** Sent as it is with `status` and `429`; absent, the provider's own error shape. */
  body: z.unknown().optional(),
  /** Sent beside the answer, in place of the provider's own where the name is the same. */
  headers: z.record(z.string(), z.string()).default({}),
  /** With `drop_field`: the field to remove from every row. */
  field: z.string().optional(),
});

export type FaultRule = z.infer<typeof faultSchema>;
export type Fault = FaultRule & { id: string; hits: number };

/** The misbehaviour that is switched on at the moment. */
export class Faults {
  readonly #active = new Map<string, Fault>();

  add(rule: FaultRule): Fault {
    const fault = { ...rule, id: randomUUID(), hits: 0 };
    this.#active.set(fault.id, fault);
    return fault;
  }

  list(): Fault[] {
    return [...this.#active.values()];
  }

  remove(id?: string): void {
    if (id === undefined) this.#active.clear();
    else this.#active.delete(id);
  }

  /** The faults that this call meets, oldest first; each one counts it. */
  meet(provider: Provider, method: string, path: string, token: string | null): Fault[] {
    const met: Fault[] = [];
    for (const fault of this.#active.values()) {
      if (fault.provider !== provider || !matches(fault.match, method, path, token)) continue;
      if (fault.skip > 0) {
        fault.skip -= 1;
        continue;
      }
      fault.hits += 1;
      if (fault.times !== undefined && fault.hits >= fault.times) this.#active.delete(fault.id);
      met.push(fault);
    }
    return met;
  }
}

function matches(match: FaultRule["match"], method: string, path: string, token: string | null): boolean {
  if (match.method && match.method.toUpperCase() !== method) return false;
  if (match.token && match.token !== token) return false;
  if (!match.path) return true;
  return match.path.startsWith("^") ? new RegExp(match.path).test(path) : path.startsWith(match.path);
}

type Json = Record<string, unknown>;
const LIST_FIELDS = ["collection", "events", "contacts", "calendars", "users"] as const;

/**
 * Plays one fault on a call. Answers true when the fault has dealt with the call itself; otherwise the handler
 * goes on, and what it sends may be bent on the way out.
 */
export async function playFault(
  fault: Fault,
  request: Request,
  response: Response,
  errorBody: (status: number) => unknown,
): Promise<boolean> {
  response.set(fault.headers);
  if (fault.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, fault.latencyMs));
  switch (fault.kind) {
    case "latency":
      return false;
    case "status":
      sendRaw(response, fault.status, fault.body === undefined ? errorBody(fault.status) : fault.body);
      return true;
    case "429":
      sendRaw(response, 429, fault.body === undefined ? "" : fault.body);
      return true;
    case "reset":
      request.socket.destroy();
      return true;
    case "timeout":
      // Left without an answer; the socket goes when the caller or the sandbox gives up.
      return true;
    case "html":
      response
        .status(200)
        .type("html")
        .send("<!doctype html><title>Service</title><p>We will be right back.</p>");
      return true;
    case "empty_body":
      response.status(200).type("json").end();
      return true;
    case "error_body_200":
      response
        .status(200)
        .type("json")
        .send(JSON.stringify(errorBody(500)));
      return true;
    case "expired_page_token":
      if (request.query.page_token === undefined && request.query.searchAfter === undefined) return false;
      sendRaw(response, 400, errorBody(400));
      return true;
    case "truncate":
      bendText(response, (text) => text.slice(0, Math.floor(text.length / 2)));
      return false;
    case "empty_list":
      bendBody(response, emptyLists);
      return false;
    case "empty_page":
      bendBody(response, (body) => mapLists(body, () => []));
      return false;
    case "short_page":
      bendBody(response, (body) => mapLists(body, (rows) => rows.slice(0, Math.ceil(rows.length / 3))));
      return false;
    case "repeat_token":
      // A search goes on by its body: without the place in it, the first page comes again.
      if (isObject(request.body)) delete request.body.searchAfter;
      bendBody(response, (body) => repeatToken(body, request));
      return false;
    case "drop_field":
      bendBody(response, (body) => mapLists(body, (rows) => rows.map((row) => without(row, fault.field))));
      return false;
    default:
      throw new Error(`unknown fault ${fault.kind satisfies never}`);
  }
}

function sendRaw(response: Response, status: number, body: unknown): void {
  response.status(status);
  if (body === "") response.end();
  else if (typeof body === "string") response.send(body);
  else response.type("json").send(JSON.stringify(body));
}

function bendBody(response: Response, bend: (body: Json) => Json): void {
  bendText(response, (text) => JSON.stringify(bend(JSON.parse(text) as Json)));
}

function bendText(response: Response, bend: (text: string) => string): void {
  const json = response.json.bind(response);
  response.json = (body: unknown) => {
    if (response.statusCode >= 300) return json(body);
    return response.type("json").send(bend(JSON.stringify(body)));
  };
}

function mapLists(body: Json, map: (rows: Json[]) => Json[]): Json {
  const bent = { ...body };
  for (const field of LIST_FIELDS) {
    const rows = body[field];
    if (Array.isArray(rows)) bent[field] = map(rows as Json[]);
  }
  return bent;
}

function emptyLists(body: Json): Json {
  const bent = mapLists(body, () => []);
  if (bent.pagination) {
    bent.pagination = {
      count: 0,
      next_page: null,
      previous_page: null,
      next_page_token: null,
      previous_page_token: null,
    };
  }
  if (typeof bent.total === "number") bent.total = 0;
  return bent;
}

/** The token that was asked with comes back as the next one: a client without a guard never ends. */
function repeatToken(body: Json, request: Request): Json {
  const asked = request.query.page_token;
  if (typeof asked !== "string" || !body.pagination) return body;
  const here = `${request.protocol}://${request.get("host")}${request.originalUrl}`;
  return { ...body, pagination: { ...(body.pagination as Json), next_page: here, next_page_token: asked } };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null;
}

function without(row: Json, field: string | undefined): Json {
  const copy = { ...row };
  if (field) delete copy[field];
  return copy;
}
