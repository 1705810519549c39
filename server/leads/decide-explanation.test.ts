import { describe, expect, test } from "vitest";
import { decideExplanation } from "./decide-explanation.ts";
import type { ExplainedAppointment, Explanation, ExplanationFacts, SentencePart } from "./explanation.ts";

const HOUR_MS = 3_600_000;
const NOW = new Date("2026-03-10T15:00:00.000Z");
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * HOUR_MS);

function appointment(overrides: Partial<ExplainedAppointment> = {}): ExplainedAppointment {
  return {
    id: "a1",
    provider: "calendly",
    status: "confirmed",
    standing: "live",
    startAt: hoursAgo(-48),
    canceledAt: null,
    canceledByType: null,
    cancelReason: null,
    attendanceMark: null,
    mirrorOfId: null,
    movedFromAt: null,
    asOf: hoursAgo(0.1),
    source: "webhook",
    unrecognised: false,
    providerStatus: "active",
    ...overrides,
  };
}

function facts({
  lead = {},
  ...overrides
}: Partial<Omit<ExplanationFacts, "lead">> & {
  lead?: Partial<ExplanationFacts["lead"]>;
} = {}): ExplanationFacts {
  return {
    lead: {
      status: "qualified",
      statusAt: hoursAgo(100),
      statusSource: "reconcile",
      sentiment: "new",
      meetingState: "none",
      primaryId: null,
      lostAt: null,
      claimAt: null,
      claimUnverified: false,
      claimCheckedAt: null,
      sharedBooking: false,
      mismatchKind: null,
      ...lead,
    },
    appointments: [],
    connections: [{ provider: "calendly", fullScope: true }],
    lastCheckedAt: hoursAgo(0.2),
    verifiedFrom: null,
    ...overrides,
  };
}

/** The sentence as a reader with no clock would write it. */
function write(parts: SentencePart[]): string {
  return parts.map((part) => (typeof part === "string" ? part : `<${part.as}>`)).join("");
}

function writeAll({ sentences }: Explanation): string[] {
  return sentences.map(({ parts }) => write(parts));
}

const CASES: { sentence: string; facts: ExplanationFacts; answer: Explanation["answer"]; first: string }[] = [
  {
    sentence: "a confirmed meeting is the answer",
    facts: facts({ lead: { meetingState: "booked", primaryId: "a1" }, appointments: [appointment()] }),
    answer: "booked",
    first: "Booked: Calendly has a confirmed meeting on <meeting>.",
  },
  {
    sentence: "a held meeting counts, though nobody said who came",
    facts: facts({
      lead: { meetingState: "held", primaryId: "a1" },
      appointments: [appointment({ standing: "held" })],
    }),
    answer: "booked",
    first: "Counts as booked: the meeting of <meeting> was held. Nobody reported a no-show.",
  },
  {
    sentence: "attendance names its witness",
    facts: facts({
      lead: { meetingState: "held", primaryId: "a1" },
      appointments: [
        appointment({ standing: "held" }),
        appointment({
          id: "a2",
          provider: "highlevel",
          standing: "copy",
          mirrorOfId: "a1",
          status: "showed",
        }),
      ],
    }),
    answer: "booked",
    first: "Counts as booked: the meeting of <meeting> was held. HighLevel says the lead came.",
  },
  {
    sentence: "a cancellation says by whom and when",
    facts: facts({
      lead: { meetingState: "canceled", primaryId: "a1", lostAt: hoursAgo(2) },
      appointments: [appointment({ status: "canceled", standing: "canceled", canceledByType: "invitee" })],
    }),
    answer: "not_booked",
    first: "Not booked: Calendly says the meeting of <meeting> was canceled by the lead, <age>.",
  },
  {
    sentence: "HighLevel's invalid is said as such",
    facts: facts({
      lead: { meetingState: "canceled", primaryId: "a1", lostAt: hoursAgo(2) },
      appointments: [
        appointment({
          provider: "highlevel",
          status: "canceled",
          standing: "canceled",
          cancelReason: "invalid",
        }),
      ],
    }),
    answer: "not_booked",
    first: "Not booked: HighLevel says the meeting of <meeting> was set to invalid, <age>.",
  },
  {
    sentence: "a no-show by an operator's mark is an operator's word",
    facts: facts({
      lead: { meetingState: "no_show", primaryId: "a1", lostAt: hoursAgo(2) },
      appointments: [appointment({ standing: "no_show", attendanceMark: "no_show" })],
    }),
    answer: "not_booked",
    first: "Not booked: the lead did not come to the meeting of <meeting>, says an operator.",
  },
  {
    sentence: "a vanished meeting waits for a person",
    facts: facts({
      lead: { meetingState: "vanished", primaryId: "a1" },
      appointments: [appointment({ status: "vanished", standing: "vanished" })],
    }),
    answer: "not_booked",
    first: "Not booked: Calendly no longer knows the meeting of <meeting>. A person decides what that means.",
  },
  {
    sentence: "no meeting anywhere, and everything was asked",
    facts: facts(),
    answer: "not_booked",
    first: "Not booked: no provider has a meeting for this lead.",
  },
  {
    sentence: "a claim that nobody checked is unknown, not false",
    facts: facts({ lead: { sentiment: "meeting_booked", claimAt: hoursAgo(1), claimUnverified: true } }),
    answer: "unknown",
    first: "Unknown: not every calendar was checked since the conversation said booked.",
  },
  {
    sentence: "without a calendar nothing can be known",
    facts: facts({ connections: [] }),
    answer: "unknown",
    first: "Unknown: no calendar is connected, so nothing can prove a meeting or rule it out.",
  },
  {
    sentence: "a booking under a shared e-mail belongs to nobody yet",
    facts: facts({ lead: { sharedBooking: true } }),
    answer: "unknown",
    first:
      "Unknown: a booking was made under an e-mail that this lead shares with another. A person has to say whose it is.",
  },
];

test.each(CASES)("$sentence", ({ facts: given, answer, first }) => {
  const explanation = decideExplanation(given);
  expect(explanation.answer).toBe(answer);
  expect(writeAll(explanation)[0]).toBe(first);
});

describe("what is said beside the answer", () => {
  test("every fact about a record names the record", () => {
    const explanation = decideExplanation(
      facts({ lead: { meetingState: "booked", primaryId: "a1" }, appointments: [appointment()] }),
    );
    expect(writeAll(explanation)).toEqual([
      "Booked: Calendly has a confirmed meeting on <meeting>.",
      "Calendly said so <age>, through a webhook.",
      "All calendars were last checked <age>.",
    ]);
    expect(explanation.sentences.map(({ evidenceIds }) => evidenceIds)).toEqual([["a1"], ["a1"], []]);
  });

  test("what was never read is called unverifiable, and never none", () => {
    const verifiedFrom = new Date("2025-12-10T00:00:00Z");
    expect(writeAll(decideExplanation(facts({ verifiedFrom })))).toEqual([
      "Not booked: no provider has a meeting for this lead.",
      "All calendars were last checked <age>.",
      "Unverifiable before Dec 10, 2025: nobody has read further back, so earlier meetings are neither proven nor ruled out.",
    ]);
    const booked = facts({
      lead: { meetingState: "booked", primaryId: "a1" },
      appointments: [appointment()],
      verifiedFrom,
    });
    expect(writeAll(decideExplanation(booked)).join()).not.toContain("Unverifiable");
  });

  test("a copy that missed the cancellation proves nothing", () => {
    const explanation = decideExplanation(
      facts({
        lead: { meetingState: "canceled", primaryId: "a1", lostAt: hoursAgo(2) },
        appointments: [
          appointment({ status: "canceled", standing: "canceled" }),
          appointment({ id: "a2", provider: "highlevel", standing: "copy", mirrorOfId: "a1" }),
        ],
      }),
    );
    expect(explanation.sentences).toContainEqual({
      basis: "rule",
      parts: ["HighLevel still shows its copy as confirmed; a copy proves nothing."],
      evidenceIds: ["a2"],
    });
  });

  test("a claim newer than the loss is told apart from an older one", () => {
    const lost = {
      meetingState: "canceled" as const,
      primaryId: "a1",
      lostAt: hoursAgo(5),
      sentiment: "meeting_booked" as const,
    };
    const appointments = [appointment({ status: "canceled", standing: "canceled" })];
    const newer = decideExplanation(facts({ lead: { ...lost, claimAt: hoursAgo(1) }, appointments }));
    const older = decideExplanation(facts({ lead: { ...lost, claimAt: hoursAgo(9) }, appointments }));
    expect(writeAll(newer)).toContain(
      "The conversation says meeting booked since <age>, which is after the meeting was lost: a new one may be meant, but no provider has it.",
    );
    expect(writeAll(older)).toContain(
      "The conversation says meeting booked since <age>, which is before the meeting was lost.",
    );
  });

  test("a protected status explains itself", () => {
    const explanation = decideExplanation(
      facts({
        lead: { meetingState: "booked", primaryId: "a1", status: "not_interested", mismatchKind: 2 },
        appointments: [appointment()],
      }),
    );
    expect(writeAll(explanation)).toContain(
      "The status stays Not interested: it is protected, and evidence does not overwrite it.",
    );
  });

  test("a token that sees one person is a limit of what is known", () => {
    const explanation = decideExplanation(
      facts({ connections: [{ provider: "calendly", fullScope: false }], lastCheckedAt: null }),
    );
    expect(explanation.sentences.slice(1)).toEqual([
      {
        basis: "unknown",
        parts: ["The Calendly token sees one person's meetings only; others may be missing."],
        evidenceIds: [],
      },
      { basis: "unknown", parts: ["The calendars have not been checked completely yet."], evidenceIds: [] },
    ]);
  });
});
