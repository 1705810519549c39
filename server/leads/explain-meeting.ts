import type { Source } from "#server/db/generated/enums.ts";
import {
  type ExplainedAppointment,
  type Explanation,
  type ExplanationFacts,
  PROVIDER_NAMES,
  type Sentence,
  type SentencePart,
} from "./explanation.ts";

const THROUGH: Record<Source, string> = {
  webhook: "through a webhook",
  reconcile: "in a sweep",
  backfill: "in a backfill",
  auto_book: "when it was booked from here",
  operator: "through an operator",
  import: "in an import",
};

export type Verdict = { answer: Explanation["answer"]; sentence: Sentence };

/** The appointment that stands for the lead, and what its standing says about being booked (R1, R6, R12). */
export function explainPrimary(
  { lead, appointments }: ExplanationFacts,
  primary: ExplainedAppointment,
): Verdict {
  const name = PROVIDER_NAMES[primary.provider];
  const meeting: SentencePart = { at: primary.startAt, as: "meeting" };
  const evidence = (...parts: SentencePart[]): Sentence => ({
    basis: "evidence",
    parts,
    evidenceIds: [primary.id],
  });
  switch (lead.meetingState) {
    case "booked":
      return {
        answer: "booked",
        sentence:
          primary.status === "rescheduled"
            ? evidence(
                "Booked: ",
                name,
                " moved the meeting of ",
                meeting,
                "; its new time is expected any minute.",
              )
            : evidence("Booked: ", name, " has a confirmed meeting on ", meeting, "."),
      };
    case "held":
      return {
        answer: "booked",
        sentence: evidence(
          "Counts as booked: the meeting of ",
          meeting,
          " was held. ",
          whoSaysHeld(primary, appointments),
        ),
      };
    case "canceled":
      return {
        answer: "not_booked",
        sentence: evidence(
          "Not booked: ",
          name,
          " says the meeting of ",
          meeting,
          ` was ${howCanceled(primary)}`,
          ...(lead.lostAt ? [", ", { at: lead.lostAt, as: "age" as const }] : []),
          ".",
        ),
      };
    case "no_show":
      return {
        answer: "not_booked",
        sentence: evidence(
          "Not booked: the lead did not come to the meeting of ",
          meeting,
          `, says ${primary.status === "no_show" ? name : whoSaysNoShow(primary, appointments)}.`,
        ),
      };
    case "vanished":
      return {
        answer: "not_booked",
        sentence: evidence(
          "Not booked: ",
          name,
          " no longer knows the meeting of ",
          meeting,
          ". A person decides what that means.",
        ),
      };
    case "none":
      return { answer: "not_booked", sentence: evidence("Not booked: no meeting counts for this lead.") };
    default:
      return lead.meetingState satisfies never;
  }
}

function howCanceled({ canceledByType, provider, cancelReason }: ExplainedAppointment): string {
  if (provider === "highlevel" && cancelReason === "deleted") return "deleted";
  if (provider === "highlevel" && cancelReason === "invalid") return "set to invalid";
  if (canceledByType === "invitee") return "canceled by the lead";
  if (canceledByType === "host") return "canceled by the host";
  return "canceled";
}

function whoSaysHeld(primary: ExplainedAppointment, all: ExplainedAppointment[]): string {
  if (primary.status === "showed") return `${PROVIDER_NAMES[primary.provider]} says the lead came.`;
  const copy = all.find((a) => a.mirrorOfId === primary.id && a.status === "showed");
  if (copy) return `${PROVIDER_NAMES[copy.provider]} says the lead came.`;
  if (primary.attendanceMark === "showed") return "An operator marked that the lead came.";
  return "Nobody reported a no-show.";
}

function whoSaysNoShow(primary: ExplainedAppointment, all: ExplainedAppointment[]): string {
  const copy = all.find((a) => a.mirrorOfId === primary.id && a.status === "no_show");
  return copy ? PROVIDER_NAMES[copy.provider] : "an operator";
}

/** No appointment stands for the lead: because there is none, or because nobody could see one. */
export function explainNothing({ lead, connections }: ExplanationFacts): Verdict {
  const unknown = (text: string): Verdict => ({
    answer: "unknown",
    sentence: { basis: "unknown", parts: [text], evidenceIds: [] },
  });
  if (lead.sharedBooking) {
    return unknown(
      "Unknown: a booking was made under an e-mail that this lead shares with another. A person has to say whose it is.",
    );
  }
  if (connections.length === 0) {
    return unknown("Unknown: no calendar is connected, so nothing can prove a meeting or rule it out.");
  }
  if (lead.claimUnverified) {
    return unknown("Unknown: not every calendar was checked since the conversation said booked.");
  }
  return {
    answer: "not_booked",
    sentence: {
      basis: "evidence",
      parts: ["Not booked: no provider has a meeting for this lead."],
      evidenceIds: [],
    },
  };
}

/** What the deciding record rests on, and the records that could be mistaken for another one. */
export function explainEvidence(
  { appointments }: ExplanationFacts,
  primary: ExplainedAppointment,
): Sentence[] {
  const sentences: Sentence[] = [
    {
      basis: "evidence",
      parts: [
        `${PROVIDER_NAMES[primary.provider]} said so `,
        { at: primary.asOf, as: "age" },
        `, ${THROUGH[primary.source]}.`,
      ],
      evidenceIds: [primary.id],
    },
  ];
  if (primary.unrecognised) {
    sentences.push({
      basis: "rule",
      parts: [`Its status word “${primary.providerStatus}” is new to us and counts as confirmed.`],
      evidenceIds: [primary.id],
    });
  }
  for (const copy of appointments.filter((a) => a.mirrorOfId === primary.id)) {
    const isBehind = primary.standing === "canceled" && copy.status === "confirmed";
    sentences.push({
      basis: "rule",
      parts: [
        isBehind
          ? `${PROVIDER_NAMES[copy.provider]} still shows its copy as confirmed; a copy proves nothing.`
          : `${PROVIDER_NAMES[copy.provider]} holds a copy of the same meeting; the ${PROVIDER_NAMES[primary.provider]} record counts.`,
      ],
      evidenceIds: [copy.id],
    });
  }
  if (primary.movedFromAt) {
    sentences.push({
      basis: "evidence",
      parts: ["It was moved from ", { at: primary.movedFromAt, as: "meeting" }, "."],
      evidenceIds: [primary.id],
    });
  }
  const superseded = appointments.filter((a) => a.standing === "superseded");
  if (superseded.length > 0) {
    sentences.push({
      basis: "evidence",
      parts: [
        superseded.length === 1
          ? "One earlier booking was moved to another time and no longer counts."
          : `${superseded.length} earlier bookings were moved to another time and no longer count.`,
      ],
      evidenceIds: superseded.map(({ id }) => id),
    });
  }
  const alsoLive = appointments.filter((a) => a.standing === "live" && a.id !== primary.id);
  if (alsoLive.length > 0) {
    sentences.push({
      basis: "evidence",
      parts: [alsoLive.length === 1 ? "One more meeting stands." : `${alsoLive.length} more meetings stand.`],
      evidenceIds: alsoLive.map(({ id }) => id),
    });
  }
  return sentences;
}
