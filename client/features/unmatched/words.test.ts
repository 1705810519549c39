import { describe, expect, test } from "vitest";
import { describeMemory, describeReasons, putFirst, type Suggestion, type UnmatchedDetail } from "./words.ts";

type Facts = Pick<UnmatchedDetail, "hasKeys" | "attendeeEmail" | "holders">;

const dana = { leadId: "1", name: "Dana Ruiz" };
const omar = { leadId: "2", name: "Omar Haddad" };
const BOOKING: Facts = { hasKeys: true, attendeeEmail: "m@home.example", holders: [] };

const CASES: [string, Partial<Facts>, string][] = [
  ["remembers an address", {}, "Links at once. Later bookings under m@home.example will be theirs too."],
  [
    "remembers a contact",
    { attendeeEmail: null },
    "Links at once. Later bookings under the same contact will be theirs too.",
  ],
  [
    "has nothing to remember",
    { hasKeys: false, attendeeEmail: null },
    "Links at once. There is no address to remember: only this booking is linked.",
  ],
  [
    "remembers for the one who has the address",
    { holders: [dana] },
    "Links at once. m@home.example belongs to Dana Ruiz. For anybody else, only this booking is linked.",
  ],
  [
    "remembers a shared address for nobody",
    { holders: [dana, omar] },
    "Links at once. m@home.example belongs to 2 leads. Only this booking is linked.",
  ],
  [
    "names a contact that has no address",
    { attendeeEmail: null, holders: [dana] },
    "Links at once. The same contact belongs to Dana Ruiz. For anybody else, only this booking is linked.",
  ],
];

describe("describeMemory", () => {
  test.each(CASES)("%s", (_sentence, facts, expected) => {
    expect(describeMemory({ ...BOOKING, ...facts })).toBe(expected);
  });
});

test("reasons are said in words, in their order", () => {
  expect(describeReasons(["phone", "company"])).toBe("same phone, same company");
});

describe("putFirst", () => {
  const suggest = (lead: typeof dana, reasons: Suggestion["reasons"]): Suggestion => ({
    ...lead,
    email: `${lead.leadId}@home.example`,
    company: null,
    reasons,
  });
  const sought = { ...dana, email: "1@home.example", company: null };
  const texts = (suggestions: Suggestion[], lead: typeof sought | null) =>
    putFirst(suggestions, lead).map(
      ({ name, reasons, isSought }) => `${name}: ${describeReasons(reasons, isSought)}`,
    );

  test("leaves the ranking alone while nobody is sought", () => {
    expect(texts([suggest(omar, ["phone"]), suggest(dana, ["name"])], null)).toEqual([
      "Omar Haddad: same phone",
      "Dana Ruiz: same name",
    ]);
  });
  test("puts who is sought before those that resemble the booking more", () => {
    expect(texts([suggest(omar, ["phone"]), suggest(dana, ["name"])], sought)).toEqual([
      "Dana Ruiz: the lead you came for, same name",
      "Omar Haddad: same phone",
    ]);
  });
  test("offers who is sought where nothing resembles the booking", () => {
    expect(texts([], sought)).toEqual(["Dana Ruiz: the lead you came for"]);
  });
});
