import { expect, test } from "vitest";
import type { Db } from "#server/db/client.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { TEST_NOW } from "#server/testing/factories.ts";
import { answerOnce } from "./answer-once.ts";

const database = setUpTestDatabase();
const clock = new SettableClock(TEST_NOW);

/** The same database, away for one kind of statement. */
function without(method: "update" | "deleteMany"): Db {
  const { db } = database;
  const { findUnique, update, deleteMany } = db.idempotencyKey;
  return {
    $executeRaw: db.$executeRaw.bind(db),
    idempotencyKey: { findUnique, update, deleteMany, [method]: () => Promise.reject(new Error("away")) },
  } as unknown as Db; // all that is used of it
}

const request = (key: string) => ({ scope: "test", key, target: "POST /leads", body: { leads: [] } });

test("work whose answer could not be kept is not done again at once", async () => {
  let done = 0;
  const work = async () => ({ status: 200, body: { done: ++done } });
  await expect(answerOnce({ db: without("update"), clock }, request("a"), work)).rejects.toThrow("away");
  await expect(answerOnce({ db: database.db, clock }, request("a"), work)).rejects.toMatchObject({
    code: "idempotency_in_progress",
  });
  expect(done).toBe(1);
});

test("work that failed says why, though its key could not be given back", async () => {
  const work = () => Promise.reject(new RangeError("the real reason"));
  await expect(answerOnce({ db: without("deleteMany"), clock }, request("b"), work)).rejects.toThrow(
    "the real reason",
  );
});
