import { describe, expect, test } from "vitest";
import { addMs, MINUTE_MS } from "#server/lib/duration.ts";
import { TEST_NOW } from "#server/testing/factories.ts";
import {
  type CandidateFacts,
  decideSuggestions,
  type SuggestionReason,
  type UnmatchedFacts,
} from "./decide-suggestions.ts";

const booking: UnmatchedFacts = {
  address: "m.ortiz@home.example",
  name: "Maya  Ortiz",
  phone: "+1 (512) 555-0134",
  tracking: ["newsletter", "cust-71"],
};

/** Somebody with whom the booking has nothing in common. */
function buildCandidate(overrides: Partial<CandidateFacts> = {}): CandidateFacts {
  return {
    leadId: "lead",
    externalId: null,
    addresses: ["noor@ridgeline.example"],
    name: "Noor Haddad",
    phone: "+44 20 7946 0018",
    company: null,
    updatedAt: TEST_NOW,
    ...overrides,
  };
}

describe("decideSuggestions (R11)", () => {
  test.each<[string, Partial<UnmatchedFacts>, Partial<CandidateFacts>, SuggestionReason[]]>([
    ["nothing in common is no suggestion", {}, {}, []],
    [
      "an address that several leads have",
      {},
      { addresses: ["a@x.example", "m.ortiz@home.example"] },
      ["address"],
    ],
    ["the customer's own id in the booking link", {}, { externalId: "cust-71" }, ["tracking"]],
    ["our id in the booking link", { tracking: ["lead"] }, {}, ["tracking"]],
    ["the lead's address in the booking link", { tracking: ["Noor@Ridgeline.example"] }, {}, ["tracking"]],
    ["a campaign is nobody's id", { tracking: ["newsletter"] }, { externalId: "cust-71" }, []],
    ["the number, however it is written", {}, { phone: "512.555.0134" }, ["phone"]],
    ["an extension is no number", { phone: "0134" }, { phone: "0134" }, []],
    ["the name, in any letters", {}, { name: "maya ortiz" }, ["name"]],
    ["a first name is no name", { name: "Maya" }, { name: "Maya" }, []],
    ["another name", {}, { name: "Maya Ortega" }, []],
    ["the company's domain", { address: "m@acme.example" }, { addresses: ["n@acme.example"] }, ["company"]],
    ["the company's name", { address: "m@harbor-labs.example" }, { company: "Harbor Labs" }, ["company"]],
    [
      "a mailbox anybody can have",
      { address: "m@gmail.com" },
      { addresses: ["n@gmail.com"], company: "Gmail" },
      [],
    ],
    [
      "what is missing on both sides",
      { phone: null, name: null, address: null },
      { phone: null, name: null },
      [],
    ],
    [
      "all of them, the strongest first",
      {},
      { name: "Maya Ortiz", phone: "5125550134", externalId: "cust-71" },
      ["tracking", "phone", "name"],
    ],
  ])("%s", (_sentence, given, lead, reasons) => {
    const found = decideSuggestions({ ...booking, ...given }, [buildCandidate(lead)]);
    expect(found.flatMap((each) => each.reasons)).toEqual(reasons);
  });

  test("one strong reason outranks weaker ones together", () => {
    const weak = { name: "Maya Ortiz", phone: "5125550134", addresses: ["n@home.example"] };
    const candidates = [
      buildCandidate({ leadId: "weak", ...weak }),
      buildCandidate({ leadId: "strong", externalId: "cust-71" }),
      buildCandidate({ leadId: "stranger" }),
    ];
    expect(decideSuggestions(booking, candidates)).toEqual([
      { leadId: "strong", score: 8, reasons: ["tracking"] },
      { leadId: "weak", score: 7, reasons: ["phone", "name", "company"] },
    ]);
  });

  test("ties go to who was heard of last, then to the id; five at most", () => {
    const named = (leadId: string, updatedAt = TEST_NOW) =>
      buildCandidate({ leadId, name: "Maya Ortiz", updatedAt });
    const candidates = [..."fdbeca"].map((id) => named(id));
    const later = named("z", addMs(TEST_NOW, MINUTE_MS));
    expect(decideSuggestions(booking, [...candidates, later]).map(({ leadId }) => leadId)).toEqual([
      "z",
      "a",
      "b",
      "c",
      "d",
    ]);
  });
});
