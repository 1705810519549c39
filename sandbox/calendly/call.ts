import type { Request } from "express";
import type { Sandbox } from "../sandbox.ts";
import type { World } from "../world.ts";
import type { CalendlyToken, CalendlyUser } from "../world-types.ts";
import { refuseArgument, refuseScope } from "./errors.ts";
import type { Page } from "./paging.ts";
import type { Resource } from "./render.ts";

/** One authenticated call, as the routes see it. */
export type CalendlyCall = {
  sandbox: Sandbox;
  world: World;
  nowMs: number;
  caller: CalendlyUser;
  token: CalendlyToken;
  request: Request;
  params: Record<string, string>;
  body: unknown;
  /** The first value of a query parameter; empty ones count as absent. */
  query(name: string): string | undefined;
};

export type CalendlyAnswer = { status?: number; body?: unknown };
export type CalendlyHandler = (call: CalendlyCall) => CalendlyAnswer;

export function isOwnerOrAdmin(user: CalendlyUser): boolean {
  return user.role === "owner" || user.role === "admin";
}

/** `write` contains `read` of the same domain. */
export function requireScope(token: CalendlyToken, scopes: string[]): void {
  const held = token.scopes;
  const isHeld = (scope: string) =>
    held.includes("default") || held.includes(scope) || held.includes(scope.replace(":read", ":write"));
  const missing = scopes.filter((scope) => !isHeld(scope));
  if (missing.length > 0) throw refuseScope(missing);
}

export function readCount(call: CalendlyCall): number {
  const text = call.query("count");
  if (text === undefined) return 20;
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 100) {
    throw refuseArgument([{ parameter: "count", message: "must be between 1 and 100" }]);
  }
  return Math.min(count, call.world.settings.calendlyPageSize);
}

/** An instant in a query; Calendly takes ISO-8601 in UTC. */
export function readTime(call: CalendlyCall, name: string): number | undefined {
  const text = call.query(name);
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms) || !text.includes("T")) {
    throw refuseArgument([{ parameter: name, message: "must be a valid UTC timestamp" }]);
  }
  return ms;
}

export function readChoice(call: CalendlyCall, name: string, choices: readonly string[]): string | undefined {
  const text = call.query(name);
  if (text !== undefined && !choices.includes(text)) {
    throw refuseArgument([{ parameter: name, message: `must be one of: ${choices.join(", ")}` }]);
  }
  return text;
}

/** The list envelope. `count` is the number of rows on this page; links carry every parameter of the call. */
export function answerPage<T>(
  call: CalendlyCall,
  page: Page<T>,
  render: (row: T) => Resource,
): CalendlyAnswer {
  const link = (token: string | null) => (token === null ? null : pageLink(call, token));
  return {
    body: {
      collection: page.rows.map(render),
      pagination: {
        count: page.rows.length,
        next_page: link(page.next),
        previous_page: link(page.previous),
        next_page_token: page.next,
        previous_page_token: page.previous,
      },
    },
  };
}

function pageLink(call: CalendlyCall, token: string): string {
  const { request } = call;
  const isOurs = call.world.settings.pageOrigin === "sandbox";
  const base = isOurs
    ? `${request.protocol}://${request.get("host")}${request.baseUrl}`
    : "https://api.calendly.com";
  const url = new URL(base + request.path);
  for (const [name, value] of new URL(request.originalUrl, "http://sandbox").searchParams) {
    if (name !== "" && name !== "page_token") url.searchParams.append(name, value);
  }
  url.searchParams.set("page_token", token);
  return url.href;
}
