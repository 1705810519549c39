import { expect, test } from "vitest";
import { type ClaimFacts, decideClaim, decideRenewal } from "./decide-claim.ts";

const NOW = new Date("2026-03-10T15:00:00.000Z");
const IN_TEN = new Date("2026-03-10T15:10:00.000Z");
const SOON = new Date("2026-03-10T15:04:00.000Z");

function task(overrides: Partial<ClaimFacts> = {}): ClaimFacts {
  return { status: "pending", ownerId: null, leaseUntil: null, version: 3, ...overrides };
}

test.each([
  {
    sentence: "a free task becomes theirs for ten minutes",
    facts: {},
    expected: { verdict: "claim", leaseUntil: IN_TEN },
  },
  {
    sentence: "a snoozed task may be worked early",
    facts: { status: "snoozed" as const },
    expected: { verdict: "claim" },
  },
  {
    sentence: "what somebody else holds stays theirs",
    facts: { ownerId: "ana", leaseUntil: SOON },
    expected: { verdict: "taken", ownerId: "ana", until: SOON },
  },
  {
    sentence: "a lease that ends this instant holds nothing",
    facts: { ownerId: "ana", leaseUntil: NOW },
    expected: { verdict: "claim" },
  },
  {
    sentence: "one's own claim begins again, whatever version the screen has",
    facts: { ownerId: "sam", leaseUntil: SOON, version: 9 },
    expected: { verdict: "renew", leaseUntil: IN_TEN },
  },
  { sentence: "a stale screen claims nothing", facts: { version: 4 }, expected: { verdict: "moved_on" } },
  {
    sentence: "a lost race names the winner rather than the version",
    facts: { ownerId: "ana", leaseUntil: SOON, version: 4 },
    expected: { verdict: "taken", ownerId: "ana" },
  },
  {
    sentence: "a closed task cannot be claimed",
    facts: { status: "completed" as const },
    expected: { verdict: "closed" },
  },
])("$sentence", ({ facts, expected }) => {
  expect(decideClaim(task(facts), { userId: "sam", version: 3, now: NOW })).toMatchObject(expected);
});

test.each([
  {
    sentence: "activity keeps one's own claim",
    facts: { ownerId: "sam", leaseUntil: SOON },
    expected: { verdict: "renew", leaseUntil: IN_TEN },
  },
  {
    sentence: "a lease that ran out is not renewed behind the screen's back",
    facts: { ownerId: "sam", leaseUntil: NOW },
    expected: { verdict: "lapsed" },
  },
  {
    sentence: "somebody else's claim is not renewed",
    facts: { ownerId: "ana", leaseUntil: SOON },
    expected: { verdict: "taken", ownerId: "ana" },
  },
  {
    sentence: "a task that closed itself ends the claim",
    facts: { status: "completed" as const, ownerId: "sam", leaseUntil: null },
    expected: { verdict: "closed" },
  },
])("$sentence", ({ facts, expected }) => {
  expect(decideRenewal(task(facts), { userId: "sam", now: NOW })).toMatchObject(expected);
});
