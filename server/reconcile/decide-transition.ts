import type { TransitionVerb } from "#server/audit/transition-verbs.ts";
import type {
  InstanceStatus,
  LeadStatus,
  MeetingState,
  ResponseMode,
  Sentiment,
  SequenceTrigger,
  Standing,
  TaskType,
} from "#server/db/generated/enums.ts";
import type { MeetingLine } from "#server/follow-ups/save-red-tasks.ts";
import { decideAnswer, decideInstances } from "./decide-instances.ts";
import { decidePrimary, type Judged, type PrimaryDecision } from "./decide-primary.ts";
import { decideLostTask, decideMovedTask, isMove } from "./decide-red-tasks.ts";
import { isLoss, isWaiting, type StandingFacts, stands } from "./decide-standing.ts";

export const PROTECTED_STATUSES: LeadStatus[] = ["not_interested", "blacklisted", "unqualified"];

export type TransitionFacts = {
  lead: {
    id: string;
    status: LeadStatus;
    sentiment: Sentiment;
    responseMode: ResponseMode;
    meetingState: MeetingState;
    primaryId: string | null;
    /** A booking under an address that it shares may be its own (R13). */
    sharedBooking: boolean;
  };
  appointments: StandingFacts[];
  /** What each appointment counted as when this lead was last decided; absent when it is new to the lead. */
  standingBefore: Map<string, Standing>;
  /** Appointments whose start moved in this very step (R16, HighLevel moves in place). */
  movedIds: Set<string>;
  openTasks: { id: string; type: TaskType; appointmentIds: string[] }[];
  /** Meetings whose present loss a red task of this lead, open or closed, already names. */
  namedMeetingIds: Set<string>;
  /** Open ones of any trigger, and post-booking ones that have ended. */
  instances: {
    id: string;
    sequenceId: string;
    trigger: SequenceTrigger;
    status: InstanceStatus;
    /** Why it is paused. */
    reason: string | null;
  }[];
  /** Active sequences of the workspace. */
  sequences: { id: string; trigger: SequenceTrigger }[];
  policy: { freshnessDays: number; heldGateDays: number; movedReview: boolean; paused: boolean };
  /** Evidence only: rollup and history, nothing that reaches a person or a sequence (R19). */
  skipSideEffects: boolean;
  /**
   * An operator accepted what the providers say (R23): everything that stands counts as gained, everything that is
   * lost, vanished included, as just lost.
   */
  accepted: boolean;
  now: Date;
};

export type Effect =
  | { effect: "set_status"; status: LeadStatus; reason: string }
  | { effect: "open_task"; type: RedTaskType; lines: MeetingLine[]; reason: RedTaskType }
  | { effect: "add_lines"; taskId: string; lines: MeetingLine[]; reason: RedTaskType }
  | { effect: "close_task"; taskId: string; reason: CloseReason }
  | {
      effect: "stop_instance";
      instanceId: string;
      status: "completed" | "canceled" | "paused";
      reason: string;
    }
  | { effect: "resume_instance"; instanceId: string }
  | { effect: "start_instance"; sequenceId: string; trigger: SequenceTrigger; reason: string }
  | { effect: "clear_offers" };

export type RedTaskType = Extract<TaskType, "meeting_canceled" | "meeting_no_show" | "meeting_rescheduled">;

export type CloseReason = "rebooked_by_evidence" | "restored_by_evidence" | "superseded" | "meeting_over";

export type TransitionDecision = {
  primary: PrimaryDecision;
  effects: Effect[];
  /** What happened to the lead's meeting in one word, for audit; null when nothing did. */
  verb: Exclude<TransitionVerb, "lead_status_changed" | "stray_completed"> | null;
};

/**
 * R14 to R20a: from what a lead's appointments were and are to everything that follows. The same function
 * decides for webhooks, sweeps, lookups, backfills, operators and the clock.
 */
export function decideTransition(facts: TransitionFacts): TransitionDecision {
  const primary = decidePrimary(facts.appointments, facts.now);
  const before = facts.accepted ? new Map<string, Standing>() : facts.standingBefore;
  const changed = primary.judged.filter((a) => before.get(a.id) !== a.standing);
  const gained = changed.filter((a) => isGained(a, before.get(a.id)));
  const lost = findLost(facts, primary, changed);
  const moved = primary.judged.filter((a) => isMove(a, facts));

  const effects: Effect[] = [];
  if (!facts.skipSideEffects) {
    effects.push(...decideStatus(facts, primary, gained, lost));
    effects.push(...decideInstances(facts, primary, before, gained, lost));
    const lostTask = decideLostTask(facts, primary, lost);
    effects.push(...lostTask, ...decideAnswer(facts, primary, lostTask));
    effects.push(...decideMovedTask(facts, primary, moved));
    if (gained.length > 0 && primary.state === "booked") effects.push({ effect: "clear_offers" });
  }
  return {
    primary,
    effects,
    verb: decideVerb(primary, gained, lost, moved, changed),
  };
}

/**
 * What this step lost. A no-show that moved is another one: it may have become the last meeting, which is what counts
 * (R17). And a lead that is left with a known loss has lost what covered it, though that went to somebody else (R13, R16).
 */
function findLost(facts: TransitionFacts, primary: PrimaryDecision, changed: Judged[]): Judged[] {
  const lost = primary.judged.filter(
    (a) =>
      isLoss(a.standing, facts.accepted) &&
      (changed.includes(a) || (a.standing === "no_show" && facts.movedIds.has(a.id))),
  );
  const isLeftWithLoss =
    countsAsBooked(facts.lead.meetingState) && (primary.state === "canceled" || primary.state === "no_show");
  // A meeting that vanished waits for a person, whatever it had covered (R20a).
  const hasVanished = changed.some((a) => a.standing === "vanished");
  if (lost.length > 0 || !isLeftWithLoss || hasVanished || primary.primary === null) return lost;
  return [primary.primary];
}

/** What was over and is ahead again is a gain like a new one (R14): HighLevel moves in place. */
function isGained(a: Judged, before: Standing | undefined): boolean {
  if (isWaiting(a, a.standing)) return false;
  return stands(a.standing) && (!stands(before) || (a.standing === "live" && before === "held"));
}

function lossWord(lost: Judged[]): "meeting_canceled" | "meeting_no_show" | "meeting_vanished" {
  if (lost.some((a) => a.standing === "canceled")) return "meeting_canceled";
  return lost.some((a) => a.standing === "no_show") ? "meeting_no_show" : "meeting_vanished";
}

/** R14, R15, R17, R19: status follows evidence; protected statuses never do, and a vanished meeting waits for a person. */
function decideStatus(
  { lead, accepted }: TransitionFacts,
  primary: PrimaryDecision,
  gained: Judged[],
  lost: Judged[],
): Effect[] {
  if (PROTECTED_STATUSES.includes(lead.status)) return [];
  // What stood behind a loss stands for the lead once that loss is no more: a no-show that turns out to be moved.
  const isNewlyBooked = !countsAsBooked(lead.meetingState) && !isWaitingAlone(primary);
  if (
    (gained.length > 0 || isNewlyBooked) &&
    lead.status !== "meeting_booked" &&
    countsAsBooked(primary.state)
  ) {
    return [{ effect: "set_status", status: "meeting_booked", reason: "meeting_found" }];
  }
  // A lead whose other meeting was held still counts as booked (R1): only a lead left with the loss goes back.
  const isLoss =
    primary.state === "canceled" || primary.state === "no_show" || (accepted && primary.state === "vanished");
  if (lost.length > 0 && isLoss && lead.status === "meeting_booked") {
    return [{ effect: "set_status", status: "qualified", reason: lossWord(lost) }];
  }
  return [];
}

function countsAsBooked(state: MeetingState): boolean {
  return state === "booked" || state === "held";
}

/** Booked for as long as a successor may still turn up, and for nothing else (R16). */
function isWaitingAlone({ primary }: PrimaryDecision): boolean {
  return primary !== null && isWaiting(primary, primary.standing);
}

function decideVerb(
  primary: PrimaryDecision,
  gained: Judged[],
  lost: Judged[],
  moved: Judged[],
  changed: Judged[],
): TransitionDecision["verb"] {
  if (moved.length > 0) return "meeting_moved";
  if (gained.length > 0) return "lead_booked";
  if (primary.state === "booked") return null;
  if (lost.length > 0)
    return lost.every((a) => a.standing === "no_show") ? "meeting_no_show" : "meeting_lost";
  if (changed.some((a) => a.standing === "vanished")) return "meeting_vanished";
  return null;
}
