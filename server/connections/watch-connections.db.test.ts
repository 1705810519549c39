import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createQueue, type Queue } from "#server/db/queue.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { addMs, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { createLog } from "#server/lib/log.ts";
import { highlevelBucket } from "#server/providers/rate-bucket.ts";
import { listConnectionIncidents } from "#server/reconcile/list-incidents.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildConnection, TEST_NOW } from "#server/testing/factories.ts";
import { listConnections } from "./queries.ts";
import { watchConnections } from "./watch-connections.ts";

const test = setUpTestDatabase();
const clock = new SettableClock(TEST_NOW);
let queue: Queue;
let row: Awaited<ReturnType<typeof buildConnection>>;

beforeAll(async () => {
  queue = await createQueue(test.url, createLog("silent"));
});
afterAll(() => queue.stop(0));
beforeEach(async () => {
  clock.set(TEST_NOW);
  await test.db.$executeRaw`DELETE FROM pgboss.job`;
  row = await buildConnection(test.db, { provider: "highlevel" });
});

const watch = () => watchConnections({ db: test.db, clock });
const open = () => listConnectionIncidents(test.db, row);
const counts = async () => {
  const all = await test.db.incident.findMany({
    where: { connectionId: row.id },
    orderBy: { firstSeenAt: "asc" },
  });
  return all.map(({ kind, count, closedAt }) => `${kind} ${count}${closedAt ? " closed" : ""}`);
};

describe("work that waits (fault 10)", () => {
  async function putInLine(since: Date) {
    await queue.send("sweep", { connectionId: row.id, tier: "hot", trigger: "test" }, { key: row.id });
    await test.db
      .$executeRaw`UPDATE pgboss.job SET created_on = ${since}::timestamptz, start_after = ${since}::timestamptz`;
  }
  const work = () => test.db.$executeRaw`UPDATE pgboss.job SET state = 'completed'`;

  it("is late after five minutes, counted once a look, over when it was worked on, and new the next time", async () => {
    await putInLine(TEST_NOW);
    clock.advance(5 * MINUTE_MS);
    expect(await watch()).toMatchObject({ late: 0 });
    clock.advance(MINUTE_MS);
    await watch();
    clock.advance(6 * MINUTE_MS);
    await watch();
    expect(await open()).toMatchObject([
      { count: 2, what: "1 job for this connection waits, the oldest for 12 minutes." },
    ]);
    const shown = async () => (await listConnections(test.db, row.workspaceId)).map((each) => each.incidents);
    expect(await shown()).toEqual([1]);
    await work();
    await watch();
    expect(await open()).toEqual([]);
    expect(await shown()).toEqual([0]);
    await putInLine(addMs(TEST_NOW, -HOUR_MS));
    await watch();
    expect(await counts()).toEqual(["backlog_late 2 closed", "backlog_late 1"]);
  });

  it("is a delivery's too, and not one that waits for its next try", async () => {
    const delivery = await test.db.webhookDelivery.create({
      data: {
        workspaceId: row.workspaceId,
        connectionId: row.id,
        provider: "highlevel",
        bodyHash: "x",
        bodyBytes: 1,
        result: "accepted",
        receivedAt: TEST_NOW,
      },
    });
    await queue.send("process-delivery", { deliveryId: delivery.id }, { key: delivery.id });
    const age = (state: string) => test.db.$executeRaw`
      UPDATE pgboss.job SET state = ${state}::pgboss.job_state, created_on = ${addMs(TEST_NOW, -HOUR_MS)}::timestamptz,
                            start_after = ${addMs(TEST_NOW, -HOUR_MS)}::timestamptz`;
    await age("retry");
    expect(await watch()).toMatchObject({ late: 0 });
    await age("created");
    expect(await watch()).toMatchObject({ late: 1 });
    expect(await counts()).toEqual(["backlog_late 1"]);
  });

  it("is nobody's once the account is off", async () => {
    await putInLine(addMs(TEST_NOW, -HOUR_MS));
    await watch();
    await test.db.connection.update({ where: { id: row.id }, data: { state: "off" } });
    await watch();
    expect(await counts()).toEqual(["backlog_late 1 closed"]);
  });
});

describe("a day's calls (fault 13)", () => {
  const key = () => highlevelBucket(row.locationId ?? "");
  const use = (dailyUsed: number, dailyResetAt = addMs(TEST_NOW, 3 * HOUR_MS)) =>
    test.db.rateBucket.upsert({
      where: { key: key() },
      create: {
        key: key(),
        windowMs: 10_000,
        limit: 90,
        dailyLimit: 200_000,
        dailyUsed,
        dailyResetAt,
        updatedAt: TEST_NOW,
      },
      update: { dailyUsed, dailyResetAt },
    });

  it("are short when only the reserve is left, until they start anew", async () => {
    await use(159_999);
    expect(await watch()).toMatchObject({ short: 0 });
    await use(160_000);
    await watch();
    await use(170_000);
    await watch();
    expect(await open()).toMatchObject([
      {
        kind: "daily_budget",
        count: 2,
        what: "170,000 of 200,000 calls that HighLevel allows a day are used.",
        until: addMs(TEST_NOW, 3 * HOUR_MS).toISOString(),
      },
    ]);
    clock.advance(3 * HOUR_MS);
    await watch();
    await use(190_000, addMs(TEST_NOW, 27 * HOUR_MS));
    await watch();
    expect(await counts()).toEqual(["daily_budget 2 closed", "daily_budget 1"]);
  });
});
