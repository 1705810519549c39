import { expect, test } from "vitest";
import { decideLoss, type LossFacts } from "./decide-loss.ts";

function facts(overrides: Partial<LossFacts>): LossFacts {
  return { line: "canceled", provider: "calendly", canceledByType: null, cancelReason: null, ...overrides };
}

test.each([
  {
    sentence: "the lead canceled, in their own words",
    facts: facts({ canceledByType: "invitee", cancelReason: " Something came up " }),
    expected: { kind: "canceled_by_lead", quote: "Something came up" },
  },
  {
    sentence: "the host canceled without a word",
    facts: facts({ canceledByType: "host", cancelReason: "" }),
    expected: { kind: "canceled_by_host", quote: null },
  },
  {
    sentence: "HighLevel does not say who canceled",
    facts: facts({ provider: "highlevel" }),
    expected: { kind: "canceled", quote: null },
  },
  {
    sentence: "invalid in HighLevel is declined, and no quote",
    facts: facts({ provider: "highlevel", cancelReason: "invalid" }),
    expected: { kind: "declined", quote: null },
  },
  {
    sentence: "deleted in HighLevel is a kind of its own",
    facts: facts({ provider: "highlevel", cancelReason: "deleted" }),
    expected: { kind: "deleted", quote: null },
  },
  {
    sentence: 'a lead who writes "invalid" in Calendly is quoted',
    facts: facts({ canceledByType: "invitee", cancelReason: "invalid" }),
    expected: { kind: "canceled_by_lead", quote: "invalid" },
  },
  {
    sentence: "a no-show is a no-show whoever marked it",
    facts: facts({ line: "no_show" }),
    expected: { kind: "no_show", quote: null },
  },
  {
    sentence: "a moved meeting is not a cancellation",
    facts: facts({ line: "moved", cancelReason: "Later that week" }),
    expected: { kind: "moved", quote: "Later that week" },
  },
])("$sentence", ({ facts: given, expected }) => {
  expect(decideLoss(given)).toEqual(expected);
});
