import { expect, it, onTestFinished } from "vitest";
import { SettableClock } from "#server/lib/clock.ts";
import { AppError } from "#server/lib/errors.ts";
import { createLog } from "#server/lib/log.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { TEST_NOW } from "#server/testing/factories.ts";
import { createDb } from "./client.ts";
import { nameProcess } from "./count-workers.ts";
import { interruptLostRuns } from "./interrupt-lost-runs.ts";
import { recordJobRun } from "./job-run.ts";
import { STOPPING } from "./queue.ts";

const database = setUpTestDatabase();
const clock = new SettableClock(TEST_NOW);
const log = createLog("silent");

const read = (job: string) => database.db.jobRun.findFirstOrThrow({ where: { job } });

/** A process of its own, as far as the database can tell, in the middle of a run. */
async function beginRun(job: string) {
  const db = createDb(database.url, { max: 1, name: nameProcess("worker") });
  onTestFinished(() => db.$disconnect());
  let end = () => {};
  const held = new Promise<void>((resolve) => {
    end = resolve;
  });
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const run = recordJobRun({ db, clock }, { job, trigger: "cron" }, async () => {
    begin();
    await held;
  });
  await begun;
  return {
    db,
    async end() {
      end();
      await run;
    },
  };
}

it("closes the run of a process that was killed, and no other", async () => {
  const killed = await beginRun("killed");
  const living = await beginRun("living");
  expect(await interruptLostRuns({ db: database.db, log })).toBe(0);
  await killed.db.$disconnect();
  await expect.poll(() => interruptLostRuns({ db: database.db, log })).toBe(1);
  // Nobody saw it end.
  expect(await read("killed")).toMatchObject({
    state: "interrupted",
    errorCode: "process_gone",
    endedAt: null,
  });
  expect(await read("living")).toMatchObject({ state: "running", errorCode: null });
  await living.end();
  expect(await read("living")).toMatchObject({ state: "succeeded" });
});

it("lets a run that was given up too early write its own end", async () => {
  const { db, end } = await beginRun("given up");
  await db.jobRun.updateMany({ where: { job: "given up" }, data: { process: "somebody else" } });
  expect(await interruptLostRuns({ db: database.db, log })).toBe(1);
  await end();
  expect(await read("given up")).toMatchObject({ state: "succeeded", errorCode: null });
});

it("closes runs from before processes had names", async () => {
  await database.db.jobRun.create({
    data: { job: "old", trigger: "cron", startedAt: TEST_NOW, process: null },
  });
  expect(await interruptLostRuns({ db: database.db, log })).toBe(1);
});

it.each([
  ["interrupted", new AppError(STOPPING, "This process is stopping.")],
  ["failed", new Error("anything else")],
])("calls a run %s by what ended it", async (state, error) => {
  const run = recordJobRun({ db: database.db, clock }, { job: state, trigger: "cron" }, async (counters) => {
    counters.pages = 3;
    throw error;
  });
  await expect(run).rejects.toBe(error);
  expect(await read(state)).toMatchObject({ state, endedAt: TEST_NOW, counters: { pages: 3 } });
});
