import type { Shape, Tone } from "#client/lib/tone.ts";
import type { TaskOutcome } from "#client/lib/trpc.ts";
import { PROVIDERS, TASK_OUTCOMES } from "#client/lib/vocabulary.ts";
import type { NotInterestedReason, Outcome, OutcomeEffect, QueueView, RedTask } from "./red-queue-types.ts";

export const GROUP = "Red queue";

export const VIEWS: Record<QueueView, string> = {
  mine: "Mine",
  unclaimed: "Unclaimed",
  all: "All open",
  moved: "Moved",
  snoozed: "Snoozed",
  done_today: "Done today",
};

/** Why a task closed. Only a meeting that stands again is good news; the rest merely ended. */
export const CLOSED_REASONS: Record<string, { label: string; shape: Shape; tone: Tone }> & {
  closed: { label: string; shape: Shape; tone: Tone };
} = {
  rebooked: { label: "Re-booked", shape: "check", tone: "proof" },
  rebooked_by_evidence: { label: "Re-booked, by evidence", shape: "check", tone: "proof" },
  restored_by_evidence: { label: "Restored, by evidence", shape: "check", tone: "proof" },
  looked_at: { label: "Looked at", shape: "check", tone: "neutral" },
  meeting_over: { label: "Meeting is over", shape: "none", tone: "quiet" },
  superseded: { label: "Lost since", shape: "none", tone: "quiet" },
  attempts_used: { label: "Tries used up", shape: "none", tone: "quiet" },
  not_interested: { label: "Not interested", shape: "none", tone: "quiet" },
  bad_contact: { label: "Bad contact", shape: "none", tone: "quiet" },
  closed: { label: "Closed", shape: "none", tone: "quiet" },
};

export const REASONS: Record<NotInterestedReason, string> = {
  bad_timing: "Bad timing",
  no_budget: "No budget",
  chose_other: "Chose another",
  no_need: "No need",
  no_reason_given: "No reason given",
};

export function outcomeLabel(outcome: Outcome): string {
  return outcome === "looked_at" ? "Looked at" : TASK_OUTCOMES[outcome].label;
}

/** In a sentence: "No answer logged for Dana Ruiz." The ellipsis belongs to the button. */
export function outcomeWord(outcome: Outcome): string {
  return outcomeLabel(outcome).replace("…", "");
}

/** For the narrow column of tries. */
export const SHORT_OUTCOMES: Record<TaskOutcome, string> = {
  rebooked: "Re-booked",
  no_answer: "No answer",
  left_voicemail: "Voicemail",
  call_back: "Call back",
  not_interested: "Not interested",
  bad_contact: "Bad contact",
  already_booked: "Has meeting",
};

/** What happened to the meeting, without its time: "Canceled by lead". */
export function describeLoss({ happened }: Pick<RedTask, "happened">): string {
  const provider = happened.provider ? PROVIDERS[happened.provider].label : "the provider";
  switch (happened.kind) {
    case "canceled_by_lead":
      return "Canceled by lead";
    case "canceled_by_host":
      return "Canceled by host";
    case "canceled":
      return `Canceled in ${provider}`;
    case "declined":
      return `Declined in ${provider}`;
    case "deleted":
      return `Deleted in ${provider}`;
    case "no_show":
      return "No-show";
    case "moved":
      return "Moved";
    default:
      return happened.kind satisfies never;
  }
}

/** The second line: the lead's own words, else what is known instead. */
export function describeReason({ happened, meetings }: Pick<RedTask, "happened" | "meetings">): string {
  if (meetings > 1) return `${meetings} meetings, one call`;
  if (happened.quote) return `“${happened.quote}”`;
  switch (happened.kind) {
    case "canceled_by_lead":
    case "canceled_by_host":
      return "No reason given";
    case "declined":
      return "Set to invalid";
    case "no_show":
      return "The lead did not come";
    case "moved":
      return `By ${happened.provider ? PROVIDERS[happened.provider].label : "the provider"}`;
    case "canceled":
    case "deleted":
      return "HighLevel gives no reason";
    default:
      return happened.kind satisfies never;
  }
}

/** Under the label of an outcome button: "back in 2 h, try 3 of 6". */
export function describeEffect(outcome: Outcome, effect: OutcomeEffect, attemptLimit: number): string {
  switch (effect.effect) {
    case "asks":
      return effect.question === "time" ? "a time in their zone" : "closes with a reason";
    case "closes":
      if (effect.closedReason === "attempts_used") return `closes, last of ${attemptLimit} tries`;
      if (effect.closedReason === "bad_contact") return "closes, flags the record";
      if (effect.closedReason === "rebooked") return "closes, links the new meeting";
      return "closes";
    case "returns": {
      if (outcome === "already_booked") return "checks the providers first";
      if (effect.awaitsEvidence) return "waits for evidence, back in 24 h";
      const back =
        effect.afterMs === null ? "back tomorrow 9:00 AM theirs" : `back in ${describeHours(effect.afterMs)}`;
      return effect.attempt === null ? back : `${back}, try ${effect.attempt} of ${attemptLimit}`;
    }
    default:
      return effect satisfies never;
  }
}

function describeHours(ms: number): string {
  return `${Math.round(ms / 3_600_000)} h`;
}

/** What a conflict says: "Ana claimed this", "This was re-booked by evidence". */
export function describeConflict(what: string, who: string | null): string {
  const somebody = who ?? "Somebody";
  if (what === "claimed") return `${somebody} has this task.`;
  if (what === "rebooked_by_evidence") return "A new meeting was found, so this task closed itself.";
  if (what === "restored_by_evidence") return "The meeting stands again, so this task closed itself.";
  if (what === "superseded" || what === "meeting_over")
    return "The meeting changed again, so this task closed itself.";
  if (what === "changed" || what === "closed") return "This task changed since you looked.";
  const outcome =
    TASK_OUTCOMES[what as keyof typeof TASK_OUTCOMES]?.label ?? CLOSED_REASONS[what]?.label ?? what;
  return `${somebody} logged “${outcome.replace("…", "")}” on this.`;
}
