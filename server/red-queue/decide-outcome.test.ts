import { describe, expect, test } from "vitest";
import {
  decideOutcome,
  decideOutcomeEffects,
  type OutcomeDecision,
  type OutcomeFacts,
  type OutcomeInput,
} from "./decide-outcome.ts";

/** Tuesday, 10:00 in Chicago, two days after its clocks went forward. */
const NOW = new Date("2026-03-10T15:00:00.000Z");

function facts(overrides: Partial<OutcomeFacts> = {}): OutcomeFacts {
  return {
    red: "lost",
    attempts: 2,
    attemptLimit: 6,
    zone: "America/Chicago",
    liveMeetingIds: [],
    now: NOW,
    ...overrides,
  };
}

type Case = {
  sentence: string;
  facts?: Partial<OutcomeFacts>;
  input: OutcomeInput;
  expected: Partial<OutcomeDecision> & { verdict: OutcomeDecision["verdict"] };
};

const CASES: Case[] = [
  {
    sentence: "no answer comes back in two hours and counts a try",
    input: { outcome: "no_answer" },
    expected: { verdict: "snooze", dueAt: new Date("2026-03-10T17:00:00Z"), attempts: 3 },
  },
  {
    sentence: "the last try that the workspace allows closes the task",
    facts: { attempts: 5 },
    input: { outcome: "no_answer" },
    expected: { verdict: "close", closedReason: "attempts_used", attempts: 6 },
  },
  {
    sentence: "a limit lowered meanwhile closes at the next try",
    facts: { attempts: 5, attemptLimit: 3 },
    input: { outcome: "left_voicemail" },
    expected: { verdict: "close", closedReason: "attempts_used", attempts: 6 },
  },
  {
    sentence: "a voicemail comes back tomorrow at nine on the lead's clock",
    input: { outcome: "left_voicemail" },
    expected: { verdict: "snooze", dueAt: new Date("2026-03-11T14:00:00Z"), attempts: 3 },
  },
  {
    sentence: "tomorrow is the lead's tomorrow: late evening here is already the next day in Tokyo",
    facts: { zone: "Asia/Tokyo" },
    input: { outcome: "left_voicemail" },
    // 00:00 on March 11 in Tokyo, so tomorrow there is March 12.
    expected: { verdict: "snooze", dueAt: new Date("2026-03-12T00:00:00Z") },
  },
  {
    sentence: "nine o'clock stays nine o'clock when clocks spring forward overnight",
    facts: { zone: "America/New_York", now: new Date("2026-03-07T20:00:00Z") },
    input: { outcome: "left_voicemail" },
    expected: { verdict: "snooze", dueAt: new Date("2026-03-08T13:00:00Z") },
  },
  {
    sentence: "nine o'clock stays nine o'clock when clocks fall back overnight",
    facts: { zone: "Europe/Berlin", now: new Date("2026-10-24T12:00:00Z") },
    input: { outcome: "left_voicemail" },
    expected: { verdict: "snooze", dueAt: new Date("2026-10-25T08:00:00Z") },
  },
  {
    sentence: "a promised call is no try and is kept to the minute",
    facts: { attempts: 5 },
    input: { outcome: "call_back", at: new Date("2026-03-10T20:30:00Z") },
    expected: { verdict: "snooze", dueAt: new Date("2026-03-10T20:30:00Z"), attempts: 5 },
  },
  {
    sentence: "a call back needs a time",
    input: { outcome: "call_back" },
    expected: { verdict: "refuse", code: "time_needed" },
  },
  {
    sentence: "a call back cannot be in the past",
    input: { outcome: "call_back", at: NOW },
    expected: { verdict: "refuse", code: "time_passed" },
  },
  {
    sentence: "a call back lies within 90 days",
    input: { outcome: "call_back", at: new Date("2026-06-09T15:00:01Z") },
    expected: { verdict: "refuse", code: "time_too_far" },
  },
  {
    sentence: "not interested closes and says so of the lead",
    input: { outcome: "not_interested", reason: "no_budget" },
    expected: { verdict: "close", closedReason: "not_interested", lead: "not_interested", attempts: 2 },
  },
  {
    sentence: "not interested needs a reason",
    input: { outcome: "not_interested" },
    expected: { verdict: "refuse", code: "reason_needed" },
  },
  {
    sentence: "a bad contact closes and flags the record",
    input: { outcome: "bad_contact" },
    expected: { verdict: "close", closedReason: "bad_contact", lead: "bad_contact" },
  },
  {
    sentence: "re-booked without a meeting sleeps a day and waits for evidence",
    input: { outcome: "rebooked" },
    expected: {
      verdict: "snooze",
      dueAt: new Date("2026-03-11T15:00:00Z"),
      awaitsEvidence: true,
      attempts: 2,
    },
  },
  {
    sentence: "re-booked with a live meeting closes and links the soonest",
    facts: { liveMeetingIds: ["soon", "later"] },
    input: { outcome: "rebooked" },
    expected: { verdict: "close", closedReason: "rebooked", appointmentId: "soon" },
  },
  {
    sentence: "re-booked links the meeting that was chosen",
    facts: { liveMeetingIds: ["soon", "later"] },
    input: { outcome: "rebooked", appointmentId: "later" },
    expected: { verdict: "close", appointmentId: "later" },
  },
  {
    sentence: "a meeting that is not live cannot answer a lost one",
    facts: { liveMeetingIds: ["soon"] },
    input: { outcome: "rebooked", appointmentId: "held-last-week" },
    expected: { verdict: "refuse", code: "meeting_not_live" },
  },
  {
    sentence: "already booked is decided like re-booked once the providers were asked",
    facts: { liveMeetingIds: ["soon"] },
    input: { outcome: "already_booked" },
    expected: { verdict: "close", closedReason: "rebooked", appointmentId: "soon" },
  },
  {
    sentence: "already booked without a meeting waits for evidence too",
    input: { outcome: "already_booked" },
    expected: { verdict: "snooze", awaitsEvidence: true },
  },
  {
    sentence: "a moved meeting wants one look",
    facts: { red: "moved" },
    input: { outcome: "looked_at" },
    expected: { verdict: "close", closedReason: "looked_at" },
  },
  {
    sentence: "a lost meeting is not done with a look",
    input: { outcome: "looked_at" },
    expected: { verdict: "refuse", code: "outcome_not_possible" },
  },
  {
    sentence: "a moved meeting is not re-booked by hand",
    facts: { red: "moved", liveMeetingIds: ["soon"] },
    input: { outcome: "rebooked" },
    expected: { verdict: "refuse", code: "outcome_not_possible" },
  },
];

test.each(CASES)("$sentence", ({ facts: overrides, input, expected }) => {
  expect(decideOutcome(facts(overrides), input)).toMatchObject(expected);
});

describe("stated effects", () => {
  test("state for every button of the bar what pressing it does", () => {
    const effects = decideOutcomeEffects(facts());
    expect(effects).toEqual([
      {
        outcome: "rebooked",
        effect: {
          effect: "returns",
          at: new Date("2026-03-11T15:00:00Z"),
          afterMs: 86_400_000,
          attempt: null,
          awaitsEvidence: true,
        },
      },
      {
        outcome: "no_answer",
        effect: {
          effect: "returns",
          at: new Date("2026-03-10T17:00:00Z"),
          afterMs: 7_200_000,
          attempt: 3,
          awaitsEvidence: false,
        },
      },
      {
        outcome: "left_voicemail",
        effect: {
          effect: "returns",
          at: new Date("2026-03-11T14:00:00Z"),
          afterMs: null,
          attempt: 3,
          awaitsEvidence: false,
        },
      },
      { outcome: "call_back", effect: { effect: "asks", question: "time" } },
      { outcome: "not_interested", effect: { effect: "asks", question: "reason" } },
      {
        outcome: "bad_contact",
        effect: { effect: "closes", closedReason: "bad_contact", appointmentId: null },
      },
      {
        outcome: "already_booked",
        effect: {
          effect: "returns",
          at: new Date("2026-03-11T15:00:00Z"),
          afterMs: 86_400_000,
          attempt: null,
          awaitsEvidence: true,
        },
      },
    ]);
  });

  test("say on the last try that it closes", () => {
    const effects = decideOutcomeEffects(facts({ attempts: 5 }));
    expect(effects[1]).toEqual({
      outcome: "no_answer",
      effect: { effect: "closes", closedReason: "attempts_used", appointmentId: null },
    });
  });

  test("offer one look for a moved meeting", () => {
    expect(decideOutcomeEffects(facts({ red: "moved" })).map((e) => e.outcome)).toEqual(["looked_at"]);
  });
});
