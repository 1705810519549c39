import { once } from "node:events";
import { afterEach, expect, it, onTestFinished } from "vitest";
import { createLog } from "#server/lib/log.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { countWorkers, nameProcess } from "./count-workers.ts";
import { createQueue, type Queue } from "./queue.ts";

const database = setUpTestDatabase();
const log = createLog("silent");

/** A process's queue, as far as the database can tell. */
async function openQueue(role: "web" | "worker" = "worker"): Promise<Queue> {
  const queue = await createQueue(database.url, log, nameProcess(role));
  onTestFinished(() => queue.stop(0));
  return queue;
}

type Job = { state: string; retryCount: number };

async function readJobs(key: string): Promise<Job[]> {
  return database.db.$queryRaw<Job[]>`
    SELECT state::text, retry_count AS "retryCount" FROM pgboss.job
    WHERE singleton_key = ${key} ORDER BY created_on`;
}

afterEach(async () => {
  await database.db.$executeRaw`DELETE FROM pgboss.job`;
});

it("gives work back when its process stops, as if it had never been begun, and another goes on with it", async () => {
  const [first, second] = [await openQueue(), await openQueue()];
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  await first.work("look-up-lead", { concurrency: 1 }, async (_data, signal) => {
    begin();
    await once(signal, "abort");
    throw signal.reason;
  });
  await first.send("look-up-lead", { leadId: "a" }, { key: "a" });
  await begun;
  await first.stop(20_000);
  // It may come by once more before its process asks for nothing any longer.
  const given = await readJobs("a");
  const [waiting] = given.splice(-1);
  expect(waiting).toEqual({ state: "created", retryCount: 0 });
  expect(new Set(given.map(({ state, retryCount }) => `${state} ${retryCount}`))).toEqual(
    new Set(["completed 0"]),
  );
  await new Promise<void>((resolve, reject) => {
    second.work("look-up-lead", { concurrency: 1 }, async () => resolve()).catch(reject);
  });
});

it("counts what does not end in time as a failed try", async () => {
  const queue = await openQueue();
  await new Promise<void>((resolve, reject) => {
    queue
      .work("look-up-lead", { concurrency: 1 }, async () => {
        resolve();
        await new Promise(() => {});
      })
      .catch(reject);
    queue.send("look-up-lead", { leadId: "deaf" }, { key: "deaf" }).catch(reject);
  });
  await queue.stop(1_000);
  expect(await readJobs("deaf")).toEqual([{ state: "retry", retryCount: 0 }]);
});

it("puts a tick of many processes in line once", async () => {
  const queues = await Promise.all([openQueue(), openQueue(), openQueue()]);
  // An hour, so that no test runs over its end but once in a very long time.
  const tick = { key: "clock", onceInSeconds: 3_600 };
  await Promise.all(queues.map((queue) => queue.send("clock-pass", {}, tick)));
  const [queue] = queues;
  const worked = new Promise<void>((resolve, reject) => {
    queue?.work("clock-pass", { concurrency: 1 }, async () => resolve()).catch(reject);
  });
  await worked;
  await expect.poll(() => readJobs("clock")).toEqual([{ state: "completed", retryCount: 0 }]);
  await Promise.all(queues.map((each) => each.send("clock-pass", {}, tick)));
  expect(await readJobs("clock")).toHaveLength(1);
});

it("leaves work alone that runs already, where a later tick will see; and puts it in line once more where not", async () => {
  const queue = await openQueue();
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const begun = new Promise<void>((resolve, reject) => {
    queue
      .work("prune", { concurrency: 1 }, async () => {
        resolve();
        await released;
      })
      .catch(reject);
  });
  await queue.send("prune", {}, { key: "long" });
  await begun;
  await queue.send("prune", {}, { key: "long", unlessRunning: true });
  expect(await readJobs("long")).toHaveLength(1);
  await queue.send("prune", {}, { key: "long" });
  await queue.send("prune", {}, { key: "long" });
  expect((await readJobs("long")).map(({ state }) => state)).toEqual(["active", "created"]);
  release();
});

it("goes on with the next piece of work at once, however many there were when the bell rang", async () => {
  const queue = await openQueue();
  const keys = Array.from({ length: 20 }, (_, at) => `many ${at}`);
  for (const key of keys) await queue.send("look-up-lead", { leadId: key }, { key });
  const done: string[] = [];
  const startedAt = performance.now();
  await queue.work("look-up-lead", { concurrency: 1 }, async ({ leadId }) => {
    done.push(leadId);
  });
  await expect.poll(() => done.length, { timeout: 20_000 }).toBe(keys.length);
  // Two seconds after each would make forty.
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});

it("knows how many processes work, and not those that only put work in line", async () => {
  const before = await countWorkers(database.db);
  const worker = await openQueue("worker");
  await openQueue("web");
  expect(await countWorkers(database.db)).toBe(before + 1);
  await worker.stop(0);
  await expect.poll(() => countWorkers(database.db)).toBe(before);
});
