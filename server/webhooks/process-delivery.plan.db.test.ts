import { expect, it } from "vitest";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildConnection, buildWorkspace, TEST_NOW } from "#server/testing/factories.ts";

const database = setUpTestDatabase();

it("finds what waits of a subject by an index of what waits alone, however much a connection has received", async () => {
  const { db } = database;
  const { id: workspaceId } = await buildWorkspace(db);
  const { id: connectionId } = await buildConnection(db, { workspaceId, provider: "calendly" });
  await db.$executeRaw`
    INSERT INTO "WebhookDelivery" ("workspaceId", "connectionId", provider, "dedupeKey", "bodyHash", "bodyBytes", result,
      "receivedAt", "processedAt")
    SELECT ${workspaceId}::uuid, ${connectionId}::uuid, 'calendly', 'invitee.created:S' || n || ':x', '', 0, 'accepted',
      ${TEST_NOW}::timestamptz, CASE WHEN n % 100 > 0 THEN ${TEST_NOW}::timestamptz END
    FROM generate_series(1, 10000) AS n`;
  await db.$executeRaw`ANALYZE "WebhookDelivery"`;
  const rows = await db.$queryRaw<{ "QUERY PLAN": string }[]>`
    EXPLAIN SELECT id FROM "WebhookDelivery" d
    WHERE d."connectionId" = ${connectionId}::uuid AND split_part(d."dedupeKey", ':', 2) = 'S100'
      AND d."processedAt" IS NULL AND d.result = 'accepted'`;
  const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
  expect(plan).toContain("WebhookDelivery_waiting");
});
