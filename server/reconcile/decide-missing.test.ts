import { describe, expect, it, test } from "vitest";
import { decideMissing, type KnownEvent, type MissingDecision, type MissingTerms } from "./decide-missing.ts";

const ids = (count: number) => Array.from({ length: count }, (_, n) => `event-${n}`);
const NONE: ReadonlySet<string> = new Set();

function event(eventId: string, overrides: Partial<KnownEvent> = {}): KnownEvent {
  return { eventId, isRead: false, isUnlisted: false, isHidden: false, ...overrides };
}

/** A pass that knew `known` meetings and did not list the first `missing` of them. */
function decide(known: number, missing: number, terms: MissingTerms = {}) {
  const named = new Set(ids(known).slice(missing));
  return decideMissing(
    ids(known).map((id) => event(id)),
    { named, doubted: NONE },
    terms,
  );
}

type Case = { sentence: string; known: number; missing: number; verdict: MissingDecision["verdict"] };

// R5: nothing is lost when a pass would lose over 20 % and over 10 of what it knew.
const CASES: Case[] = [
  { sentence: "nothing known", known: 0, missing: 0, verdict: "close" },
  { sentence: "everything listed", known: 412, missing: 0, verdict: "close" },
  { sentence: "one of one", known: 1, missing: 1, verdict: "close" },
  { sentence: "ten of ten: all of it, but not over ten", known: 10, missing: 10, verdict: "close" },
  { sentence: "eleven of eleven", known: 11, missing: 11, verdict: "suspicious_drop" },
  { sentence: "eleven of 55: exactly 20 %", known: 55, missing: 11, verdict: "close" },
  { sentence: "eleven of 54: over 20 %", known: 54, missing: 11, verdict: "suspicious_drop" },
  { sentence: "many, but under a fifth", known: 1_000, missing: 200, verdict: "close" },
  { sentence: "many, and over a fifth", known: 1_000, missing: 201, verdict: "suspicious_drop" },
  { sentence: "412 that became 3", known: 412, missing: 409, verdict: "suspicious_drop" },
  { sentence: "an empty list", known: 412, missing: 412, verdict: "suspicious_drop" },
];

describe("how much a pass may lose (R5)", () => {
  test.each(CASES)("$sentence: $verdict", ({ known, missing, verdict }) => {
    expect(decide(known, missing).verdict).toBe(verdict);
  });

  it("adds what the other days of the same run have lost", () => {
    const day = (known: number, lost: number) => decide(4, 4, { elsewhere: { known, lost } }).verdict;
    expect(day(40, 0)).toBe("close");
    expect(day(40, 6)).toBe("close");
    expect(day(40, 7)).toBe("suspicious_drop");
    expect(day(400, 7)).toBe("close");
  });

  it("holds no day back that misses nothing of its own", () => {
    expect(decide(4, 0, { elsewhere: { known: 40, lost: 30 } }).verdict).toBe("close");
  });

  it("asks for as many as a person said to be gone, and not for more", () => {
    expect(decide(412, 412, { confirmed: 412 }).verdict).toBe("close");
    expect(decide(412, 412, { confirmed: 411 }).verdict).toBe("suspicious_drop");
  });

  it("says how large the drop was", () => {
    expect(decide(412, 409)).toEqual({ verdict: "suspicious_drop", known: 412, missing: 409 });
  });

  it("counts neither the hidden ones that are missing, nor what was read by another way", () => {
    const events = ids(30).map((id, n) => event(id, n < 15 ? { isHidden: true } : { isRead: true }));
    expect(decideMissing(events, { named: NONE, doubted: NONE })).toMatchObject({
      verdict: "close",
      askIds: ids(15),
    });
  });

  it("counts events that are listed with nobody on them", () => {
    const events = ids(11).map((id) => event(id));
    const listing = { named: new Set(ids(11)), doubted: new Set(ids(11)) };
    expect(decideMissing(events, listing)).toEqual({ verdict: "suspicious_drop", known: 11, missing: 11 });
  });
});

type Fate = "listed" | "doubted" | "left out";

const ALONE: {
  sentence: string;
  is: Partial<KnownEvent>;
  fate: Fate;
  asksUnlisted?: boolean;
  expected: ("asked" | "unlisted" | "relisted")[];
}[] = [
  { sentence: "one that is listed whole is settled", is: {}, fate: "listed", expected: [] },
  {
    sentence: "one that no list names is asked for and unlisted",
    is: {},
    fate: "left out",
    expected: ["asked", "unlisted"],
  },
  {
    sentence: "one that is listed, but whose list leaves somebody out, is asked for and not unlisted",
    is: {},
    fate: "doubted",
    expected: ["asked"],
  },
  {
    sentence: "one that is left out and was read meanwhile by another way is settled",
    is: { isRead: true },
    fate: "left out",
    expected: [],
  },
  {
    sentence: "one whose people were all read meanwhile is settled, whatever its list leaves out",
    is: { isRead: true },
    fate: "doubted",
    expected: [],
  },
  {
    sentence: "one on a hidden calendar is asked for and unlisted",
    is: { isHidden: true },
    fate: "left out",
    expected: ["asked", "unlisted"],
  },
  {
    sentence: "one that a list names although its calendar is hidden is settled",
    is: { isHidden: true },
    fate: "listed",
    expected: [],
  },
  {
    sentence: "an unlisted one is asked for again by a pass that asks",
    is: { isUnlisted: true },
    fate: "left out",
    expected: ["asked", "unlisted"],
  },
  {
    sentence: "an unlisted one is left to others by a pass that does not ask",
    is: { isUnlisted: true, isHidden: true },
    fate: "left out",
    asksUnlisted: false,
    expected: [],
  },
  {
    sentence: "one that was not unlisted is asked for by that pass too",
    is: {},
    fate: "left out",
    asksUnlisted: false,
    expected: ["asked", "unlisted"],
  },
  {
    sentence: "an unlisted one that is named again is listed again",
    is: { isUnlisted: true },
    fate: "listed",
    expected: ["relisted"],
  },
  {
    sentence: "an unlisted one that is named again is listed again also where it was read",
    is: { isUnlisted: true, isRead: true },
    fate: "listed",
    expected: ["relisted"],
  },
  {
    sentence:
      "an unlisted one that is named again without somebody is listed again and asked for by any pass",
    is: { isUnlisted: true },
    fate: "doubted",
    asksUnlisted: false,
    expected: ["asked", "relisted"],
  },
];

describe("what becomes of one meeting", () => {
  test.each(ALONE)("$sentence", ({ is, fate, asksUnlisted = true, expected }) => {
    const one = new Set(["one"]);
    const listing = {
      named: fate === "left out" ? NONE : one,
      doubted: fate === "doubted" ? one : NONE,
    };
    const has = (word: (typeof expected)[number]) => (expected.includes(word) ? ["one"] : []);
    expect(decideMissing([event("one", is)], listing, { asksUnlisted })).toEqual({
      verdict: "close",
      askIds: has("asked"),
      unlistedIds: has("unlisted"),
      relistedIds: has("relisted"),
    });
  });
});
