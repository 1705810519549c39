import type { Db } from "#server/db/client.ts";

/** Carries a transaction's answer out of the transaction that it ends. */
class Rehearsed extends Error {
  readonly answer: unknown;
  constructor(answer: unknown) {
    super("rehearsed");
    this.answer = answer;
  }
}

type Interactive = (fn: (tx: unknown) => Promise<unknown>, options?: unknown) => Promise<unknown>;

/**
 * The same database, whose every transaction happens, answers, and is taken back. Only for code that writes inside
 * transactions alone; reads are real.
 */
export function createRehearsalDb(db: Db): Db {
  // The interactive form is the only one that we use.
  const begin = db.$transaction.bind(db) as unknown as Interactive;
  const rehearse: Interactive = async (fn, options) => {
    try {
      return await begin(async (tx) => {
        throw new Rehearsed(await fn(tx));
      }, options);
    } catch (error) {
      if (error instanceof Rehearsed) return error.answer;
      throw error;
    }
  };
  return new Proxy(db, {
    get: (target, key) => (key === "$transaction" ? rehearse : Reflect.get(target, key)),
  });
}
