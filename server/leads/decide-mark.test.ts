import { expect, test } from "vitest";
import { decideMark, type Mark, type MarkDecision, type MarkFacts } from "./decide-mark.ts";

const NOW = new Date("2026-03-10T15:00:00.000Z");

const CASES: { sentence: string; facts?: Partial<MarkFacts>; mark: Mark; expected: MarkDecision }[] = [
  { sentence: "an ended meeting takes an operator's word", mark: "no_show", expected: { verdict: "mark" } },
  {
    sentence: "a meeting that ends this instant is over",
    facts: { endAt: NOW },
    mark: "showed",
    expected: { verdict: "mark" },
  },
  {
    sentence: "nobody has come to a meeting that is not over",
    facts: { endAt: new Date(NOW.getTime() + 1) },
    mark: "showed",
    expected: { verdict: "refuse", code: "not_over" },
  },
  {
    sentence: "the provider's word outranks a mark",
    facts: { status: "no_show" },
    mark: "showed",
    expected: { verdict: "refuse", code: "provider_decided" },
  },
  {
    sentence: "so does the word of a copy",
    facts: { copyStatuses: ["showed"] },
    mark: "no_show",
    expected: { verdict: "refuse", code: "provider_decided" },
  },
  {
    sentence: "nobody can come to a canceled meeting",
    facts: { status: "canceled" },
    mark: "showed",
    expected: { verdict: "refuse", code: "not_held" },
  },
  {
    sentence: "a copy is not marked, its record is",
    facts: { mirrorOfId: "record" },
    mark: "showed",
    expected: { verdict: "refuse", code: "is_copy" },
  },
  {
    sentence: "a mark can be taken back whatever came after it",
    facts: { attendanceMark: "no_show", status: "canceled" },
    mark: null,
    expected: { verdict: "mark" },
  },
  {
    sentence: "the same word again changes nothing",
    facts: { attendanceMark: "showed" },
    mark: "showed",
    expected: { verdict: "unchanged" },
  },
];

test.each(CASES)("$sentence", ({ facts, mark, expected }) => {
  const given: MarkFacts = {
    status: "confirmed",
    endAt: new Date("2026-03-10T14:00:00.000Z"),
    attendanceMark: null,
    mirrorOfId: null,
    copyStatuses: [],
    ...facts,
  };
  expect(decideMark(given, mark, NOW)).toEqual(expected);
});
