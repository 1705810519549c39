import { describe, expect, test } from "vitest";
import { formatPhone } from "./phone-text.ts";

describe("a phone number", () => {
  const cases: [stored: string, shown: string][] = [
    ["+13055550182", "+1 305 555 0182"],
    ["+447911123456", "+44 791 112 3456"],
    ["+4915112345678", "+49 151 123 456 78"],
    ["+35312345678", "+353 123 456 78"],
    ["+3531234567", "+353 123 4567"],
    ["+79161234567", "+7 916 123 4567"],
    ["+6421234567", "+64 212 345 67"],
    ["+1 512 555 0142", "+1 512 555 0142"],
    ["(512) 555-0142 ext. 3", "(512) 555-0142 ext. 3"],
    ["5125550142", "5125550142"],
  ];
  test.each(cases)("%s is shown as %s", (stored, shown) => {
    expect(formatPhone(stored)).toBe(shown);
  });

  test.each(cases)("%s keeps its digits", (stored) => {
    const digits = (text: string) => text.replace(/\D/g, "");
    expect(digits(formatPhone(stored))).toBe(digits(stored));
  });
});
