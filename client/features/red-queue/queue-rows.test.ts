import { describe, expect, test } from "vitest";
import { buildRedTask } from "./build-red-task.ts";
import { dropOvertaken, findNextRow, mergeRows } from "./queue-rows.ts";

const [a, b, c, d] = ["a", "b", "c", "d"].map((id) => buildRedTask({ id })) as [
  ReturnType<typeof buildRedTask>,
  ReturnType<typeof buildRedTask>,
  ReturnType<typeof buildRedTask>,
  ReturnType<typeof buildRedTask>,
];

describe("rows on screen", () => {
  test("stay in their places while the answer's order changes", () => {
    const { rows, newIds, goneIds } = mergeRows([a, b, c], [c, a, b], new Map());
    expect(rows).toEqual([a, b, c]);
    expect([newIds, goneIds]).toEqual([[], []]);
  });

  test("are patched in place, and only those that changed are new objects", () => {
    const patched = { ...b, version: 2, attempts: 1 };
    const { rows } = mergeRows([a, b], [{ ...a }, patched], new Map());
    expect(rows[0]).toBe(a);
    expect(rows[1]).toBe(patched);
  });

  test("never go back to an older version", () => {
    const newer = { ...a, version: 3 };
    expect(mergeRows([newer], [a], new Map()).rows).toEqual([newer]);
  });

  test("wait with newcomers, and keep what left with what became of it", () => {
    const taken = { ...b, version: 2, owner: { id: "ana", name: "Ana Silva" } };
    const { rows, newIds, goneIds } = mergeRows([a, b], [d, a], new Map([["b", taken]]));
    expect(rows).toEqual([a, taken]);
    expect(newIds).toEqual(["d"]);
    expect(goneIds).toEqual(["b"]);
  });
});

describe("what an outcome took away", () => {
  test("stays away while its answer is on the way, whatever is read meanwhile", () => {
    const underWay = new Map([["b", Number.POSITIVE_INFINITY]]);
    expect(dropOvertaken([a, { ...b, version: 9 }, c], underWay)).toEqual([a, c]);
  });

  test("is not brought back by a reading from before it", () => {
    expect(dropOvertaken([a, { ...b, version: 2 }], new Map([["b", 3]]))).toEqual([a]);
  });

  test("is shown by a reading that knows of it", () => {
    const done = { ...b, version: 3 };
    expect(dropOvertaken([a, done], new Map([["b", 3]]))).toEqual([a, done]);
  });

  test("leaves a list without it as it is", () => {
    const rows = [a, c];
    expect(dropOvertaken(rows, new Map([["b", 3]]))).toBe(rows);
  });
});

describe("the next row", () => {
  const isWorkable = (row: typeof a) => row.id !== "c";

  test("is the next one that nobody holds", () => {
    expect(findNextRow([a, b, c, d], "b", isWorkable)).toBe(d);
  });

  test("is the nearest before it where none follows", () => {
    expect(findNextRow([a, b, c], "b", isWorkable)).toBe(a);
  });

  test("is none where nothing is left", () => {
    expect(findNextRow([b], "b", isWorkable)).toBeNull();
    expect(findNextRow([c], "c", isWorkable)).toBeNull();
  });
});
