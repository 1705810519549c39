import type { TaskOutcome } from "#server/db/generated/enums.ts";
import { addDays, addMs, HOUR_MS } from "#server/lib/duration.ts";
import { atLocalHour, CALL_FROM_HOUR } from "./local-time.ts";
import type { RedKind } from "./red-task.ts";

/** What a person may log: the outcome bar, and the one answer to a moved meeting. */
export type Outcome = TaskOutcome | "looked_at";

export const NOT_INTERESTED_REASONS = [
  "bad_timing",
  "no_budget",
  "chose_other",
  "no_need",
  "no_reason_given",
] as const;
export type NotInterestedReason = (typeof NOT_INTERESTED_REASONS)[number];

/** After this long without an answer, try again. */
const RETRY_AFTER_MS = 2 * HOUR_MS;
/** How long "re-booked" may wait for a provider to say so (R38). */
const EVIDENCE_WAIT_MS = 24 * HOUR_MS;
const LATEST_CALL_BACK_DAYS = 90;

export type OutcomeFacts = {
  red: RedKind;
  attempts: number;
  attemptLimit: number;
  /** The clock that counts for "tomorrow morning": the lead's, else the workspace's. */
  zone: string;
  /** Live meetings of this lead at any provider, soonest first. */
  liveMeetingIds: string[];
  now: Date;
};

export type OutcomeInput = {
  outcome: Outcome;
  /** Call back: when. */
  at?: Date | undefined;
  /** Not interested: why. */
  reason?: NotInterestedReason | undefined;
  /** Re-booked: which meeting; without it the soonest live one counts. */
  appointmentId?: string | undefined;
};

export type OutcomeCloseReason =
  | "rebooked"
  | "attempts_used"
  | "not_interested"
  | "bad_contact"
  | "looked_at";

export type OutcomeRefusal =
  | "outcome_not_possible"
  | "time_needed"
  | "time_passed"
  | "time_too_far"
  | "reason_needed"
  | "meeting_not_live";

export type OutcomeDecision =
  | {
      verdict: "close";
      closedReason: OutcomeCloseReason;
      attempts: number;
      /** The meeting that answers the lost one. */
      appointmentId: string | null;
      /** What else it says about the lead. */
      lead: "not_interested" | "bad_contact" | null;
    }
  | { verdict: "snooze"; dueAt: Date; attempts: number; awaitsEvidence: boolean }
  | { verdict: "refuse"; code: OutcomeRefusal };

/** What an outcome does to the task: it closes, or comes back at a stated time. */
export function decideOutcome(facts: OutcomeFacts, input: OutcomeInput): OutcomeDecision {
  const { outcome } = input;
  // A moved meeting wants one look; a lost one wants any outcome but that.
  if ((outcome === "looked_at") !== (facts.red === "moved"))
    return { verdict: "refuse", code: "outcome_not_possible" };
  switch (outcome) {
    case "looked_at":
      return close(facts, "looked_at");
    case "rebooked":
    case "already_booked":
      return decideRebooked(facts, input);
    case "no_answer":
      return countTry(facts, addMs(facts.now, RETRY_AFTER_MS));
    case "left_voicemail":
      return countTry(facts, atLocalHour(facts.now, facts.zone, 1, CALL_FROM_HOUR));
    case "call_back":
      return decideCallBack(facts, input.at);
    case "not_interested":
      if (input.reason === undefined) return { verdict: "refuse", code: "reason_needed" };
      return { ...close(facts, "not_interested"), lead: "not_interested" };
    case "bad_contact":
      return { ...close(facts, "bad_contact"), lead: "bad_contact" };
    default:
      return outcome satisfies never;
  }
}

function close(facts: OutcomeFacts, closedReason: OutcomeCloseReason) {
  const { attempts } = facts;
  return { verdict: "close" as const, closedReason, attempts, appointmentId: null, lead: null };
}

/** R38: re-booked is what a provider says. Without a meeting the task sleeps a day and returns unless one is found. */
function decideRebooked(facts: OutcomeFacts, { appointmentId }: OutcomeInput): OutcomeDecision {
  if (appointmentId !== undefined && !facts.liveMeetingIds.includes(appointmentId)) {
    return { verdict: "refuse", code: "meeting_not_live" };
  }
  const linked = appointmentId ?? facts.liveMeetingIds[0];
  if (linked !== undefined) return { ...close(facts, "rebooked"), appointmentId: linked };
  const { attempts, now } = facts;
  return { verdict: "snooze", dueAt: addMs(now, EVIDENCE_WAIT_MS), attempts, awaitsEvidence: true };
}

/** A try that reached nobody. The last one that the workspace allows closes the task. */
function countTry(facts: OutcomeFacts, dueAt: Date): OutcomeDecision {
  const attempts = facts.attempts + 1;
  if (attempts >= facts.attemptLimit) return { ...close(facts, "attempts_used"), attempts };
  return { verdict: "snooze", dueAt, attempts, awaitsEvidence: false };
}

/** A promised call is kept whatever the number of tries: somebody was reached. */
function decideCallBack({ attempts, now }: OutcomeFacts, at: Date | undefined): OutcomeDecision {
  if (at === undefined) return { verdict: "refuse", code: "time_needed" };
  if (at <= now) return { verdict: "refuse", code: "time_passed" };
  if (at > addDays(now, LATEST_CALL_BACK_DAYS)) return { verdict: "refuse", code: "time_too_far" };
  return { verdict: "snooze", dueAt: at, attempts, awaitsEvidence: false };
}

/** What each outcome would do, stated on its button before it is pressed. */
export type OutcomeEffect =
  | { effect: "closes"; closedReason: OutcomeCloseReason; appointmentId: string | null }
  | {
      effect: "returns";
      at: Date;
      /** Counted from the press; null for a fixed time. */
      afterMs: number | null;
      /** Which try this would be; null where it is none. */
      attempt: number | null;
      awaitsEvidence: boolean;
    }
  | { effect: "asks"; question: "time" | "reason" };

const BAR: Record<RedKind, Outcome[]> = {
  lost: [
    "rebooked",
    "no_answer",
    "left_voicemail",
    "call_back",
    "not_interested",
    "bad_contact",
    "already_booked",
  ],
  moved: ["looked_at"],
};

export function decideOutcomeEffects(facts: OutcomeFacts): { outcome: Outcome; effect: OutcomeEffect }[] {
  return BAR[facts.red].map((outcome) => ({ outcome, effect: stateEffect(facts, outcome) }));
}

function stateEffect(facts: OutcomeFacts, outcome: Outcome): OutcomeEffect {
  const decision = decideOutcome(facts, { outcome });
  switch (decision.verdict) {
    case "close":
      return {
        effect: "closes",
        closedReason: decision.closedReason,
        appointmentId: decision.appointmentId,
      };
    case "snooze":
      return {
        effect: "returns",
        at: decision.dueAt,
        afterMs: outcome === "left_voicemail" ? null : decision.dueAt.getTime() - facts.now.getTime(),
        attempt: decision.attempts > facts.attempts ? decision.attempts : null,
        awaitsEvidence: decision.awaitsEvidence,
      };
    case "refuse":
      return { effect: "asks", question: decision.code === "reason_needed" ? "reason" : "time" };
    default:
      return decision satisfies never;
  }
}
