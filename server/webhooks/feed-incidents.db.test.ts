import { beforeEach, expect, test } from "vitest";
import { checkConnection } from "#server/connections/check-connection.ts";
import { connectCalendly } from "#server/connections/connect-calendly.ts";
import { createWebhook } from "#server/connections/create-webhook.ts";
import { setUpConnections } from "#server/connections/testing/set-up-connections.ts";
import { HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { createWebhookRouter } from "./create-webhook-router.ts";

const setUp = setUpConnections({ receiver: createWebhookRouter });
let connectionId = "";

beforeEach(async () => {
  const { world, deps } = setUp;
  const workspaceId = world.workspace.id;
  const outcome = await connectCalendly(deps, world.actor, { workspaceId, token: world.ownerToken });
  if (!outcome.ok) throw new Error(`not connected: ${outcome.error.code}`);
  ({ connectionId } = outcome);
  await createWebhook(deps, world.actor, { workspaceId, connectionId, takeOver: false });
});

const check = () => checkConnection(setUp.deps, { connectionId });

/** Both clocks: what a skew would tell is another story. */
async function advance(ms: number): Promise<void> {
  setUp.clock.advance(ms);
  await setUp.sandbox.control("/clock", { advanceMs: ms });
}

/** What there ever was of a kind, oldest first. */
async function story(kind: string): Promise<string[]> {
  const incidents = await setUp.db.incident.findMany({
    where: { connectionId, kind },
    orderBy: { firstSeenAt: "asc" },
  });
  return incidents.map(({ count, closedAt }) => `${count}${closedAt ? " closed" : ""}`);
}

test("a dead feed opens with its repair, counts the next one, is over with a whole sweep, and is new another time", async () => {
  const loseAndRepair = async () => {
    const { webhooks } = await setUp.sandbox.control("/calendly/webhooks", {}, "GET");
    for (const { id } of webhooks) await setUp.sandbox.control(`/calendly/webhooks/${id}`, {}, "DELETE");
    await advance(5 * MINUTE_MS);
    await check();
  };
  const sweep = async () => {
    await advance(MINUTE_MS);
    await setUp.db.connection.update({
      where: { id: connectionId },
      data: { warmSweptAt: setUp.clock.now() },
    });
    await check();
  };
  await loseAndRepair();
  expect(await story("dead_feed")).toEqual(["1"]);
  await loseAndRepair();
  await check();
  expect(await story("dead_feed")).toEqual(["2"]);
  await sweep();
  expect(await story("dead_feed")).toEqual(["2 closed"]);
  await loseAndRepair();
  expect(await story("dead_feed")).toEqual(["2 closed", "1"]);
});

test("refusals open with the third, count each one more, are over after an hour without, and are new another time", async () => {
  const refuse = async (times: number) => {
    const url = `${setUp.publicUrl}/api/webhooks/calendly/${setUp.world.workspace.id}`;
    for (let at = 0; at < times; at++) {
      expect((await fetch(url, { method: "POST", body: `{"at":${at}}` })).status).toBe(401);
    }
  };
  await refuse(2);
  expect(await story("refused_deliveries")).toEqual([]);
  await refuse(3);
  await check();
  expect(await story("refused_deliveries")).toEqual(["3"]);
  await advance(HOUR_MS + MINUTE_MS);
  await check();
  expect(await story("refused_deliveries")).toEqual(["3 closed"]);
  await refuse(3);
  expect(await story("refused_deliveries")).toEqual(["3 closed", "1"]);
});
