import { beforeAll, expect, test } from "vitest";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { createDb } from "./client.ts";
import { runTransaction } from "./run-transaction.ts";

const database = setUpTestDatabase();

beforeAll(async () => {
  await database.db.$executeRaw`CREATE TABLE counter (id int PRIMARY KEY, n int NOT NULL)`;
  await database.db.$executeRaw`INSERT INTO counter VALUES (1, 0), (2, 0)`;
});

/** Resolves for everybody once `size` have arrived; later arrivals pass at once. */
function meetingPoint(size: number): () => Promise<void> {
  let arrived = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  return () => {
    if (++arrived >= size) resolve();
    return promise;
  };
}

test("runs both sides of a deadlock to the end", async () => {
  const bothHoldALock = meetingPoint(2);
  let attempts = 0;
  const raise = (first: number, second: number) =>
    runTransaction(database.db, "raiseCounters", async (tx) => {
      attempts++;
      await tx.$executeRaw`UPDATE counter SET n = n + 1 WHERE id = ${first}`;
      await bothHoldALock();
      await tx.$executeRaw`UPDATE counter SET n = n + 1 WHERE id = ${second}`;
    });
  await Promise.all([raise(1, 2), raise(2, 1)]);

  const rows = await database.db.$queryRaw`SELECT n FROM counter ORDER BY id`;
  expect(rows).toEqual([{ n: 2 }, { n: 2 }]);
  expect(attempts).toBe(3);
});

test("repeats a transaction whose commit could not be serialized", async () => {
  const bothHaveRead = meetingPoint(2);
  const append = (id: number) =>
    runTransaction(
      database.db,
      "appendSum",
      async (tx) => {
        const [row] = await tx.$queryRaw<{ sum: number }[]>`SELECT sum(n)::int AS sum FROM counter`;
        await bothHaveRead();
        await tx.$executeRaw`INSERT INTO counter VALUES (${id}, ${row?.sum})`;
      },
      { isolationLevel: "Serializable" },
    );
  await Promise.all([append(10), append(11)]);

  const rows = await database.db.$queryRaw`SELECT n FROM counter WHERE id >= 10 ORDER BY n`;
  expect(rows).toEqual([{ n: 4 }, { n: 8 }]);
});

test("throws any other error at once, with nothing written", async () => {
  let attempts = 0;
  const broken = runTransaction(database.db, "insertTwice", async (tx) => {
    attempts++;
    await tx.$executeRaw`INSERT INTO counter VALUES (20, 0)`;
    await tx.$executeRaw`INSERT INTO counter VALUES (20, 0)`;
  });
  await expect(broken).rejects.toMatchObject({ code: "P2010" });
  expect(attempts).toBe(1);
  expect(await database.db.$queryRaw`SELECT 1 FROM counter WHERE id = 20`).toEqual([]);
});

/** What PostgreSQL does when it restarts: the session ends under whoever holds it. */
const endSession = (pid: number) =>
  database.db.$queryRaw`SELECT pg_terminate_backend(${pid}::int)::text AS ended`;

test("runs again when its connection is lost before the commit, and writes once", async () => {
  let attempts = 0;
  await runTransaction(database.db, "losesItsConnection", async (tx) => {
    attempts++;
    await tx.$executeRaw`INSERT INTO counter VALUES (30, 0)`;
    const [row] = await tx.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
    if (attempts === 1) await endSession(row?.pid ?? 0);
    await tx.$executeRaw`UPDATE counter SET n = n + 1 WHERE id = 30`;
  });
  expect(attempts).toBe(2);
  expect(await database.db.$queryRaw`SELECT n FROM counter WHERE id = 30`).toEqual([{ n: 1 }]);
});

test("never repeats what may have been committed", async () => {
  await database.db.$executeRawUnsafe(`
    CREATE FUNCTION commit_slowly() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_sleep(5); RETURN NULL; END $$`);
  await database.db.$executeRawUnsafe(`
    CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON counter DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.id = 40) EXECUTE FUNCTION commit_slowly()`);
  let attempts = 0;
  let pid = 0;
  const inDoubt = runTransaction(database.db, "diesInCommit", async (tx) => {
    attempts++;
    await tx.$executeRaw`INSERT INTO counter VALUES (40, 0)`;
    pid = (await tx.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`)[0]?.pid ?? 0;
  });
  const isCommitting = async () =>
    (
      await database.db.$queryRaw<unknown[]>`
      SELECT 1 FROM pg_stat_activity WHERE pid = ${pid}::int AND query = 'COMMIT' AND wait_event = 'PgSleep'`
    ).length;
  void inDoubt.catch(() => {});
  await expect.poll(isCommitting, { interval: 20, timeout: 20_000 }).toBe(1);
  await endSession(pid);
  await expect(inDoubt).rejects.not.toMatchObject({ code: "database_busy" });
  expect(attempts).toBe(1);
});

test("waits for a connection while its pool is used up", async () => {
  const small = createDb(database.url, { max: 1 });
  try {
    const { promise: isFree, resolve: free } = Promise.withResolvers<void>();
    const holding = small.$transaction(() => isFree, { timeout: 30_000 });
    const waiting = runTransaction(small, "waitsForAPlace", (tx) => tx.$queryRaw`SELECT 1 AS one`, {
      maxWait: 100,
    });
    setTimeout(free, 400);
    expect(await waiting).toEqual([{ one: 1 }]);
    await holding;
  } finally {
    await small.$disconnect();
  }
});

test("gives up with database_busy when the conflict stays", async () => {
  const conflict = () =>
    runTransaction(
      database.db,
      "alwaysLoses",
      (tx) => tx.$executeRaw`DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END $$`,
    );
  await expect(conflict()).rejects.toMatchObject({ code: "database_busy", status: 503 });
});
