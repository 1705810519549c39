import { expect, it } from "vitest";
import { decideSlices } from "./decide-slices.ts";

const day = (text: string) => new Date(`${text}T00:00:00.000Z`);
const calendly = { id: "c1", workspaceId: "w1", provider: "calendly" as const };
const highlevel = { id: "c2", workspaceId: "w1", provider: "highlevel" as const };
const elsewhere = { id: "c0", workspaceId: "w2", provider: "calendly" as const };

function describeSlices(
  connections: (typeof calendly | typeof highlevel)[],
  from: string,
  to: string,
  mode: "sweep" | "lookup" = "sweep",
) {
  return decideSlices(connections, { from: day(from), to: day(to), mode }).map(
    (slice) => `${slice.day.toISOString().slice(5, 10)} ${slice.connectionId}`,
  );
}

it("begins with the newest day and goes back", () => {
  expect(describeSlices([calendly], "2026-02-27", "2026-03-02")).toEqual([
    "03-01 c1",
    "02-28 c1",
    "02-27 c1",
  ]);
});

it("verifies one day for every connection before the day before it", () => {
  expect(describeSlices([elsewhere, highlevel, calendly], "2026-03-01", "2026-03-03")).toEqual([
    "03-02 c1",
    "03-02 c2",
    "03-02 c0",
    "03-01 c1",
    "03-01 c2",
    "03-01 c0",
  ]);
});

it("cuts at midnight UTC across a clock change", () => {
  expect(describeSlices([calendly], "2026-03-07", "2026-03-10")).toEqual([
    "03-09 c1",
    "03-08 c1",
    "03-07 c1",
  ]);
});

it("has no slice without a day or without a connection", () => {
  expect(describeSlices([calendly], "2026-03-01", "2026-03-01")).toEqual([]);
  expect(describeSlices([], "2026-03-01", "2026-03-09")).toEqual([]);
});

it("asks about a day's leads once in every workspace", () => {
  const all = [elsewhere, highlevel, calendly];
  expect(describeSlices(all, "2026-03-01", "2026-03-02", "lookup")).toEqual(["03-01 c1", "03-01 c0"]);
});
