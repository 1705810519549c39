import { expect, it } from "vitest";
import { findUnstorable, isStorableTime } from "./storable.ts";

it.each<[string, unknown, string[] | null]>([
  ["plain text", { name: "Zoë 🎉", tags: ["a", "b"] }, null],
  ["a NUL", { name: "a\u0000b" }, ["name"]],
  [
    "half a surrogate pair, deep inside",
    { leads: [{ name: "a" }, { name: "a\ud800" }] },
    ["leads", "1", "name"],
  ],
  ["a field's own name", { steps: [{ "a\u0000": 1 }] }, ["steps", "0"]],
  ["what is no text", { at: 7, on: true, none: null, left: undefined }, null],
])("finds what a database cannot keep in %s", (_, value, path) => {
  expect(findUnstorable(value)).toEqual(path);
});

it("takes no year before the first", () => {
  expect(isStorableTime(new Date("0000-12-31T23:59:59.999Z"))).toBe(false);
  expect(isStorableTime(new Date("0001-01-01T00:00:00.000Z"))).toBe(true);
  expect(isStorableTime(new Date("no date"))).toBe(false);
});
