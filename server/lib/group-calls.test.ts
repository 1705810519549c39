import { expect, test } from "vitest";
import { groupCalls } from "./group-calls.ts";

/** Doubles numbers, a group at a time, each group as long as the test says. */
function createDoubling() {
  const groups: number[][] = [];
  const ends: PromiseWithResolvers<void>[] = [];
  const double = groupCalls(async (numbers: number[]) => {
    const end = Promise.withResolvers<void>();
    groups.push(numbers);
    ends.push(end);
    await end.promise;
    return numbers.map((number) => number * 2);
  });
  return {
    double,
    groups,
    endGroup: (at: number) => ends[at]?.resolve(),
    failGroup: (at: number) => ends[at]?.reject(new Error("away")),
  };
}

test("does together what is asked together, and what is asked meanwhile together after it", async () => {
  const { double, groups, endGroup } = createDoubling();
  const first = [double(1), double(2)];
  await Promise.resolve();
  const second = [double(3), double(4)];
  expect(groups).toEqual([[1, 2]]);
  endGroup(0);
  expect(await Promise.all(first)).toEqual([2, 4]);
  endGroup(1);
  expect(await Promise.all(second)).toEqual([6, 8]);
  expect(groups).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test("tells everybody of a group that it failed, and goes on with the next", async () => {
  const { double, endGroup, failGroup } = createDoubling();
  const first = Promise.allSettled([double(1), double(2)]);
  await Promise.resolve();
  const next = double(3);
  failGroup(0);
  expect(await first).toMatchObject([{ status: "rejected" }, { status: "rejected" }]);
  endGroup(1);
  expect(await next).toBe(6);
});
