import { expect, it } from "vitest";
import { decideOverlap, type OtherRun } from "./decide-overlap.ts";

const day = (text: string) => new Date(`2026-${text}T00:00:00.000Z`);
const run = (number: number, from: string, to: string, overrides: Partial<OtherRun> = {}): OtherRun => ({
  id: `r${number}`,
  number,
  from: day(from),
  to: day(to),
  workspaceIds: ["w1"],
  providers: ["calendly"],
  percent: 59,
  ...overrides,
});
const wanted = { from: day("01-01"), to: day("04-01"), workspaceIds: ["w1"], providers: ["calendly"] };

function describeOverlap(running: OtherRun[]) {
  const { runs, uncovered } = decideOverlap(wanted, running);
  const text = (at: Date) => at.toISOString().slice(5, 10);
  return [runs.map((r) => r.number).join(), uncovered.map((u) => `${text(u.from)}…${text(u.to)}`).join(" ")];
}

it.each<[string, OtherRun[], string[]]>([
  ["nothing runs: all days are open", [], ["", "01-01…04-01"]],
  ["a run over the end leaves the beginning", [run(41, "02-01", "04-01")], ["41", "01-01…02-01"]],
  ["a run in the middle leaves both ends", [run(41, "02-01", "03-01")], ["41", "01-01…02-01 03-01…04-01"]],
  ["a run over all leaves nothing", [run(41, "01-01", "04-01")], ["41", ""]],
  [
    "two runs that touch count as one",
    [run(42, "03-01", "04-01"), run(41, "02-01", "03-01")],
    ["42,41", "01-01…02-01"],
  ],
  ["a run that ends where ours begins is no overlap", [run(41, "01-01", "01-01")], ["", "01-01…04-01"]],
  [
    "another workspace is no overlap",
    [run(41, "02-01", "04-01", { workspaceIds: ["w2"] })],
    ["", "01-01…04-01"],
  ],
  [
    "another provider is no overlap",
    [run(41, "02-01", "04-01", { providers: ["highlevel"] })],
    ["", "01-01…04-01"],
  ],
])("%s", (_sentence, running, expected) => {
  expect(describeOverlap(running)).toEqual(expected);
});

it("counts a run of one workspace as no cover for two", () => {
  const both = { ...wanted, workspaceIds: ["w1", "w2"] };
  const { runs, uncovered } = decideOverlap(both, [run(41, "02-01", "04-01")]);
  expect(runs).toHaveLength(1);
  expect(uncovered).toEqual([{ from: wanted.from, to: wanted.to }]);
});
