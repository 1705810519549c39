import { describe, expect, it } from "vitest";
import { buildAppointment, buildLead, buildWorkspace } from "#server/testing/factories.ts";
import { type CallOptions, setUpApi } from "../testing/set-up-api.ts";

const api = setUpApi();

type Schema = {
  type?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  enum?: unknown[];
  format?: string;
};
type Route = {
  method: "get" | "post";
  path: string;
  /** Names of query parameters. */
  query: string[];
  body: Schema | null;
};

type Described = {
  parameters: { name: string; in: string }[];
  requestBody?: { content: { "application/json": { schema: Schema } } };
};

async function readRoutes(): Promise<Route[]> {
  const { paths } = (await api.get("/api/v1/openapi.json")).body as {
    paths: Record<string, Partial<Record<"get" | "post", Described>>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    (["get", "post"] as const).flatMap((method): Route[] => {
      const route = methods[method];
      if (!route) return [];
      const query = route.parameters.filter((each) => each.in === "query").map(({ name }) => name);
      return [{ method, path, query, body: route.requestBody?.content["application/json"].schema ?? null }];
    }),
  );
}

function call(
  { method, path }: Pick<Route, "method" | "path">,
  id: string,
  body?: unknown,
  given?: CallOptions,
) {
  const url = `/api/v1${path.replace("{id}", id)}`;
  return method === "get" ? api.get(url, given) : api.post(url, body ?? {}, given);
}

const TEXTS = [
  "",
  "a\u0000b",
  "\ud800",
  "%_\\'\";--",
  "x".repeat(20_000),
  "0000-01-01T00:00:00Z",
  "9999-12-31T23:59:59.999Z",
  "2026-01-01 10:00",
  "Infinity",
];
const VALUES = [...TEXTS, null, true, -1, 0, 2 ** 31, Number.MAX_SAFE_INTEGER, 1.5, [], [null], [[]], {}];

describe("every endpoint", () => {
  it("opens to a key alone", async () => {
    for (const route of await readRoutes()) {
      for (const key of ["", "nobody's", "bp_"]) {
        const { status, body } = await call(route, crypto.randomUUID(), {}, { key });
        expect([route.path, key, status, body.error?.code]).toEqual([route.path, key, 401, "unauthorized"]);
      }
    }
  });

  it("finds nothing of another workspace, and nothing by what is no id", async () => {
    const other = await buildWorkspace(api.db);
    const lead = await buildLead(api.db, { workspaceId: other.id });
    const meeting = await buildAppointment(api.db, { leadId: lead.id });
    const own = await buildLead(api.db, { workspaceId: api.workspaceId });
    const { id: backfillId } = await api.db.backfill.create({
      data: {
        workspaceIds: [other.id],
        providers: ["calendly"],
        from: new Date(),
        to: new Date(),
        createdAt: new Date(),
        stateSince: new Date(),
        estimate: {},
      },
    });
    const routes = (await readRoutes()).filter(({ path }) => path.includes("{id}"));
    expect(routes.length).toBeGreaterThan(6);
    for (const route of routes) {
      const body = route.path.endsWith("/link")
        ? { leadId: own.id }
        : route.path.endsWith("/attendance")
          ? { mark: null }
          : {};
      for (const id of [lead.id, meeting.id, backfillId, crypto.randomUUID(), "42", "%00", "..%2f"]) {
        expect([route.path, id, (await call(route, id, body)).status]).toEqual([route.path, id, 404]);
      }
    }
  });

  it("answers what no list takes with a fault of the caller's, in the shape of all faults", async () => {
    for (const { method, path, query } of await readRoutes()) {
      if (method !== "get" || path.includes("{id}")) continue;
      for (const name of query) {
        for (const text of TEXTS.slice(0, 4).concat(TEXTS.slice(5))) {
          const { status, body } = await api.get(`/api/v1${path}?${name}=${encode(text)}`);
          expect([path, name, text, status < 500]).toEqual([path, name, text, true]);
          if (status !== 200) {
            expect(body).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } });
          }
        }
      }
    }
  });

  it("answers what no body holds likewise, and costs no neighbour anything", async () => {
    const { id: leadId } = await buildLead(api.db, { workspaceId: api.workspaceId });
    for (const route of (await readRoutes()).filter(({ method }) => method === "post")) {
      const isKnown = (status: number) => status < 500 || status === 503; // nothing is connected
      for (const body of [[], "text", 7, null, [[]], { unknown: 1 }, ...bodiesOf(route.body)]) {
        const { status, body: answer } = await call(route, leadId, body);
        expect([route.path, JSON.stringify(body)?.slice(0, 120), isKnown(status)]).toEqual([
          route.path,
          JSON.stringify(body)?.slice(0, 120),
          true,
        ]);
        if (status >= 400) expect(answer).toMatchObject({ error: { code: expect.any(String) } });
      }
    }
  });
});

/** Each field once with each value; of lists, one body whose items have all of them. */
function bodiesOf(schema: Schema | null): unknown[] {
  return Object.entries(schema?.properties ?? {}).flatMap(([name, field]) => {
    const keys = Object.keys(field.items?.properties ?? {});
    const items = keys.flatMap((key) =>
      VALUES.map((value, n) => ({ ...usual(keys, `${key}-${n}`), [key]: value })),
    );
    return [...VALUES.map((value) => ({ [name]: value })), ...(items.length > 0 ? [{ [name]: items }] : [])];
  });
}

/** Half a character has no form in an address. */
function encode(text: string): string {
  return text === "\ud800" ? "%ED%A0%80" : encodeURIComponent(text);
}

/** What an item needs to be looked at in earnest. */
function usual(keys: string[], place: string): Record<string, unknown> {
  const fields: Record<string, unknown> = {
    externalId: place,
    email: `${place}@ridgeline.example`,
    leadEmail: "email-0@ridgeline.example",
    direction: "inbound",
    at: "2026-03-10T09:00:00Z",
    dayOffset: 1,
    channel: "call",
    template: "Call.",
  };
  return Object.fromEntries(Object.entries(fields).filter(([key]) => keys.includes(key)));
}
