import { expect, it, onTestFinished } from "vitest";
import { createLog } from "#server/lib/log.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { createBell } from "./bell.ts";
import { Prisma } from "./generated/client.ts";
import { insertJob } from "./insert-job.ts";
import { createQueue } from "./queue.ts";

const database = setUpTestDatabase();

async function openQueue() {
  const queue = await createQueue(database.url, createLog("silent"));
  onTestFinished(() => queue.stop(0));
  return queue;
}

function insert(id: string, key: string): Promise<number> {
  const job = insertJob(
    "process-delivery",
    key,
    Prisma.sql`jsonb_build_object('deliveryId', source.id)`,
    Prisma.sql`(SELECT ${id}::text AS id) source`,
  );
  return database.db.$executeRaw`
    WITH job AS (${job}) SELECT count(*) FROM job`;
}

it("writes a job as the library does, column by column", async () => {
  const queue = await openQueue();
  await queue.send("process-delivery", { deliveryId: "a" }, { key: "sent" });
  await insert("a", "inserted");
  const jobs = await database.db.$queryRaw<{ job: object }[]>`
    SELECT to_jsonb(j) - '{id,singleton_key,created_on,start_after,keep_until}'::text[]
             || jsonb_build_object('kept', (keep_until - start_after)::text) AS job
    FROM pgboss.job j ORDER BY singleton_key`;
  expect(jobs).toHaveLength(2);
  expect(jobs[0]).toEqual(jobs[1]);
});

it("is heard of when the bell is rung, and waits only once where it waits already", async () => {
  const queue = await openQueue();
  await insert("b", "twice");
  await insert("c", "twice");
  const done: string[] = [];
  await queue.work("process-delivery", { concurrency: 1, lateSeconds: 60 }, async ({ deliveryId }) => {
    done.push(deliveryId);
  });
  await expect.poll(() => done).toContain("b");
  await insert("d", "later");
  const bell = createBell(database.db, "process-delivery");
  bell.ring();
  bell.ring();
  await expect.poll(() => done, { timeout: 20_000 }).toContain("d");
  expect(done).not.toContain("c");
});
