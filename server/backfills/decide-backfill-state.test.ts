import { describe, expect, it } from "vitest";
import type { BackfillState } from "#server/db/generated/enums.ts";
import { addMs } from "#server/lib/duration.ts";
import { type BackfillCommand, decideCommand, decideEnd, type SliceCounts } from "./decide-backfill-state.ts";

const NOW = new Date("2026-03-10T15:00:00.000Z");
const ago = (seconds: number) => addMs(NOW, -seconds * 1_000);

type Case = [
  sentence: string,
  command: BackfillCommand,
  state: BackfillState,
  heartbeat: Date | null,
  expected: string,
];

/** `state/desired`, then `+call` where a worker is called and `+fence` where the old one is shut out. */
const CASES: Case[] = [
  ["a queued run pauses at once", "pause", "queued", null, "paused/paused"],
  ["a running run pauses after its page", "pause", "running", ago(2), "pausing/paused"],
  ["a run at a limit pauses after its page", "pause", "waiting", ago(2), "pausing/paused"],
  ["a parked run pauses at once", "pause", "waiting", null, "paused/paused +fence"],
  ["a run whose worker died pauses at once", "pause", "running", ago(60), "paused/paused +fence"],
  ["a pause twice is one pause", "pause", "pausing", ago(1), "already"],
  ["a pause that a dead worker left open is finished", "pause", "pausing", ago(60), "paused/paused +fence"],
  ["a paused run is paused", "pause", "paused", null, "already"],
  ["a cancel is not turned into a pause", "pause", "canceling", ago(1), "refused canceled"],
  ["an ended run cannot pause", "pause", "succeeded", null, "refused ended"],

  ["a paused run is taken up again", "resume", "paused", null, "queued/running +call"],
  ["a pause is taken back while the page is read", "resume", "pausing", ago(1), "running/running"],
  [
    "a pause taken back after the worker died calls another",
    "resume",
    "pausing",
    ago(60),
    "queued/running +call +fence",
  ],
  ["a parked run is asked again at once", "resume", "waiting", null, "queued/running +call"],
  ["a run at a limit needs no resume", "resume", "waiting", ago(1), "already"],
  ["a running run is running", "resume", "running", ago(1), "already"],
  ["a queued run waits already", "resume", "queued", null, "already"],
  ["cancel is never undone while it happens", "resume", "canceling", ago(1), "refused canceled"],
  ["cancel is never undone afterwards", "resume", "canceled", null, "refused canceled"],
  ["an incomplete run is retried, not resumed", "resume", "incomplete", null, "refused ended"],

  ["a queued run is canceled at once", "cancel", "queued", null, "canceled/canceled +fence"],
  ["a paused run is canceled at once", "cancel", "paused", null, "canceled/canceled +fence"],
  ["a running run is canceled after its page", "cancel", "running", ago(1), "canceling/canceled"],
  ["cancel wins over a pause under way", "cancel", "pausing", ago(1), "canceling/canceled"],
  ["a run whose worker died is canceled at once", "cancel", "running", ago(16), "canceled/canceled +fence"],
  ["a parked run is canceled at once", "cancel", "waiting", null, "canceled/canceled +fence"],
  ["a cancel twice is one cancel", "cancel", "canceled", null, "already"],
  ["a run that ended first keeps its end", "cancel", "succeeded", null, "refused ended"],

  ["what failed is retried alone", "retry", "incomplete", null, "queued/running +call"],
  [
    "records that could not be read are retried",
    "retry",
    "succeeded_with_exceptions",
    null,
    "queued/running +call",
  ],
  ["a clean run has nothing to retry", "retry", "succeeded", null, "refused nothing_failed"],
  ["a canceled run stays canceled", "retry", "canceled", null, "refused canceled"],
  ["a run under way is not retried", "retry", "running", ago(1), "refused not_ended"],
];

describe("what a command does", () => {
  it.each(CASES)("%s", (_sentence, command, state, heartbeatAt, expected) => {
    const decision = decideCommand(command, { state, stateSince: ago(10), heartbeatAt, now: NOW });
    const words =
      decision.outcome === "apply"
        ? `${decision.state}/${decision.desired}${decision.callWorker ? " +call" : ""}${decision.fence ? " +fence" : ""}`
        : [decision.outcome, "reason" in decision ? decision.reason : ""].join(" ").trim();
    expect(words).toBe(expected);
  });

  it("carries a cancel out without the worker after half a minute", () => {
    const facts = { state: "canceling" as const, heartbeatAt: ago(1), now: NOW };
    expect(decideCommand("cancel", { ...facts, stateSince: ago(29) })).toEqual({ outcome: "already" });
    expect(decideCommand("cancel", { ...facts, stateSince: ago(30) })).toMatchObject({
      state: "canceled",
      fence: true,
    });
  });
});

describe("how a run ends", () => {
  const slices = (counts: Partial<SliceCounts>): SliceCounts => ({
    pending: 0,
    running: 0,
    done: 0,
    failed: 0,
    canceled: 0,
    ...counts,
  });

  it.each([
    ["open while a slice waits", slices({ done: 3, pending: 1 }), 0, null],
    ["open while a slice runs", slices({ done: 3, running: 1 }), 0, null],
    ["succeeded when all are done", slices({ done: 4 }), 0, "succeeded"],
    ["with exceptions when a record could not be read", slices({ done: 4 }), 2, "succeeded_with_exceptions"],
    [
      "incomplete when a slice failed, whatever else succeeded",
      slices({ done: 3, failed: 1 }),
      2,
      "incomplete",
    ],
    [
      "canceled when a slice was canceled, even beside a failed one",
      slices({ failed: 1, canceled: 1 }),
      0,
      "canceled",
    ],
    ["succeeded when there was nothing to do", slices({}), 0, "succeeded"],
  ])("is %s", (_sentence, counts, exceptions, expected) => {
    expect(decideEnd({ desired: "running", slices: counts, exceptions })).toBe(expected);
  });

  it("is canceled when that was wanted, even if the last page had just been saved", () => {
    expect(decideEnd({ desired: "canceled", slices: slices({ done: 4 }), exceptions: 0 })).toBe("canceled");
  });
});
