import { beforeAll, expect, test } from "vitest";
import { setUpTestDatabase } from "#server/testing/database.ts";
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

test("gives up with database_busy when the conflict stays", async () => {
  const conflict = () =>
    runTransaction(
      database.db,
      "alwaysLoses",
      (tx) => tx.$executeRaw`DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END $$`,
    );
  await expect(conflict()).rejects.toMatchObject({ code: "database_busy", status: 503 });
});
