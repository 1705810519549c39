import { describe, expect, it } from "vitest";
import { setUpApi } from "../testing/set-up-api.ts";
import { createIntegrationApi } from "./create-integration-api.ts";

const api = setUpApi();

type Layer = { route?: { path: string; methods: Record<string, boolean> } };

/** What Express would answer to, as `GET /leads/{id}`. */
function mountedRoutes(): string[] {
  // Express keeps its routes here and types the list as anything.
  const layers = createIntegrationApi(api.deps).stack as unknown as Layer[];
  return layers.flatMap(({ route }) =>
    route
      ? Object.keys(route.methods).map(
          (method) => `${method.toUpperCase()} ${route.path.replaceAll(/:(\w+)/g, "{$1}")}`,
        )
      : [],
  );
}

describe("GET /api/v1/openapi.json", () => {
  it("describes every mounted route and no other, without a key", async () => {
    const response = await fetch(`${api.server.url}/api/v1/openapi.json`);
    expect(response.status).toBe(200);
    const { openapi, paths } = (await response.json()) as {
      openapi: string;
      paths: Record<string, Record<string, unknown>>;
    };
    expect(openapi).toBe("3.1.0");
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const mounted = mountedRoutes().filter((route) => route !== "GET /openapi.json");
    expect(mounted).toContain("POST /leads");
    expect(described.sort()).toEqual(mounted.sort());
  });

  it("says what each call takes, from the schemas that read it", async () => {
    const { paths, components } = (await api.get("/api/v1/openapi.json")).body;
    const names = paths["/leads"].get.parameters.map((parameter: { name: string }) => parameter.name);
    expect(names).toEqual(
      expect.arrayContaining(["cursor", "limit", "email", "meetingState", "updatedSince"]),
    );
    expect(names).not.toContain("Idempotency-Key");
    const body = paths["/appointments/{id}/link"].post.requestBody.content["application/json"].schema;
    expect(body).toMatchObject({
      required: ["leadId"],
      additionalProperties: false,
      properties: { leadId: { type: "string", format: "uuid" }, rememberAlias: { default: false } },
    });
    const lead = paths["/leads"].post.requestBody.content["application/json"].schema.properties.leads.items;
    expect(lead.properties.status.enum).toContain("meeting_booked");
    expect(components.schemas.Error.properties.error.required).toEqual(["code", "message"]);
    const ids = Object.values<Record<string, { operationId: string }>>(paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});
