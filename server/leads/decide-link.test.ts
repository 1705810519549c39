import { describe, expect, test } from "vitest";
import { decideLink, type LinkDecision, type LinkFacts } from "./decide-link.ts";

const UNMATCHED: LinkFacts = {
  bookingLeadId: null,
  leadId: "maya",
  rememberAlias: true,
  address: "assistant@ridgeline.example",
  contactId: null,
  holderIds: [],
};

const CASES: { sentence: string; facts: Partial<LinkFacts>; expected: LinkDecision }[] = [
  { sentence: "links and remembers", facts: {}, expected: { verdict: "link", remembers: "keys" } },
  {
    sentence: "links without remembering",
    facts: { rememberAlias: false },
    expected: { verdict: "link", remembers: "nothing" },
  },
  {
    sentence: "remembers a booking of its own lead",
    facts: { bookingLeadId: "maya", holderIds: ["maya"] },
    expected: { verdict: "link", remembers: "keys" },
  },
  {
    sentence: "remembers a contact that has no address",
    facts: { address: null, contactId: "c-1" },
    expected: { verdict: "link", remembers: "keys" },
  },
  {
    sentence: "leaves a booking with the lead that has it",
    facts: { bookingLeadId: "jonas" },
    expected: { verdict: "refuse", code: "already_linked" },
  },
  {
    sentence: "remembers nothing of a booking without address and contact",
    facts: { address: null },
    expected: { verdict: "refuse", code: "nothing_to_remember" },
  },
  {
    sentence: "takes no other lead's address for an alias (R13)",
    facts: { holderIds: ["jonas"] },
    expected: { verdict: "refuse", code: "alias_taken" },
  },
  {
    sentence: "links a shared address's booking when nothing is to be remembered (R13)",
    facts: { holderIds: ["jonas", "maya"], rememberAlias: false },
    expected: { verdict: "link", remembers: "nothing" },
  },
  {
    sentence: "remembers where that is possible",
    facts: { rememberAlias: "if_possible", holderIds: ["maya"] },
    expected: { verdict: "link", remembers: "keys" },
  },
  {
    sentence: "links without remembering where another lead has the address (R13)",
    facts: { rememberAlias: "if_possible", holderIds: ["jonas"] },
    expected: { verdict: "link", remembers: "nothing" },
  },
  {
    sentence: "links without remembering where there is nothing to remember",
    facts: { rememberAlias: "if_possible", address: null },
    expected: { verdict: "link", remembers: "nothing" },
  },
];

describe("decideLink (R11)", () => {
  test.each(CASES)("$sentence", ({ facts, expected }) => {
    expect(decideLink({ ...UNMATCHED, ...facts })).toEqual(expected);
  });
});
