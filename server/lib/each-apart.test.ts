import { expect, test } from "vitest";
import { eachApart } from "./each-apart.ts";

test("gives each its turn, and throws the first error at the end", async () => {
  const done: number[] = [];
  const work = async (n: number) => {
    if (n % 2 === 0) throw new Error(`no ${n}`);
    done.push(n);
  };
  await expect(eachApart([1, 2, 3, 4, 5], work)).rejects.toThrow("no 2");
  expect(done).toEqual([1, 3, 5]);
});

test("is content where nothing failed", async () => {
  await expect(eachApart([], () => Promise.reject(new Error("never")))).resolves.toBeUndefined();
});
