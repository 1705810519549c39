import { expect, it } from "vitest";
import { setUpTestServer, TEST_ADMIN_KEY, TEST_CRON_SECRET } from "#server/testing/start-test-server.ts";

const server = setUpTestServer(() => ({ config: { adminApiKey: null, cronSecret: null } }));

it.each([
  ["POST", "/api/admin/workspaces", TEST_ADMIN_KEY, 404],
  ["GET", "/api/cron/appointment-reconcile", TEST_CRON_SECRET, 404],
  ["GET", "/api/v1/leads", TEST_ADMIN_KEY, 401],
])("keeps %s %s shut where its secret is not configured", async (method, path, secret, status) => {
  const headers = { authorization: `Bearer ${secret}`, "x-workspace-id": "northwind" };
  expect((await fetch(server.url + path, { method, headers })).status).toBe(status);
});
