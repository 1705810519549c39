import { describe, expect, it } from "vitest";
import type { Run } from "./run.ts";
import { describeRun, writeDocumentTitle, writeEta, writeProcessed, writeRange } from "./run-text.ts";

const NOW = Date.parse("2026-03-21T14:20:00.000Z");
const at = (text: string) => `2026-03-21T${text}Z`;

function buildRun(overrides: Partial<Run> = {}): Run {
  return {
    id: "0c0d0f0e-0000-4000-8000-000000000042",
    number: 42,
    state: "running",
    desired: "running",
    stateSince: at("14:00:00.000"),
    stateBy: null,
    workspaces: [],
    providers: ["calendly"],
    from: "2026-01-01T00:00:00.000Z",
    to: "2026-04-01T00:00:00.000Z",
    mode: "sweep",
    dryRun: false,
    skipSideEffects: false,
    note: null,
    createdAt: at("13:54:00.000"),
    createdBy: "Dana Ruiz",
    startedAt: at("13:54:00.000"),
    endedAt: null,
    heartbeatAt: at("14:19:59.000"),
    waitUntil: null,
    waitReason: null,
    done: 8_305,
    known: 96,
    failed: 11,
    slices: { total: 58, done: 33, failed: 0 },
    progress: {
      processed: 8_412,
      total: 14_200,
      totalIsEstimate: true,
      percent: 59,
      isOverEstimate: false,
      ratePerSecond: 9.1,
      eta: { kind: "none" },
    },
    cursor: {
      day: "2026-02-21T00:00:00.000Z",
      page: 2,
      provider: "calendly",
      attempts: 0,
      slice: 34,
      label: "Feb 21, slice 34 of 58",
    },
    effects: {
      appointmentsAdded: 312,
      appointmentsUpdated: 40,
      unmatched: 0,
      leadsChanged: 90,
      mismatchesOpened: 41,
      mismatchesClosed: 17,
      redCreated: 3,
      redClosed: 0,
      vanished: 0,
    },
    errors: [],
    coverage: { days: [], unverified: 0, gap: null },
    ahead: 0,
    asOf: at("14:20:00.000"),
    ...overrides,
  };
}

const say = (overrides: Partial<Run>) => {
  const notice = describeRun(buildRun(overrides), NOW, "UTC");
  return notice && [notice.title, notice.detail].filter(Boolean).join(" ");
};

describe("what a run says", () => {
  it.each<[string, Partial<Run>, string | null]>([
    ["nothing while it runs", {}, null],
    ["its place in line", { state: "queued", startedAt: null, ahead: 1 }, "Waiting to start, 1 run ahead."],
    ["that it is next", { state: "queued", startedAt: null }, "Waiting to start."],
    ["that it takes turns with other runs", { state: "queued" }, "Waiting for its turn to go on."],
    [
      "until when the limit holds it",
      {
        state: "waiting",
        waitReason: { kind: "limit", provider: "calendly" },
        waitUntil: at("14:22:10.000"),
      },
      "Waiting for Calendly’s limit, continues 14:22:10. Live webhooks and setters keep their share. The estimate is frozen while waiting.",
    ],
    [
      "which connection it needs",
      { state: "waiting", waitReason: { kind: "connection", provider: "highlevel" } },
      "Stopped at Feb 21, slice 34 of 58: HighLevel does not accept this connection. Nothing is lost. It goes on by itself once the connection works again.",
    ],
    [
      "when a provider that failed is asked again",
      {
        state: "waiting",
        waitReason: { kind: "no_answer", provider: "calendly" },
        waitUntil: at("14:20:08.000"),
        cursor: {
          day: "2026-02-21T00:00:00.000Z",
          page: 0,
          provider: "calendly",
          attempts: 3,
          slice: 34,
          label: "Feb 21, slice 34 of 58",
        },
      },
      "Calendly did not answer for Feb 21, slice 34 of 58. Trying again, attempt 4 of 5, 14:20:08. Then the run goes on without it and names it here.",
    ],
    [
      "when a provider that fails mostly is asked again",
      {
        state: "waiting",
        waitReason: { kind: "no_answer", provider: "calendly" },
        waitUntil: at("14:20:08.000"),
        cursor: null,
      },
      "Calendly did not answer. Most of its days failed, so it is asked less often: again 14:20:08.",
    ],
    [
      "that the database holds it up",
      {
        state: "waiting",
        waitReason: { kind: "database", provider: null },
        waitUntil: at("14:20:05.000"),
      },
      "Waiting for the database, continues 14:20:05. Nothing that was saved is lost.",
    ],
    [
      "that a slice is tried again",
      {
        cursor: {
          day: "2026-02-21T00:00:00.000Z",
          page: 0,
          provider: "calendly",
          attempts: 2,
          slice: 34,
          label: "Feb 21, slice 34 of 58",
        },
      },
      "Calendly did not answer for Feb 21, slice 34 of 58. Trying again, attempt 3 of 5. Then the run goes on without it and names it here.",
    ],
    ["that it is about to pause", { state: "pausing" }, "Pausing after the current page…"],
    [
      "who paused it and where",
      { state: "paused", stateBy: "Dana", heartbeatAt: null },
      "Paused at Feb 21, slice 34 of 58 by Dana. About 5,788 left.",
    ],
    [
      "that its worker restarted",
      { heartbeatAt: null },
      "The worker restarted. Resuming from Feb 21, slice 34 of 58…",
    ],
    [
      "how long nothing was heard",
      { heartbeatAt: at("14:18:46.000") },
      "No sign of life for 1 min. It resumes by itself if a worker is free. Nothing that was saved is lost.",
    ],
    [
      "what stays after a cancel",
      { state: "canceled", heartbeatAt: null },
      "Canceled at 59%. 8,305 meetings stay imported.",
    ],
    [
      "how long it took",
      { state: "succeeded", endedAt: at("14:20:00.000") },
      "Done in 26 min. 8,412 meetings verified.",
    ],
    [
      "what needs attention",
      { state: "succeeded_with_exceptions", endedAt: at("14:20:00.000") },
      "Done in 26 min. 11 of 8,412 meetings need attention. They are listed below with their reason. Everything else is verified.",
    ],
    [
      "what could not be read",
      { state: "incomplete", slices: { total: 58, done: 55, failed: 3 } },
      "Incomplete: 3 of 58 slices could not be read. What failed is not verified by this run. What was read stays; a retry reads only what failed.",
    ],
    [
      "that there was nothing to do",
      { state: "succeeded", progress: { ...buildRun().progress, processed: 0 } },
      "Nothing to do: no meetings on Jan 1 – Mar 31. Those days now count as verified.",
    ],
  ])("%s", (_sentence, overrides, expected) => {
    expect(say(overrides)).toBe(expected);
  });

  it("offers to stop by force once a cancel is not answered for half a minute", () => {
    const since = (text: string) =>
      describeRun(buildRun({ state: "canceling", stateSince: at(text) }), NOW, "UTC");
    expect(since("14:19:40.000")?.remedy).toBeUndefined();
    expect(since("14:19:20.000")?.remedy).toBe("force-stop");
  });
});

it.each([
  [{ kind: "range" as const, lowSeconds: 600, highSeconds: 840, isFrozen: false }, "10–14 min left"],
  [{ kind: "range" as const, lowSeconds: 40, highSeconds: 55, isFrozen: false }, "40–55 s left"],
  [
    { kind: "range" as const, lowSeconds: 3_900, highSeconds: 5_400, isFrozen: false },
    "1 h 5 min – 1 h 30 min left",
  ],
  [{ kind: "range" as const, lowSeconds: 60, highSeconds: 60, isFrozen: false }, "about 1 min left"],
  [{ kind: "recalculating" as const }, "recalculating"],
  [{ kind: "none" as const }, ""],
])("writes the time left %o", (eta, expected) => {
  expect(writeEta(eta)).toBe(expected);
});

it("writes how far it is, with and without an estimate", () => {
  const { progress } = buildRun();
  expect(writeProcessed({ progress })).toBe("8,412 of about 14,200");
  expect(writeProcessed({ progress: { ...progress, total: null } })).toBe("8,412 so far, total unknown");
  expect(writeProcessed({ progress: { ...progress, processed: 14_960, isOverEstimate: true } })).toBe(
    "Processed 14,960 (expected 14,200)",
  );
});

it("writes the last day and not the one after it", () => {
  expect(writeRange({ from: "2026-03-01", to: "2026-03-02" }, NOW)).toBe("Mar 1");
  expect(writeRange({ from: "2026-03-01", to: "2026-03-31" }, NOW)).toBe("Mar 1 – Mar 30");
  expect(writeRange({ from: "2024-03-01", to: "2024-03-31" }, NOW)).toBe("Mar 1 – Mar 30, 2024");
  expect(writeRange({ from: "2023-12-30", to: "2024-01-03" }, NOW)).toBe("Dec 30, 2023 – Jan 2, 2024");
});

it("puts the percent into the tab while the run is under way", () => {
  expect(writeDocumentTitle(buildRun())).toBe("59% · Backfill 42");
  const done = { ...buildRun().progress, percent: 100 };
  expect(writeDocumentTitle(buildRun({ state: "succeeded", progress: done }))).toBe("Backfill 42");
});
