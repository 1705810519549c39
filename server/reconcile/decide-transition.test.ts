import { describe, expect, it, test } from "vitest";
import type { LeadStatus, MeetingState, Sentiment, Standing } from "#server/db/generated/enums.ts";
import { addDays, addMs, DAY_MS, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { TEST_NOW } from "#server/testing/factories.ts";
import {
  decideTransition,
  type Effect,
  PROTECTED_STATUSES,
  type TransitionDecision,
  type TransitionFacts,
} from "./decide-transition.ts";
import {
  buildAppointmentFacts,
  buildCanceled,
  buildEnded,
  buildTransitionFacts,
} from "./testing/build-facts.ts";

type Given = Parameters<typeof buildTransitionFacts>[0];
type Instance = TransitionFacts["instances"][number];

const stood = (standings: Record<string, Standing>) => new Map(Object.entries(standings));
const instance = (id: string, overrides: Partial<Instance> = {}): Instance => ({
  id,
  sequenceId: `${id}-sequence`,
  trigger: "no_response",
  status: "active",
  reason: null,
  ...overrides,
});
const prepare = instance("prepare", { trigger: "meeting_booked" });
const PREPARE = { id: "prepare-sequence", trigger: "meeting_booked" } as const;
const WIN_BACK = { id: "win-back", trigger: "meeting_canceled" } as const;

const live = buildAppointmentFacts();
const canceled = buildCanceled();
const missed = buildEnded({ status: "no_show", lossSeenAt: TEST_NOW });
const vanished = buildAppointmentFacts({ status: "vanished", lossSeenAt: TEST_NOW });

function decide(given: Given): TransitionDecision {
  return decideTransition(buildTransitionFacts(given));
}

function statusOf(given: Given): LeadStatus | null {
  const effects = decide(given).effects.filter((e) => e.effect === "set_status");
  expect(effects.length).toBeLessThanOrEqual(1);
  return effects[0]?.status ?? null;
}

function sequencesOf(given: Given): string[] {
  return decide(given).effects.flatMap((e) => describeSequence(e) ?? []);
}

function describeSequence(e: Effect): string | null {
  switch (e.effect) {
    case "stop_instance":
      return `${e.status} ${e.instanceId}`;
    case "resume_instance":
      return `resumed ${e.instanceId}`;
    case "start_instance":
      return `started ${e.sequenceId}`;
    default:
      return null;
  }
}

describe("the status that follows", () => {
  const cases: { sentence: string; given: Given; status: LeadStatus | null }[] = [
    {
      sentence: "a live meeting books its lead (R14)",
      given: { appointments: [live] },
      status: "meeting_booked",
    },
    {
      sentence: "one that is booked already is not written again",
      given: { appointments: [live], lead: { status: "meeting_booked" } },
      status: null,
    },
    {
      sentence: "a live one that was known says nothing new: a person's later word stays",
      given: {
        appointments: [live],
        standingBefore: stood({ meeting: "live" }),
        lead: { meetingState: "booked" },
      },
      status: null,
    },
    {
      sentence: "one found already over updates the status (R19)",
      given: { appointments: [buildEnded({ startAt: addDays(TEST_NOW, -60) })] },
      status: "meeting_booked",
    },
    {
      sentence: "time alone, live to held, changes no status",
      given: {
        appointments: [buildEnded()],
        standingBefore: stood({ meeting: "live" }),
        lead: { meetingState: "booked" },
      },
      status: null,
    },
    {
      sentence:
        "what was held stands for its lead again when the no-show after it turns out to be moved (R1, R16)",
      given: {
        appointments: [
          buildEnded({ id: "older", startAt: addDays(TEST_NOW, -2) }),
          buildEnded({ id: "missed", status: "rescheduled", successorKnown: true }),
        ],
        standingBefore: stood({ older: "held", missed: "no_show" }),
        lead: { meetingState: "no_show" },
      },
      status: "meeting_booked",
    },
    {
      sentence: "a loss takes the booked status back to qualified (R15)",
      given: {
        appointments: [canceled],
        standingBefore: stood({ meeting: "live" }),
        lead: { status: "meeting_booked" },
      },
      status: "qualified",
    },
    {
      sentence: "first seen already canceled is the same (R15)",
      given: { appointments: [canceled], lead: { status: "meeting_booked" } },
      status: "qualified",
    },
    {
      sentence: "an old loss is too old for tasks, not for the truth (R19)",
      given: {
        appointments: [buildCanceled({ canceledAt: addDays(TEST_NOW, -200) })],
        lead: { status: "meeting_booked" },
      },
      status: "qualified",
    },
    {
      sentence: "a no-show of the last meeting does as well (R17)",
      given: {
        appointments: [missed],
        standingBefore: stood({ meeting: "held" }),
        lead: { status: "meeting_booked" },
      },
      status: "qualified",
    },
    {
      sentence: "a loss known before does it once: a person's later word stays",
      given: {
        appointments: [canceled],
        standingBefore: stood({ meeting: "canceled" }),
        lead: { status: "meeting_booked" },
      },
      status: null,
    },
    {
      sentence: "a loss beside a live meeting changes nothing (R15: none remains)",
      given: {
        appointments: [canceled, buildAppointmentFacts({ id: "other" })],
        standingBefore: stood({ meeting: "live", other: "live" }),
        lead: { status: "meeting_booked" },
      },
      status: null,
    },
    {
      sentence: "a loss beside a held meeting keeps booked: held counts as booked (R1)",
      given: {
        appointments: [canceled, buildEnded({ id: "held" })],
        standingBefore: stood({ meeting: "live", held: "held" }),
        lead: { status: "meeting_booked" },
      },
      status: null,
    },
    {
      sentence: "a no-show of an earlier meeting than the held one changes nothing (R17)",
      given: {
        appointments: [
          buildEnded({ id: "earlier", status: "no_show", startAt: addDays(TEST_NOW, -5) }),
          buildEnded({ id: "held" }),
        ],
        standingBefore: stood({ earlier: "held", held: "held" }),
        lead: { status: "meeting_booked" },
      },
      status: null,
    },
    {
      sentence: "vanished waits for a person (R20a)",
      given: {
        appointments: [vanished],
        standingBefore: stood({ meeting: "live" }),
        lead: { status: "meeting_booked" },
      },
      status: null,
    },
    {
      sentence: "vanished and accepted is a loss (R20a, R23)",
      given: {
        appointments: [vanished],
        standingBefore: stood({ meeting: "vanished" }),
        lead: { status: "meeting_booked" },
        accepted: true,
      },
      status: "qualified",
    },
    {
      sentence: "a no-show mark taken back books again (R3)",
      given: { appointments: [buildEnded()], standingBefore: stood({ meeting: "no_show" }) },
      status: "meeting_booked",
    },
    {
      sentence: "a booking that only waits for its successor is no gain for a lead that was not booked (R16)",
      given: {
        appointments: [
          buildAppointmentFacts({ status: "rescheduled", canceledAt: TEST_NOW, lossSeenAt: TEST_NOW }),
        ],
      },
      status: null,
    },
    {
      sentence: "evidence only writes no status (R19)",
      given: { appointments: [live], skipSideEffects: true },
      status: null,
    },
    ...(["new", "qualified", "meeting_requested"] as const).map((status) => ({
      sentence: `a loss leaves ${status} as it is (R15: from booked only)`,
      given: { appointments: [canceled], lead: { status } },
      status: null,
    })),
    ...PROTECTED_STATUSES.flatMap((status) => [
      {
        sentence: `a live meeting leaves ${status} as it is (R14)`,
        given: { appointments: [live], lead: { status } },
        status: null,
      },
      {
        sentence: `a loss leaves ${status} as it is (R14)`,
        given: { appointments: [canceled], lead: { status } },
        status: null,
      },
    ]),
  ];
  test.each(cases)("$sentence", ({ given, status }) => {
    expect(statusOf(given)).toBe(status);
  });
});

describe("the sequences that follow", () => {
  const nudge = instance("nudge");
  const cases: { sentence: string; given: Given; sequences: string[] }[] = [
    {
      sentence:
        "a live meeting completes what must not run, paused too, and starts the post-booking one (R14)",
      given: {
        appointments: [live],
        instances: [
          nudge,
          instance("waiting", { status: "paused" }),
          instance("by-hand", { trigger: "manual" }),
        ],
        sequences: [PREPARE, WIN_BACK],
      },
      sequences: ["completed nudge", "completed waiting", "completed by-hand", "started prepare-sequence"],
    },
    {
      sentence: "what has ended stays as it ended",
      given: { appointments: [live], instances: [instance("done", { status: "canceled" })] },
      sequences: [],
    },
    {
      sentence: "the post-booking sequence does not start twice (R14: if eligible)",
      given: { appointments: [live], instances: [prepare], sequences: [PREPARE] },
      sequences: [],
    },
    {
      sentence: "nothing starts for what is known",
      given: { appointments: [live], standingBefore: stood({ meeting: "live" }), sequences: [PREPARE] },
      sequences: [],
    },
    {
      sentence: "a meeting found already over completes what must not run and starts nothing (R19)",
      given: { appointments: [buildEnded()], instances: [nudge], sequences: [PREPARE] },
      sequences: ["completed nudge"],
    },
    {
      sentence: "nor does it beside a meeting ahead that started its own when it was found (R19)",
      given: {
        appointments: [live, buildEnded({ id: "over" })],
        standingBefore: stood({ meeting: "live" }),
        lead: { meetingState: "booked" },
        sequences: [PREPARE],
      },
      sequences: [],
    },
    {
      sentence: "held within the gate is what must not be courted (R26)",
      given: {
        appointments: [buildEnded({ startAt: addDays(TEST_NOW, -89) })],
        instances: [nudge],
      },
      sequences: ["completed nudge"],
    },
    {
      sentence: "held long before the gate gates nobody (R26)",
      given: { appointments: [buildEnded({ startAt: addDays(TEST_NOW, -91) })], instances: [nudge] },
      sequences: [],
    },
    {
      sentence: "a loss stops the post-booking sequence and resumes nothing (R15)",
      given: {
        appointments: [canceled],
        standingBefore: stood({ meeting: "live" }),
        instances: [prepare, instance("ended", { status: "completed" })],
        sequences: [PREPARE],
      },
      sequences: ["canceled prepare"],
    },
    {
      sentence: "a loss beside a live meeting stops nothing (R15)",
      given: {
        appointments: [canceled, buildAppointmentFacts({ id: "other" })],
        standingBefore: stood({ meeting: "live", other: "live" }),
        instances: [prepare],
      },
      sequences: [],
    },
    {
      sentence: "an unknown response mode means a person: nothing is written to the lead (R15)",
      given: { appointments: [canceled], lead: { responseMode: "unknown" }, sequences: [WIN_BACK] },
      sequences: [],
    },
    {
      sentence: "so does the mode that says so",
      given: { appointments: [canceled], lead: { responseMode: "person" }, sequences: [WIN_BACK] },
      sequences: [],
    },
    {
      sentence: "an automated one enters the canceled sequence (R15)",
      given: {
        appointments: [canceled],
        lead: { responseMode: "automated" },
        sequences: [WIN_BACK, PREPARE],
      },
      sequences: ["started win-back"],
    },
    {
      sentence: "but not for an old loss: it starts nothing (R19)",
      given: {
        appointments: [buildCanceled({ canceledAt: addDays(TEST_NOW, -15) })],
        lead: { responseMode: "automated" },
        sequences: [WIN_BACK],
      },
      sequences: [],
    },
    {
      sentence: "nor beside a live meeting (R18, R26)",
      given: {
        appointments: [canceled, buildAppointmentFacts({ id: "other" })],
        standingBefore: stood({ meeting: "live", other: "live" }),
        lead: { responseMode: "automated" },
        sequences: [WIN_BACK],
      },
      sequences: [],
    },
    {
      sentence: "nor beside a meeting held within the gate (R26)",
      given: {
        appointments: [canceled, buildEnded({ id: "held" })],
        standingBefore: stood({ meeting: "live", held: "held" }),
        lead: { responseMode: "automated" },
        sequences: [WIN_BACK],
      },
      sequences: [],
    },
    {
      sentence: "vanished pauses the post-booking sequence (R20a)",
      given: { appointments: [vanished], standingBefore: stood({ meeting: "live" }), instances: [prepare] },
      sequences: ["paused prepare"],
    },
    {
      sentence: "also when an older canceled meeting stands for the lead then (R12, R20a)",
      given: {
        appointments: [vanished, buildCanceled({ id: "older", canceledAt: addDays(TEST_NOW, -40) })],
        standingBefore: stood({ meeting: "live", older: "canceled" }),
        instances: [prepare],
      },
      sequences: ["paused prepare"],
    },
    {
      sentence: "also when an older held meeting stands for the lead then (R20a)",
      given: {
        appointments: [vanished, buildEnded({ id: "older", startAt: addDays(TEST_NOW, -40) })],
        standingBefore: stood({ meeting: "live", older: "held" }),
        instances: [prepare],
      },
      sequences: ["paused prepare"],
    },
    {
      sentence: "not while another meeting is live",
      given: {
        appointments: [vanished, buildAppointmentFacts({ id: "other" })],
        standingBefore: stood({ meeting: "live", other: "live" }),
        instances: [prepare],
      },
      sequences: [],
    },
    {
      sentence: "back from vanished, what that had paused goes on",
      given: {
        appointments: [live],
        standingBefore: stood({ meeting: "vanished" }),
        instances: [{ ...prepare, status: "paused", reason: "meeting_vanished" }],
        sequences: [PREPARE],
      },
      sequences: ["resumed prepare"],
    },
    {
      sentence: "but not what a reply had paused (R27)",
      given: {
        appointments: [live],
        standingBefore: stood({ meeting: "vanished" }),
        instances: [{ ...prepare, status: "paused", reason: "lead_replied" }],
        sequences: [PREPARE],
      },
      sequences: [],
    },
    {
      sentence: "vanished and accepted cancels it (R20a then R15)",
      given: {
        appointments: [vanished],
        standingBefore: stood({ meeting: "vanished" }),
        instances: [{ ...prepare, status: "paused", reason: "meeting_vanished" }],
        accepted: true,
      },
      sequences: ["canceled prepare"],
    },
    {
      sentence: "a moved meeting starts nothing a second time: the lead stays booked (R16)",
      given: {
        appointments: [
          buildAppointmentFacts({ id: "old", status: "rescheduled", successorKnown: true }),
          buildAppointmentFacts({ id: "next", rescheduledFromId: "old" }),
        ],
        standingBefore: stood({ old: "live" }),
        instances: [{ ...prepare, status: "completed" }],
        sequences: [PREPARE],
      },
      sequences: [],
    },
    {
      sentence: "but a half pair met first had started nothing yet (R14)",
      given: {
        appointments: [
          buildAppointmentFacts({ id: "old", status: "rescheduled", successorKnown: true }),
          buildAppointmentFacts({ id: "next", rescheduledFromId: "old" }),
        ],
        standingBefore: stood({ old: "live" }),
        sequences: [PREPARE],
      },
      sequences: ["started prepare-sequence"],
    },
    {
      sentence:
        "a meeting that was over and is moved ahead is a gain: for that one nothing had started (R14, R19)",
      given: {
        appointments: [
          buildAppointmentFacts({ id: "old", status: "rescheduled", successorKnown: true }),
          buildAppointmentFacts({ id: "next", rescheduledFromId: "old" }),
        ],
        standingBefore: stood({ old: "held" }),
        sequences: [PREPARE],
      },
      sequences: ["started prepare-sequence"],
    },
    {
      sentence: "so is one that its provider moves ahead in place (R14, R16)",
      given: {
        appointments: [buildAppointmentFacts({ id: "meeting", provider: "highlevel" })],
        standingBefore: stood({ meeting: "held" }),
        sequences: [PREPARE],
      },
      sequences: ["started prepare-sequence"],
    },
    {
      sentence: "a successor found after its predecessor was lost books again (R14)",
      given: {
        appointments: [
          buildAppointmentFacts({ id: "old", status: "rescheduled", successorKnown: true }),
          buildAppointmentFacts({ id: "next", rescheduledFromId: "old" }),
        ],
        standingBefore: stood({ old: "canceled" }),
        sequences: [PREPARE],
      },
      sequences: ["started prepare-sequence"],
    },
    {
      sentence: "acceptance does again what stands for (R23, kind 2)",
      given: {
        appointments: [live],
        standingBefore: stood({ meeting: "live" }),
        lead: { status: "meeting_booked" },
        instances: [nudge],
        sequences: [PREPARE],
        accepted: true,
      },
      sequences: ["completed nudge", "started prepare-sequence"],
    },
    {
      sentence: "evidence only touches no sequence (R19)",
      given: { appointments: [live], instances: [nudge], sequences: [PREPARE], skipSideEffects: true },
      sequences: [],
    },
    {
      sentence: "a paused workspace stops but does not start (R28)",
      given: { appointments: [live], instances: [nudge], sequences: [PREPARE], policy: { paused: true } },
      sequences: ["completed nudge"],
    },
    ...PROTECTED_STATUSES.map((status) => ({
      sentence: `${status}: sequences still complete, none starts (R14)`,
      given: { appointments: [live], lead: { status }, instances: [nudge], sequences: [PREPARE] },
      sequences: ["completed nudge"],
    })),
    ...(["not_interested", "blacklist", "snoozed"] satisfies Sentiment[]).map((sentiment) => ({
      sentence: `a conversation that says ${sentiment} gets nothing (R28)`,
      given: { appointments: [live], lead: { sentiment }, sequences: [PREPARE] },
      sequences: [],
    })),
    ...PROTECTED_STATUSES.map((status) => ({
      sentence: `${status}: what runs ends for good, whatever it was for (R28)`,
      given: {
        appointments: [live],
        standingBefore: stood({ meeting: "live" }),
        lead: { status },
        instances: [nudge, prepare],
      },
      sequences: ["canceled nudge", "canceled prepare"],
    })),
    {
      sentence: "snoozed: what runs waits (R28)",
      given: { lead: { sentiment: "snoozed" }, instances: [nudge, prepare] },
      sequences: ["paused nudge", "paused prepare"],
    },
    {
      sentence: "snoozed no longer: what waited for it goes on, and nothing else",
      given: {
        instances: [
          { ...nudge, status: "paused", reason: "lead_snoozed" },
          instance("replied", { status: "paused", reason: "lead_replied" }),
        ],
      },
      sequences: ["resumed nudge"],
    },
    {
      sentence: "snoozed and then booked: courting ends, preparing waits (R14, R28)",
      given: { appointments: [live], lead: { sentiment: "snoozed" }, instances: [nudge, prepare] },
      sequences: ["completed nudge", "paused prepare"],
    },
    {
      sentence: "found again while snoozed: preparing goes on once both are over",
      given: {
        appointments: [live],
        standingBefore: stood({ meeting: "live" }),
        instances: [{ ...prepare, status: "paused", reason: "meeting_vanished" }],
      },
      sequences: ["resumed prepare"],
    },
    {
      sentence: "a booking under a shared address ends courting and nothing else (R13)",
      given: { lead: { sharedBooking: true }, instances: [nudge, prepare] },
      sequences: ["completed nudge"],
    },
    {
      sentence: "evidence only stops nothing, not even for good (R19)",
      given: { lead: { status: "blacklisted" }, instances: [nudge], skipSideEffects: true },
      sequences: [],
    },
    {
      sentence: "a claim never starts anything by itself (R2)",
      given: { lead: { sentiment: "meeting_booked" }, instances: [nudge], sequences: [PREPARE] },
      sequences: [],
    },
    {
      sentence: "a claim never gates either: the loss stops what was for the meeting (R2)",
      given: {
        appointments: [canceled],
        standingBefore: stood({ meeting: "live" }),
        lead: { sentiment: "meeting_booked" },
        instances: [prepare],
      },
      sequences: ["canceled prepare"],
    },
  ];
  test.each(cases)("$sentence", ({ given, sequences }) => {
    expect(sequencesOf(given).sort()).toEqual([...sequences].sort());
  });
});

describe("offers", () => {
  const clears = (given: Given) => decide(given).effects.some((e) => e.effect === "clear_offers");

  it("clear when a live meeting is gained (R14), and only then", () => {
    expect(clears({ appointments: [live] })).toBe(true);
    expect(clears({ appointments: [live], standingBefore: stood({ meeting: "live" }) })).toBe(false);
    expect(clears({ appointments: [buildEnded()] })).toBe(false);
    expect(clears({ appointments: [canceled] })).toBe(false);
    expect(clears({ appointments: [live], skipSideEffects: true })).toBe(false);
  });
});

describe("the word for what happened", () => {
  const cases: { sentence: string; given: Given; verb: TransitionDecision["verb"] }[] = [
    { sentence: "a booking", given: { appointments: [live] }, verb: "lead_booked" },
    { sentence: "a loss", given: { appointments: [canceled] }, verb: "meeting_lost" },
    { sentence: "a no-show", given: { appointments: [missed] }, verb: "meeting_no_show" },
    { sentence: "a vanished meeting", given: { appointments: [vanished] }, verb: "meeting_vanished" },
    {
      sentence: "a move",
      given: {
        appointments: [live],
        standingBefore: stood({ meeting: "live" }),
        movedIds: new Set(["meeting"]),
      },
      verb: "meeting_moved",
    },
    {
      sentence: "nothing, when nothing changed",
      given: { appointments: [live], standingBefore: stood({ meeting: "live" }) },
      verb: null,
    },
    {
      sentence: "nothing, when only time passed",
      given: { appointments: [buildEnded()], standingBefore: stood({ meeting: "live" }) },
      verb: null,
    },
    {
      sentence: "nothing for the lead, when the copy of its meeting appears (R7)",
      given: {
        appointments: [
          live,
          buildAppointmentFacts({ id: "copy", provider: "highlevel", mirrorOfId: "meeting" }),
        ],
        standingBefore: stood({ meeting: "live" }),
      },
      verb: null,
    },
    {
      sentence: "the same when only evidence is written",
      given: { appointments: [canceled], skipSideEffects: true },
      verb: "meeting_lost",
    },
  ];
  test.each(cases)("$sentence: $verb", ({ given, verb }) => {
    expect(decide(given).verb).toBe(verb);
  });
});

describe("deciding twice", () => {
  const situations: { name: string; appointments: TransitionFacts["appointments"]; state: MeetingState }[] = [
    { name: "booked", appointments: [live], state: "booked" },
    { name: "held", appointments: [buildEnded()], state: "held" },
    { name: "canceled", appointments: [canceled], state: "canceled" },
    { name: "missed", appointments: [missed], state: "no_show" },
    { name: "vanished", appointments: [vanished], state: "vanished" },
    {
      name: "moved",
      appointments: [
        buildAppointmentFacts({ id: "old", status: "rescheduled", successorKnown: true }),
        buildAppointmentFacts({ id: "next", rescheduledFromId: "old" }),
      ],
      state: "booked",
    },
  ];

  test.each(situations)("changes nothing: $name", ({ appointments, state }) => {
    const first = decide({ appointments, sequences: [PREPARE] });
    const task = first.effects.find((e) => e.effect === "open_task");
    const ids = task?.lines.map((l) => l.appointmentId) ?? [];
    const status = first.effects.find((e) => e.effect === "set_status")?.status ?? "qualified";
    const second = decide({
      appointments,
      standingBefore: new Map(first.primary.judged.map((a) => [a.id, a.standing])),
      lead: { status, meetingState: state },
      openTasks: task ? [{ id: "task", type: task.type, appointmentIds: ids }] : [],
      namedMeetingIds: new Set(task?.type === "meeting_rescheduled" ? [] : ids),
      instances: [prepare].filter(() => first.effects.some((e) => e.effect === "start_instance")),
      sequences: [PREPARE],
      now: addMs(TEST_NOW, MINUTE_MS),
    });
    expect(first.primary.state).toBe(state);
    expect(second).toMatchObject({ effects: [], verb: null });
  });

  it("has the same answer at any hour of the day the clocks change", () => {
    const meeting = buildAppointmentFacts({ startAt: new Date("2026-03-08T08:30:00Z") });
    for (let hour = 0; hour < 8; hour++) {
      const now = addMs(new Date("2026-03-08T00:30:00Z"), hour * HOUR_MS);
      expect(decide({ appointments: [meeting], now }).primary.state).toBe("booked");
    }
    expect(decide({ appointments: [meeting], now: addMs(meeting.startAt, DAY_MS) }).primary.state).toBe(
      "held",
    );
  });
});
