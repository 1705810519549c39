import { z } from "zod";
import type { RouteDescription } from "./api-routes.ts";

type Json = Record<string, unknown>;

const ERROR: Json = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "message"],
      properties: {
        code: { type: "string", description: "Stable: programs decide by it" },
        message: { type: "string", description: "For people" },
        details: {},
      },
    },
  },
};

const FAULTS: Record<string, string> = {
  400: "The request does not fit; `details` names what",
  401: "No valid key",
  404: "Not there, or not this workspace's",
  409: "It cannot be done as things stand; `code` says why",
  413: "Too much at once",
  502: "A provider gave an answer that is of no use",
  503: "A provider, or the database, did not answer; later it may",
};

/** Every mounted route as OpenAPI 3.1, from the schemas that read its input. */
export function describeApi(routes: RouteDescription[]): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method]: describeRoute(route) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Bookproof",
      version: "1",
      description:
        "Leads in, evidence out. A workspace key calls for its workspace; the instance's key names one in X-Workspace-Id. " +
        "Every POST may carry an Idempotency-Key: the same key answers the same for 24 hours. " +
        "A list answers rows, and in next where the following page begins: pass it as cursor; null ends the list. " +
        "Times are ISO 8601 in UTC.",
    },
    servers: [{ url: "/api/v1" }],
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: { key: { type: "http", scheme: "bearer" } },
      schemas: { Error: ERROR },
    },
  };
}

function describeRoute({ method, path, summary, query, body, answers, answer }: RouteDescription): Json {
  return {
    summary,
    operationId: nameRoute(method, path),
    parameters: [...pathParameters(path), ...queryParameters(query), ...headers(method)],
    ...(body ? { requestBody: { required: true, content: json(toSchema(body)) } } : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, description]) => [
          status,
          { description, content: json(toSchema(answer)) },
        ]),
      ),
      ...Object.fromEntries(
        Object.entries(FAULTS).map(([status, description]) => [
          status,
          { description, content: json(ref("Error")) },
        ]),
      ),
    },
  };
}

function nameRoute(method: string, path: string): string {
  const words = path.replaceAll(":id", "one").split(/[/-]/).filter(Boolean);
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", format: "uuid" },
  }));
}

function queryParameters(query: z.ZodObject): Json[] {
  const { properties = {}, required = [] } = toSchema(query) as {
    properties?: Record<string, unknown>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}

function headers(method: string): Json[] {
  const workspace = { name: "X-Workspace-Id", in: "header", required: false, schema: { type: "string" } };
  const once = {
    name: "Idempotency-Key",
    in: "header",
    required: false,
    schema: { type: "string", maxLength: 200 },
  };
  return method === "post" ? [workspace, once] : [workspace];
}

/** What may be sent, not what it becomes. */
function toSchema(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Json;
  return rest;
}

function json(schema: unknown): Json {
  return { "application/json": { schema } };
}

function ref(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}
