import type { LeadStatus } from "#server/db/generated/enums.ts";
import { explainEvidence, explainNothing, explainPrimary } from "./explain-meeting.ts";
import {
  type Explanation,
  type ExplanationFacts,
  PROVIDER_NAMES,
  type Sentence,
  type SentencePart,
} from "./explanation.ts";

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
      ...(answer === "booked" ? [] : explainHistory(facts)),
    ],
  };
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

const DAY = new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeZone: "UTC" });

/** What nobody has read is not the same as nothing. */
function explainHistory({ verifiedFrom }: ExplanationFacts): Sentence[] {
  if (verifiedFrom === null) return [];
  const since = DAY.format(verifiedFrom);
  const text = `Unverifiable before ${since}: nobody has read further back, so earlier meetings are neither proven nor ruled out.`;
  return [{ basis: "unknown", parts: [text], evidenceIds: [] }];
}

/** How far the calendars that were asked can see, and when they were last asked. */
function explainScope({ connections, lastCheckedAt }: ExplanationFacts): Sentence[] {
  if (connections.length === 0) return [];
  const partial = connections.filter(({ fullScope }) => !fullScope);
  const sentences: Sentence[] = partial.map(({ provider }) => ({
    basis: "unknown",
    parts: [`The ${PROVIDER_NAMES[provider]} token sees one person's meetings only; others may be missing.`],
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
