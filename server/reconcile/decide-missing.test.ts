import { describe, expect, it, test } from "vitest";
import { decideMissing, type MissingDecision } from "./decide-missing.ts";

const ids = (count: number) => Array.from({ length: count }, (_, n) => `event-${n}`);

/** A pass that knew `known` meetings and did not list the first `missing` of them. */
function decide(known: number, missing: number) {
  return decideMissing(ids(known), new Set(ids(known).slice(missing)));
}

type Case = { sentence: string; known: number; missing: number; verdict: MissingDecision["verdict"] };

// R5: nothing is lost when a pass would lose over 20 % and over 10 of what it knew.
const CASES: Case[] = [
  { sentence: "nothing known", known: 0, missing: 0, verdict: "complete" },
  { sentence: "everything listed", known: 412, missing: 0, verdict: "complete" },
  { sentence: "one of one", known: 1, missing: 1, verdict: "ask" },
  { sentence: "ten of ten: all of it, but not over ten", known: 10, missing: 10, verdict: "ask" },
  { sentence: "eleven of eleven", known: 11, missing: 11, verdict: "suspicious_drop" },
  { sentence: "eleven of 55: exactly 20 %", known: 55, missing: 11, verdict: "ask" },
  { sentence: "eleven of 54: over 20 %", known: 54, missing: 11, verdict: "suspicious_drop" },
  { sentence: "many, but under a fifth", known: 1_000, missing: 200, verdict: "ask" },
  { sentence: "many, and over a fifth", known: 1_000, missing: 201, verdict: "suspicious_drop" },
  { sentence: "412 that became 3", known: 412, missing: 409, verdict: "suspicious_drop" },
  { sentence: "an empty list", known: 412, missing: 412, verdict: "suspicious_drop" },
];

describe("decideMissing (R5)", () => {
  test.each(CASES)("$sentence: $verdict", ({ known, missing, verdict }) => {
    expect(decide(known, missing).verdict).toBe(verdict);
  });

  it("names exactly those to ask for", () => {
    expect(decideMissing(["a", "b", "c"], new Set(["b", "x"]))).toEqual({ verdict: "ask", ids: ["a", "c"] });
  });

  it("adds what the other days of the same run have lost", () => {
    const day = (known: number, lost: number) =>
      decideMissing(ids(4), new Set(), null, { known, lost }).verdict;
    expect(day(40, 0)).toBe("ask");
    expect(day(40, 6)).toBe("ask");
    expect(day(40, 7)).toBe("suspicious_drop");
    expect(day(400, 7)).toBe("ask");
  });

  it("asks for as many as a person said to be gone, and not for more", () => {
    expect(decideMissing(ids(412), new Set(), 412).verdict).toBe("ask");
    expect(decideMissing(ids(412), new Set(), 411).verdict).toBe("suspicious_drop");
  });

  it("says how large the drop was", () => {
    expect(decide(412, 409)).toEqual({ verdict: "suspicious_drop", known: 412, missing: 409 });
  });
});
