import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createTurns } from "./turns.ts";

test("no more than the places are under way, in the order in which they came", async () => {
  const inTurn = createTurns(2);
  const begun: number[] = [];
  let underWay = 0;
  let most = 0;
  const work = (at: number) =>
    inTurn(async () => {
      begun.push(at);
      underWay += 1;
      most = Math.max(most, underWay);
      await sleep(at % 3);
      underWay -= 1;
      return at;
    });
  expect(await Promise.all([0, 1, 2, 3, 4, 5, 6].map(work))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(most).toBe(2);
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test("work that fails gives its place on", async () => {
  const inTurn = createTurns(1);
  const failed = inTurn(async () => {
    await sleep(1);
    throw new Error("broken");
  });
  const next = inTurn(async () => "done");
  await expect(failed).rejects.toThrow("broken");
  expect(await next).toBe("done");
  expect(await inTurn(async () => "and again")).toBe("and again");
});
