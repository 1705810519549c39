import { describe, expect, test } from "vitest";
import { readBearer, requireSecret } from "./bearer.ts";

describe("readBearer", () => {
  test.each<[string | undefined, string | null]>([
    ["Bearer a-key", "a-key"],
    ["bearer  a-key ", "a-key"],
    ["a-key", null],
    ["Basic a-key", null],
    ["Bearer ", null],
    ["Bearer two words", null],
    ["", null],
    [undefined, null],
  ])("%s", (authorization, key) => {
    expect(readBearer({ authorization })).toBe(key);
  });
});

test.each(["", "Bearer", "a-key", "Bearer A-KEY", "Bearer a-key-and-more", "Bearer a-ke"])(
  "%s does not open what a-key opens",
  (authorization) => {
    expect(() => requireSecret({ authorization }, "a-key")).toThrow("valid key");
  },
);
