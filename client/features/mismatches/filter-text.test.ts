import { describe, expect, test } from "vitest";
import { type FilterWords, parseFilterText, toFilter, writeFilterText } from "./filter-text.ts";

const cases: [string, string, FilterWords][] = [
  ["tokens", "cause:no_trace age:<7d owner:me", { cause: "no_trace", age: "<7d", owner: "me" }],
  [
    "quotes hold words together",
    'lead:"dana ruiz" provider:calendly',
    { provider: "calendly", q: "dana ruiz" },
  ],
  ["bare words search leads", "dana ruiz", { q: "dana ruiz" }],
  ["several causes", "cause:no_trace,feed_gap", { cause: "no_trace,feed_gap" }],
  ["capitals are forgiven", "Protected:YES", { protected: "yes" }],
  ["a cause that does not exist is text", "cause:gremlins", { q: "cause:gremlins" }],
  ["an age without a direction is text", "age:7d", { q: "age:7d" }],
  ["an unknown key is text", "color:red", { q: "color:red" }],
  ["an unfinished quote still counts", 'lead:"dana', { q: "dana" }],
  ["nothing", "   ", {}],
];

describe("parseFilterText", () => {
  test.each(cases)("%s", (_name, text, words) => {
    expect(parseFilterText(text)).toEqual(words);
  });

  test.each(cases)("reads what it wrote: %s", (_name, _text, words) => {
    expect(parseFilterText(writeFilterText(words))).toEqual(words);
  });
});

test("leaves out what a hand-written address got wrong", () => {
  expect(
    toFilter("1", { cause: "gremlins", age: "soon", provider: "outlook", protected: "perhaps" }),
  ).toEqual({
    tab: "1",
  });
  expect(toFilter("2", { age: ">36h", protected: "no", q: "dana" })).toEqual({
    tab: "2",
    age: { op: ">", days: 1.5 },
    isProtected: false,
    q: "dana",
  });
});
