import { expect, it } from "vitest";
import { MINUTE_MS } from "#server/lib/duration.ts";
import { decideCircuitRest } from "./decide-circuit.ts";

it.each([
  ["two bad days are no outage", { done: 0, failed: 2 }, null],
  ["three in a row are", { done: 0, failed: 3 }, MINUTE_MS],
  ["as many good ones as bad ones are not", { done: 3, failed: 3 }, null],
  ["more bad ones than good ones are", { done: 3, failed: 4 }, 2 * MINUTE_MS],
  ["each further failure rests longer", { done: 0, failed: 5 }, 4 * MINUTE_MS],
  ["half an hour at most", { done: 0, failed: 40 }, 30 * MINUTE_MS],
])("%s", (_sentence, counts, expected) => {
  expect(decideCircuitRest(counts)).toBe(expected);
});
