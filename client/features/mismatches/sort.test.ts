import { describe, expect, it } from "vitest";
import { askedSort, readSort } from "./sort.ts";

describe("the order of mismatches", () => {
  it("begins with the youngest, whose instant is the latest", () => {
    expect(readSort()).toEqual({ by: "age", direction: "asc" });
    expect(askedSort(readSort())).toEqual({ by: "age", direction: "desc" });
  });
  it("asks for the earliest instant where the oldest come first", () => {
    expect(askedSort(readSort("age.desc"))).toEqual({ by: "age", direction: "asc" });
  });
  it.each(["lead.asc", "lead.desc", "checked.asc", "checked.desc"] as const)(
    "asks for %s as it is",
    (text) => {
      expect(askedSort(readSort(text))).toEqual(readSort(text));
    },
  );
});
