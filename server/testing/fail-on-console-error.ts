import { afterEach, beforeEach, expect, vi } from "vitest";

// A test that expects an error on the console silences it itself:
// `vi.spyOn(console, "error").mockImplementation(() => {})`.
let unexpected: string[] = [];

beforeEach(() => {
  unexpected = [];
  vi.spyOn(console, "error").mockImplementation((...args) => {
    unexpected.push(args.map(String).join(" "));
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  expect(unexpected, "console.error was called").toEqual([]);
});
