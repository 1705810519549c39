import { describe, expect, test } from "vitest";
import { decideMatch, type LinkedBy, type MatchCandidates, type MatchDecision } from "./decide-match.ts";

type Case = { sentence: string; found: Partial<MatchCandidates>; expected: MatchDecision };

const matched = (leadId: string, linkedBy: LinkedBy): MatchDecision => ({
  outcome: "matched",
  leadId,
  linkedBy,
});

const CASES: Case[] = [
  {
    sentence: "nobody by any key: unmatched, never a guess (R11)",
    found: {},
    expected: { outcome: "unmatched" },
  },
  {
    sentence: "the exact e-mail of one lead (R8)",
    found: { byEmail: ["maya"] },
    expected: matched("maya", "email"),
  },
  {
    sentence: "a confirmed alias of one lead (R8, R11)",
    found: { byAlias: ["maya"] },
    expected: matched("maya", "alias"),
  },
  {
    sentence: "a lead's own e-mail that is also its alias is one lead",
    found: { byEmail: ["maya"], byAlias: ["maya"] },
    expected: matched("maya", "email"),
  },
  {
    sentence: "several e-mails of one HighLevel contact that all name one lead (R8)",
    found: { byEmail: ["maya", "maya"] },
    expected: matched("maya", "email"),
  },
  {
    sentence: "an e-mail that two leads share: neither (R13)",
    found: { byEmail: ["maya", "jonas"] },
    expected: { outcome: "ambiguous", leadIds: ["maya", "jonas"] },
  },
  {
    sentence: "one lead's e-mail that is another's alias: neither (R13)",
    found: { byEmail: ["maya"], byAlias: ["jonas"] },
    expected: { outcome: "ambiguous", leadIds: ["maya", "jonas"] },
  },
  {
    sentence: "an alias that two leads share: neither (R13)",
    found: { byAlias: ["maya", "jonas"] },
    expected: { outcome: "ambiguous", leadIds: ["maya", "jonas"] },
  },
  {
    sentence: "the HighLevel contact id before the contact's e-mails (R8)",
    found: { byContact: ["maya"], byEmail: ["jonas"] },
    expected: matched("maya", "contact"),
  },
  {
    sentence: "a contact id names one person where the e-mail names two",
    found: { byContact: ["maya"], byEmail: ["maya", "jonas"] },
    expected: matched("maya", "contact"),
  },
  {
    sentence: "a moved booking stays with its lead under another lead's e-mail (R16)",
    found: { byChain: ["maya"], byEmail: ["jonas"] },
    expected: matched("maya", "chain"),
  },
  {
    sentence: "a chain between two leads decides nothing; the e-mail does",
    found: { byChain: ["maya", "jonas"], byEmail: ["priya"] },
    expected: matched("priya", "email"),
  },
  {
    sentence:
      "a moved booking that nobody else claims belongs with the one that replaced it (R16: one chain)",
    found: { bySuccessor: ["maya"] },
    expected: matched("maya", "successor"),
  },
  {
    sentence: "its own e-mail before the one that replaced it: a chain is inherited downwards",
    found: { byEmail: ["jonas"], bySuccessor: ["maya"] },
    expected: matched("jonas", "email"),
  },
  {
    sentence: "an address of two leads is not settled by what replaced it (R13)",
    found: { byEmail: ["jonas", "priya"], bySuccessor: ["maya"] },
    expected: { outcome: "ambiguous", leadIds: ["jonas", "priya"] },
  },
];

describe("decideMatch", () => {
  test.each(CASES)("$sentence", ({ found, expected }) => {
    expect(
      decideMatch({ byChain: [], byContact: [], byEmail: [], byAlias: [], bySuccessor: [], ...found }),
    ).toEqual(expected);
  });
});
