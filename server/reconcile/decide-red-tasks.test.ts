import { describe, expect, test } from "vitest";
import type { Standing } from "#server/db/generated/enums.ts";
import { addDays, addMs, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { TEST_NOW } from "#server/testing/factories.ts";
import type { StandingFacts } from "./decide-standing.ts";
import { decideTransition, type TransitionFacts } from "./decide-transition.ts";
import {
  buildAppointmentFacts,
  buildCanceled,
  buildEnded,
  buildTransitionFacts,
} from "./testing/build-facts.ts";

type Given = Parameters<typeof buildTransitionFacts>[0];

const stood = (standings: Record<string, Standing>) => new Map(Object.entries(standings));
const days = (n: number) => addDays(TEST_NOW, n);
const lostTask = (...appointmentIds: string[]): TransitionFacts["openTasks"][number] => ({
  id: "red",
  type: "meeting_canceled",
  appointmentIds,
});
const movedTask = (...appointmentIds: string[]): TransitionFacts["openTasks"][number] => ({
  id: "hollow",
  type: "meeting_rescheduled",
  appointmentIds,
});

/** Every effect on red tasks, in a few words each. */
function redOf(given: Given): string[] {
  return decideTransition(buildTransitionFacts(given)).effects.flatMap((e) => {
    if (e.effect === "open_task")
      return `${e.type}: ${e.lines.map((l) => `${l.kind} ${l.appointmentId}`).join(", ")}`;
    if (e.effect === "add_lines") return `+ ${e.lines.map((l) => `${l.kind} ${l.appointmentId}`).join(", ")}`;
    if (e.effect === "close_task") return `close ${e.taskId}: ${e.reason}`;
    return [];
  });
}

type Case = { sentence: string; given: Given; red: string[] };

const live = (id: string, more: Partial<StandingFacts> = {}) => buildAppointmentFacts({ id, ...more });
const held = (id: string, n: number, more: Partial<StandingFacts> = {}) =>
  buildEnded({ id, startAt: days(n), providerCreatedAt: days(n - 5), firstSeenAt: days(n - 5), ...more });
const canceled = (id: string, more: Partial<StandingFacts> = {}) => buildCanceled({ id, ...more });
const missed = (id: string, n: number, more: Partial<StandingFacts> = {}) =>
  held(id, n, { status: "no_show", lossSeenAt: TEST_NOW, ...more });
const vanished = (id: string) => live(id, { status: "vanished", lossSeenAt: TEST_NOW });

describe("a red task opens", () => {
  const cases: Case[] = [
    {
      sentence: "for a canceled meeting when none remains (R15)",
      given: { appointments: [canceled("a")], standingBefore: stood({ a: "live" }) },
      red: ["meeting_canceled: canceled a"],
    },
    {
      sentence: "for one first seen already canceled (R15)",
      given: { appointments: [canceled("a")] },
      red: ["meeting_canceled: canceled a"],
    },
    {
      sentence: "for a no-show of the last meeting (R17)",
      given: { appointments: [missed("a", -1)], standingBefore: stood({ a: "held" }) },
      red: ["meeting_no_show: no_show a"],
    },
    {
      sentence: "with a line for each meeting lost together (R15)",
      given: {
        appointments: [canceled("a"), canceled("b")],
        standingBefore: stood({ a: "live", b: "live" }),
      },
      red: ["meeting_canceled: canceled a, canceled b"],
    },
    {
      sentence: "with the line of an earlier loss that another meeting had covered until now (R15, R18)",
      given: {
        appointments: [
          canceled("a", { canceledAt: days(-2), providerCreatedAt: days(-4) }),
          canceled("b", { providerCreatedAt: days(-4) }),
        ],
        standingBefore: stood({ a: "canceled", b: "live" }),
      },
      red: ["meeting_canceled: canceled a, canceled b"],
    },
    {
      sentence: "whatever its lead's status: somebody waits for a call",
      given: { appointments: [canceled("a")], lead: { status: "new" } },
      red: ["meeting_canceled: canceled a"],
    },
    {
      sentence: "for a loss after a meeting that was held before it",
      given: {
        appointments: [held("old", -20), canceled("a")],
        standingBefore: stood({ old: "held", a: "live" }),
      },
      red: ["meeting_canceled: canceled a"],
    },
    {
      sentence: "for a loss beside a held meeting that was only found late, not held later",
      given: {
        appointments: [
          held("old", -20, { providerCreatedAt: null, firstSeenAt: TEST_NOW, provider: "highlevel" }),
          canceled("a"),
        ],
        standingBefore: stood({ a: "live" }),
      },
      red: ["meeting_canceled: canceled a"],
    },
    {
      sentence: "for a rescheduled one whose successor did not come in ten minutes (R16)",
      given: {
        appointments: [
          live("a", {
            status: "rescheduled",
            canceledAt: TEST_NOW,
            lossSeenAt: addMs(TEST_NOW, -10 * MINUTE_MS),
          }),
        ],
        standingBefore: stood({ a: "live" }),
      },
      red: ["meeting_canceled: canceled a"],
    },
    {
      sentence: "for a vanished meeting only after a person accepted it (R20a)",
      given: { appointments: [vanished("a")], standingBefore: stood({ a: "vanished" }), accepted: true },
      red: ["meeting_canceled: canceled a"],
    },
    {
      sentence:
        "for a known loss when the meeting that had covered it turned out to be somebody else's (R16)",
      given: {
        appointments: [canceled("a")],
        standingBefore: stood({ a: "canceled" }),
        lead: { meetingState: "booked" },
      },
      red: ["meeting_canceled: canceled a"],
    },
    {
      sentence: "again for a loss that was answered by a meeting which turned out to be its copy (R7, R15)",
      given: {
        appointments: [canceled("a"), live("copy", { provider: "highlevel", mirrorOfId: "a" })],
        standingBefore: stood({ a: "canceled", copy: "live" }),
        namedMeetingIds: new Set(["a"]),
        lead: { meetingState: "booked" },
      },
      red: ["meeting_canceled: canceled a"],
    },
    {
      sentence: "for a no-show that moved past the meeting which had answered it (R17)",
      given: {
        appointments: [missed("a", -1), held("b", -2)],
        standingBefore: stood({ a: "no_show", b: "held" }),
        movedIds: new Set(["a"]),
      },
      red: ["meeting_no_show: no_show a"],
    },
    {
      sentence: "for a meeting that was restored and lost again: nobody was asked about this loss",
      given: {
        appointments: [canceled("a")],
        standingBefore: stood({ a: "live" }),
        namedMeetingIds: new Set(),
      },
      red: ["meeting_canceled: canceled a"],
    },
  ];
  test.each(cases)("$sentence", ({ given, red }) => {
    expect(redOf(given)).toEqual(red);
  });
});

describe("no red task opens", () => {
  const cases: { sentence: string; given: Given }[] = [
    {
      sentence: "while another meeting is live at any provider (R18)",
      given: {
        appointments: [canceled("a"), live("b", { provider: "highlevel" })],
        standingBefore: stood({ a: "live", b: "live" }),
      },
    },
    {
      sentence:
        "while another meeting goes on right now, though it began and was booked before the loss (R18)",
      given: {
        appointments: [
          live("b", { startAt: addMs(TEST_NOW, -90 * MINUTE_MS), endAt: addMs(TEST_NOW, HOUR_MS) }),
          canceled("a"),
        ],
        standingBefore: stood({ a: "live", b: "live" }),
      },
    },
    {
      sentence: "for a copy that is canceled or missed (R7, R18)",
      given: {
        appointments: [
          held("record", -1),
          missed("copy", -1, { provider: "highlevel", mirrorOfId: "record" }),
        ],
        standingBefore: stood({ record: "held", copy: "copy" }),
      },
    },
    {
      sentence: "while a rescheduled booking waits for its successor (R16)",
      given: {
        appointments: [live("a", { status: "rescheduled", canceledAt: TEST_NOW, lossSeenAt: TEST_NOW })],
        standingBefore: stood({ a: "live" }),
      },
    },
    {
      sentence: "for a vanished meeting: it waits for a person (R20a)",
      given: { appointments: [vanished("a")], standingBefore: stood({ a: "live" }) },
    },
    {
      sentence:
        "for a known loss when the meeting that had covered it vanished: that waits for a person (R20a)",
      given: {
        appointments: [canceled("a"), vanished("b")],
        standingBefore: stood({ a: "canceled", b: "live" }),
        lead: { meetingState: "booked" },
      },
    },
    {
      sentence: "for a loss that is known (R20)",
      given: { appointments: [canceled("a")], standingBefore: stood({ a: "canceled" }) },
    },
    {
      sentence: "for a loss that a closed task named: a person has dealt with it",
      given: { appointments: [canceled("a")], accepted: true, namedMeetingIds: new Set(["a"]) },
    },
    {
      sentence: "for a no-show before a meeting that was held (R17: the last one)",
      given: {
        appointments: [missed("a", -5), held("b", -1)],
        standingBefore: stood({ a: "held", b: "held" }),
      },
    },
    {
      sentence: "for a no-show when a later meeting, begun before its end, was held (R17)",
      given: {
        appointments: [missed("a", -1), held("b", -1, { startAt: addMs(days(-1), 10 * MINUTE_MS) })],
        standingBefore: stood({ a: "held", b: "held" }),
      },
    },
    {
      sentence: "for a cancellation that a meeting held since has answered",
      given: { appointments: [canceled("a", { canceledAt: days(-8) }), held("b", -1)] },
    },
    {
      sentence: "for a cancellation of unknown time before a meeting that was held",
      given: {
        appointments: [
          canceled("a", { canceledAt: null, startAt: days(-30), lossSeenAt: TEST_NOW }),
          held("b", -20),
        ],
      },
    },
    {
      sentence: "when only evidence is written (R19)",
      given: { appointments: [canceled("a")], skipSideEffects: true },
    },
  ];
  test.each(cases)("$sentence", ({ given }) => {
    expect(redOf(given)).toEqual([]);
  });
});

describe("freshness (R19)", () => {
  const limit = days(-14);
  const cases: Case[] = [
    {
      sentence: "a loss exactly as old as the limit is not older than it",
      given: { appointments: [canceled("a", { canceledAt: limit })] },
      red: ["meeting_canceled: canceled a"],
    },
    {
      sentence: "a millisecond more is too old",
      given: { appointments: [canceled("a", { canceledAt: addMs(limit, -1) })] },
      red: [],
    },
    {
      sentence: "a no-show counts from its end, not from the mark",
      given: { appointments: [missed("a", -15, { noShowAt: TEST_NOW })] },
      red: [],
    },
    {
      sentence: "a no-show that ended exactly at the limit is fresh",
      given: { appointments: [missed("a", -15, { startAt: addMs(limit, -HOUR_MS), endAt: limit })] },
      red: ["meeting_no_show: no_show a"],
    },
    {
      sentence: "an unknown time counts as when it was first seen",
      given: {
        appointments: [canceled("a", { canceledAt: null, startAt: days(-60), lossSeenAt: TEST_NOW })],
      },
      red: ["meeting_canceled: canceled a"],
    },
    {
      sentence: "the limit is the workspace's own",
      given: { appointments: [canceled("a", { canceledAt: days(-3) })], policy: { freshnessDays: 2 } },
      red: [],
    },
    {
      sentence: "an old loss adds no line to the task of a fresh one",
      given: { appointments: [canceled("old", { canceledAt: days(-20) }), canceled("a")] },
      red: ["meeting_canceled: canceled a"],
    },
  ];
  test.each(cases)("$sentence", ({ given, red }) => {
    expect(redOf(given)).toEqual(red);
  });
});

describe("an open red task", () => {
  const cases: Case[] = [
    {
      sentence: "gets a line for a second loss, and no second task opens (R15)",
      given: {
        appointments: [canceled("a"), missed("b", -1)],
        standingBefore: stood({ a: "canceled", b: "held" }),
        openTasks: [lostTask("a")],
        namedMeetingIds: new Set(["a"]),
      },
      red: ["+ no_show b"],
    },
    {
      sentence: "closes when the lead is booked again (R14, R18)",
      given: {
        appointments: [canceled("a"), live("b", { providerCreatedAt: TEST_NOW })],
        standingBefore: stood({ a: "canceled" }),
        openTasks: [lostTask("a")],
        namedMeetingIds: new Set(["a"]),
      },
      red: ["close red: rebooked_by_evidence"],
    },
    {
      sentence: "closes as restored when the very meeting is confirmed again",
      given: {
        appointments: [live("a")],
        standingBefore: stood({ a: "canceled" }),
        openTasks: [lostTask("a")],
        namedMeetingIds: new Set(["a"]),
      },
      red: ["close red: restored_by_evidence"],
    },
    {
      sentence: "closes as restored when the no-show mark is taken back (R3)",
      given: {
        appointments: [held("a", -1)],
        standingBefore: stood({ a: "no_show" }),
        openTasks: [lostTask("a")],
        namedMeetingIds: new Set(["a"]),
      },
      red: ["close red: restored_by_evidence"],
    },
    {
      sentence: "stays while one of its meetings is still lost",
      given: {
        appointments: [held("a", -3), missed("b", -1)],
        standingBefore: stood({ a: "no_show", b: "no_show" }),
        openTasks: [lostTask("a", "b")],
        namedMeetingIds: new Set(["a", "b"]),
      },
      red: [],
    },
    {
      sentence: "stays open however old its loss grows",
      given: {
        appointments: [canceled("a", { canceledAt: days(-40) })],
        standingBefore: stood({ a: "canceled" }),
        openTasks: [lostTask("a")],
        namedMeetingIds: new Set(["a"]),
      },
      red: [],
    },
    {
      sentence: "stays while a rescheduled booking only waits for its successor (R16, R18)",
      given: {
        appointments: [
          canceled("a"),
          live("b", { status: "rescheduled", canceledAt: TEST_NOW, lossSeenAt: TEST_NOW }),
        ],
        standingBefore: stood({ a: "canceled" }),
        openTasks: [lostTask("a")],
        namedMeetingIds: new Set(["a"]),
      },
      red: [],
    },
    {
      sentence: "that a person accepted for a vanished meeting stays while it is gone (R20a)",
      given: {
        appointments: [vanished("a"), canceled("b", { canceledAt: days(-50) })],
        standingBefore: stood({ a: "vanished", b: "canceled" }),
        openTasks: [lostTask("a")],
        namedMeetingIds: new Set(["a"]),
      },
      red: [],
    },
    {
      sentence: "stays, with its one line, when the record of a lost copy turns up lost (R7)",
      given: {
        appointments: [canceled("copy", { provider: "highlevel", mirrorOfId: "record" }), canceled("record")],
        standingBefore: stood({ copy: "canceled" }),
        openTasks: [lostTask("copy")],
        namedMeetingIds: new Set(["copy"]),
      },
      red: [],
    },
    {
      sentence: "closes when the record of a lost copy turns up live: the copy counts for nothing (R7)",
      given: {
        appointments: [canceled("copy", { provider: "highlevel", mirrorOfId: "record" }), live("record")],
        standingBefore: stood({ copy: "canceled" }),
        openTasks: [lostTask("copy")],
        namedMeetingIds: new Set(["copy"]),
      },
      red: ["close red: restored_by_evidence"],
    },
    {
      sentence: "whose meeting turned out to be somebody else's claims no re-booking",
      given: { appointments: [], openTasks: [lostTask("a")], namedMeetingIds: new Set(["a"]) },
      red: ["close red: superseded"],
    },
    {
      sentence: "is left alone when only evidence is written (R19)",
      given: {
        appointments: [canceled("a"), live("b")],
        openTasks: [lostTask("a")],
        skipSideEffects: true,
      },
      red: [],
    },
  ];
  test.each(cases)("$sentence", ({ given, red }) => {
    expect(redOf(given)).toEqual(red);
  });
});

describe("a moved meeting (R16)", () => {
  const old = live("old", { status: "rescheduled", rescheduledToId: "next", successorKnown: true });
  const next = live("next", { startAt: days(6), rescheduledFromId: "old", providerCreatedAt: TEST_NOW });
  const cases: Case[] = [
    {
      sentence: "makes one hollow task, never a lost one, whichever half came first",
      given: { appointments: [old, next], standingBefore: stood({ old: "live" }) },
      red: ["meeting_rescheduled: moved next"],
    },
    {
      sentence: "does so when both halves are first seen together",
      given: { appointments: [old, next] },
      red: ["meeting_rescheduled: moved next"],
    },
    {
      sentence: "makes none where the workspace does not want it",
      given: { appointments: [old, next], policy: { movedReview: false } },
      red: [],
    },
    {
      sentence: "makes none twice",
      given: { appointments: [old, next], standingBefore: stood({ old: "superseded", next: "live" }) },
      red: [],
    },
    {
      sentence: "makes one when it moves in place, as HighLevel does",
      given: {
        appointments: [live("a", { provider: "highlevel", movedFromAt: days(1) })],
        standingBefore: stood({ a: "live" }),
        movedIds: new Set(["a"]),
      },
      red: ["meeting_rescheduled: moved a"],
    },
    {
      sentence: "makes none for a copy that moves along (R7)",
      given: {
        appointments: [live("record"), live("copy", { provider: "highlevel", mirrorOfId: "record" })],
        standingBefore: stood({ record: "live", copy: "copy" }),
        movedIds: new Set(["copy"]),
      },
      red: [],
    },
    {
      sentence: "makes none for an old move (R19)",
      given: { appointments: [old, { ...next, providerCreatedAt: days(-15) }] },
      red: [],
    },
    {
      sentence: "makes none for one that is over by now",
      given: { appointments: [held("next", -1, { rescheduledFromId: "old" })] },
      red: [],
    },
    {
      sentence: "adds a line when it moves again",
      given: {
        appointments: [
          { ...next, status: "rescheduled", successorKnown: true },
          live("third", { rescheduledFromId: "next", providerCreatedAt: TEST_NOW }),
        ],
        standingBefore: stood({ next: "live" }),
        openTasks: [movedTask("next")],
      },
      red: ["+ moved third"],
    },
    {
      sentence: "is no longer to be looked at when it is canceled: that is the red task",
      given: {
        appointments: [old, canceled("next", { rescheduledFromId: "old" })],
        standingBefore: stood({ old: "superseded", next: "live" }),
        openTasks: [movedTask("next")],
      },
      red: ["meeting_canceled: canceled next", "close hollow: superseded"],
    },
    {
      sentence: "canceled beside another live meeting: superseded, not over",
      given: {
        appointments: [old, canceled("next", { rescheduledFromId: "old" }), live("b")],
        standingBefore: stood({ old: "superseded", next: "live", b: "live" }),
        openTasks: [movedTask("next")],
      },
      red: ["close hollow: superseded"],
    },
    {
      sentence: "is over when it has been held",
      given: {
        appointments: [old, held("next", -1, { rescheduledFromId: "old" })],
        standingBefore: stood({ old: "superseded", next: "live" }),
        openTasks: [movedTask("next")],
      },
      red: ["close hollow: meeting_over"],
    },
    {
      sentence: "found after the grace closes the red task that the wait had opened (R18)",
      given: {
        appointments: [old, next],
        standingBefore: stood({ old: "canceled" }),
        openTasks: [lostTask("old")],
        namedMeetingIds: new Set(["old"]),
      },
      red: ["close red: rebooked_by_evidence", "meeting_rescheduled: moved next"],
    },
  ];
  test.each(cases)("$sentence", ({ given, red }) => {
    expect(redOf(given)).toEqual(red);
  });
});
