import type {
  AppointmentStatus,
  LeadStatus,
  MeetingState,
  Provider,
  Sentiment,
  Source,
  Standing,
} from "#server/db/generated/enums.ts";

/** A sentence in pieces: words, and instants that the screen writes in the right zone and keeps ticking. */
export type SentencePart = string | { at: Date; as: "meeting" | "age" };

export type Sentence = {
  /** Who speaks: a provider, the conversation, nobody (it was not checked), or a rule of ours. */
  basis: "evidence" | "claim" | "unknown" | "rule";
  parts: SentencePart[];
  /** Appointments that this sentence rests on. */
  evidenceIds: string[];
};

export type Explanation = {
  /** Is this lead booked? Unknown where nobody could have known. */
  answer: "booked" | "not_booked" | "unknown";
  /** Why, the decisive sentence first. */
  sentences: Sentence[];
};

export type ExplainedAppointment = {
  id: string;
  provider: Provider;
  status: AppointmentStatus;
  standing: Standing | null;
  startAt: Date;
  canceledAt: Date | null;
  canceledByType: string | null;
  cancelReason: string | null;
  attendanceMark: AppointmentStatus | null;
  mirrorOfId: string | null;
  movedFromAt: Date | null;
  asOf: Date;
  source: Source;
  unrecognised: boolean;
  providerStatus: string;
};

export type ExplanationFacts = {
  lead: {
    status: LeadStatus;
    statusAt: Date;
    statusSource: Source;
    sentiment: Sentiment;
    meetingState: MeetingState;
    primaryId: string | null;
    lostAt: Date | null;
    claimAt: Date | null;
    claimUnverified: boolean;
    claimCheckedAt: Date | null;
    sharedBooking: boolean;
    mismatchKind: number | null;
  };
  appointments: ExplainedAppointment[];
  connections: { provider: Provider; fullScope: boolean }[];
  /** When everything that could hold a meeting of this lead was last asked; null when that never happened. */
  lastCheckedAt: Date | null;
};

const NAMES: Record<Provider, string> = { calendly: "Calendly", highlevel: "HighLevel" };

const THROUGH: Record<Source, string> = {
  webhook: "through a webhook",
  reconcile: "in a sweep",
  backfill: "in a backfill",
  auto_book: "when it was booked from here",
  operator: "through an operator",
  import: "in an import",
};

/** "Why is this lead booked, or not?" in words (R1, R2, R6, R7, R12, R22): what decides, what it rests on, what contradicts it. */
export function decideExplanation(facts: ExplanationFacts): Explanation {
  const primary = facts.appointments.find(({ id }) => id === facts.lead.primaryId) ?? null;
  const { answer, sentence } = primary ? explainPrimary(facts, primary) : explainNothing(facts);
  return {
    answer,
    sentences: [
      sentence,
      ...(primary ? explainEvidence(facts, primary) : []),
      ...explainClaim(facts, answer),
      ...explainStatus(facts),
      ...explainScope(facts),
    ],
  };
}

type Verdict = { answer: Explanation["answer"]; sentence: Sentence };

function explainPrimary({ lead, appointments }: ExplanationFacts, primary: ExplainedAppointment): Verdict {
  const name = NAMES[primary.provider];
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
  if (primary.status === "showed") return `${NAMES[primary.provider]} says the lead came.`;
  const copy = all.find((a) => a.mirrorOfId === primary.id && a.status === "showed");
  if (copy) return `${NAMES[copy.provider]} says the lead came.`;
  if (primary.attendanceMark === "showed") return "An operator marked that the lead came.";
  return "Nobody reported a no-show.";
}

function whoSaysNoShow(primary: ExplainedAppointment, all: ExplainedAppointment[]): string {
  const copy = all.find((a) => a.mirrorOfId === primary.id && a.status === "no_show");
  return copy ? NAMES[copy.provider] : "an operator";
}

/** No appointment stands for the lead: because there is none, or because nobody could see one. */
function explainNothing({ lead, connections }: ExplanationFacts): Verdict {
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
function explainEvidence({ appointments }: ExplanationFacts, primary: ExplainedAppointment): Sentence[] {
  const sentences: Sentence[] = [
    {
      basis: "evidence",
      parts: [
        `${NAMES[primary.provider]} said so `,
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
          ? `${NAMES[copy.provider]} still shows its copy as confirmed; a copy proves nothing.`
          : `${NAMES[copy.provider]} holds a copy of the same meeting; the ${NAMES[primary.provider]} record counts.`,
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

/** R2, R22: the claim is quoted, dated against the evidence, and never counted. */
function explainClaim({ lead }: ExplanationFacts, answer: Explanation["answer"]): Sentence[] {
  if (lead.claimAt === null) return [];
  const who = lead.sentiment === "meeting_booked" ? "The conversation says" : "The lead's status says";
  const parts: SentencePart[] = [`${who} meeting booked since `, { at: lead.claimAt, as: "age" }];
  if (answer === "booked")
    return [{ basis: "claim", parts: [...parts, ", and the evidence agrees."], evidenceIds: [] }];
  if (lead.lostAt) {
    const isNewer = lead.claimAt > lead.lostAt;
    parts.push(
      isNewer
        ? ", which is after the meeting was lost: a new one may be meant, but no provider has it."
        : ", which is before the meeting was lost.",
    );
  } else if (lead.claimCheckedAt && lead.claimCheckedAt > lead.claimAt) {
    parts.push(
      "; every calendar was checked since, ",
      { at: lead.claimCheckedAt, as: "age" },
      ", and none has it.",
    );
  } else {
    parts.push("; words alone are not enough.");
  }
  return [{ basis: "claim", parts, evidenceIds: [] }];
}

const PROTECTED: Partial<Record<LeadStatus, string>> = {
  not_interested: "Not interested",
  blacklisted: "Blacklisted",
  unqualified: "Unqualified",
};

/** Where the status does not follow the evidence, why it does not. */
function explainStatus({ lead }: ExplanationFacts): Sentence[] {
  if (lead.mismatchKind === null) return [];
  const word = PROTECTED[lead.status];
  if (word) {
    return [
      {
        basis: "rule",
        parts: [`The status stays ${word}: it is protected, and evidence does not overwrite it.`],
        evidenceIds: [],
      },
    ];
  }
  if (lead.statusSource === "operator" || lead.statusSource === "import") {
    const how = lead.statusSource === "operator" ? "by hand" : "by an import";
    return [
      {
        basis: "rule",
        parts: [
          `The status was set ${how} `,
          { at: lead.statusAt, as: "age" },
          "; a person decides whether it follows the evidence.",
        ],
        evidenceIds: [],
      },
    ];
  }
  return [
    { basis: "rule", parts: ["Status and evidence disagree; this waits under Mismatches."], evidenceIds: [] },
  ];
}

/** How far the calendars that were asked can see, and when they were last asked. */
function explainScope({ connections, lastCheckedAt }: ExplanationFacts): Sentence[] {
  if (connections.length === 0) return [];
  const partial = connections.filter(({ fullScope }) => !fullScope);
  const sentences: Sentence[] = partial.map(({ provider }) => ({
    basis: "unknown",
    parts: [`The ${NAMES[provider]} token sees one person's meetings only; others may be missing.`],
    evidenceIds: [],
  }));
  sentences.push(
    lastCheckedAt
      ? {
          basis: "evidence",
          parts: ["All calendars were last checked ", { at: lastCheckedAt, as: "age" }, "."],
          evidenceIds: [],
        }
      : { basis: "unknown", parts: ["The calendars have not been checked completely yet."], evidenceIds: [] },
  );
  return sentences;
}
