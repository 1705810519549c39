import { clsx } from "clsx";
import { StateMark } from "#client/components/ui/state-mark.tsx";
import { Time } from "#client/components/ui/time.tsx";
import type { Shape, Tone } from "#client/lib/tone.ts";
import type { LeadPageFacts } from "./lead-types.ts";

type Facts = LeadPageFacts["explanation"];
type Sentence = Facts["sentences"][number];

const ANSWERS: Record<Facts["answer"], { label: string; shape: Shape; tone: Tone }> = {
  booked: { label: "Booked", shape: "check", tone: "proof" },
  not_booked: { label: "Not booked", shape: "none", tone: "neutral" },
  unknown: { label: "Unknown", shape: "half", tone: "quiet" },
};

const RAIL: Record<Sentence["basis"], string> = {
  evidence: "border-solid border-ink-2",
  claim: "border-dashed border-doubt",
  unknown: "border-dotted border-ink-3",
  rule: "border-solid border-rule",
};

const SPEAKER: Record<Sentence["basis"], string> = {
  evidence: "Evidence",
  claim: "Claim",
  unknown: "Unknown",
  rule: "Rule",
};

/** Why this lead is booked, or not, in words; each sentence says who speaks and which meetings it rests on. */
export function Explanation({
  explanation,
  zone,
  workspaceZone,
  numberOf,
}: {
  explanation: Facts;
  zone: string | null;
  workspaceZone: string;
  /** The number that a meeting has in the list beneath; null when it is not listed. */
  numberOf: (appointmentId: string) => number | null;
}) {
  const answer = ANSWERS[explanation.answer];
  const [decisive, ...others] = explanation.sentences;
  return (
    <section aria-labelledby="explanation-title" className="grid gap-3">
      <h2 id="explanation-title" className="sr-only">
        Why this lead is booked, or not
      </h2>
      {decisive && (
        <p className="flex max-w-prose items-baseline gap-3 text-lg leading-snug font-medium text-balance">
          <StateMark shape={answer.shape} tone={answer.tone} className="sr-only">
            {answer.label}
          </StateMark>
          <span>
            <Parts sentence={decisive} zone={zone} workspaceZone={workspaceZone} />
            <References sentence={decisive} numberOf={numberOf} />
          </span>
        </p>
      )}
      <ul className="grid max-w-prose gap-2">
        {others.map((sentence, index) => (
          <li
            // Sentences have no identity but their place, and are never reordered while shown.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            key={index}
            className={clsx("border-l-2 pl-3 text-ink-2", RAIL[sentence.basis])}
          >
            <span className="sr-only">{SPEAKER[sentence.basis]}: </span>
            <Parts sentence={sentence} zone={zone} workspaceZone={workspaceZone} />
            <References sentence={sentence} numberOf={numberOf} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Parts({
  sentence,
  zone,
  workspaceZone,
}: {
  sentence: Sentence;
  zone: string | null;
  workspaceZone: string;
}) {
  return sentence.parts.map((part, index) =>
    typeof part === "string" ? (
      part
    ) : part.as === "meeting" ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one sentence have no identity but their place
      <Time key={index} kind="meeting" at={part.at} zone={zone} workspaceZone={workspaceZone} />
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one sentence have no identity but their place
      <Time key={index} kind="age" at={part.at} />
    ),
  );
}

function References({
  sentence,
  numberOf,
}: {
  sentence: Sentence;
  numberOf: (appointmentId: string) => number | null;
}) {
  return sentence.evidenceIds.map((id) => {
    const number = numberOf(id);
    if (number === null) return null;
    return (
      <a
        key={id}
        href={`#meeting-${number}`}
        aria-label={`Meeting ${number}`}
        className="ml-1 inline-grid size-5 place-items-center rounded-full bg-well align-middle text-2xs font-medium text-ink-2 no-underline hover:bg-hover hover:text-ink"
      >
        {number}
      </a>
    );
  });
}
