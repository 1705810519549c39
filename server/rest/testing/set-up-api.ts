import { beforeEach } from "vitest";
import { SYSTEM } from "#server/audit/actor.ts";
import { createApiKey } from "#server/auth/api-keys.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { buildWorkspace, TEST_NOW } from "#server/testing/factories.ts";
import { setUpTestServer } from "#server/testing/start-test-server.ts";

export type CallOptions = { key?: string; headers?: Record<string, string> };

/** The application, with a new workspace and its key for every test; the clock stands at `TEST_NOW`. */
export function setUpApi(options: () => { sandboxUrl?: string } = () => ({})) {
  const clock = new SettableClock(TEST_NOW);
  const server = setUpTestServer(() => ({ clock, ...options() }));
  let workspace = { id: "", slug: "" };
  let key = "";

  beforeEach(async () => {
    clock.set(TEST_NOW);
    workspace = await buildWorkspace(server.db);
    ({ key } = await createApiKey(server.deps, SYSTEM, { workspaceId: workspace.id, name: "CRM" }));
  });

  async function call(method: string, path: string, body: unknown, given: CallOptions) {
    const response = await fetch(server.url + path, {
      method,
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${given.key ?? key}`,
        ...given.headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: tests read a few fields of many different answers
    return { status: response.status, headers: response.headers, body: (await response.json()) as any };
  }

  return {
    clock,
    server,
    get db() {
      return server.db;
    },
    get deps() {
      return server.deps;
    },
    get workspaceId() {
      return workspace.id;
    },
    get slug() {
      return workspace.slug;
    },
    get: (path: string, given: CallOptions = {}) => call("GET", path, undefined, given),
    post: (path: string, body: unknown = {}, given: CallOptions = {}) => call("POST", path, body, given),
  };
}
