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
import { addDays } from "#server/lib/duration.ts";
import { decidePrimary, type Judged, type PrimaryDecision } from "./decide-primary.ts";
import { lossTime, type StandingFacts } from "./decide-standing.ts";

export const PROTECTED_STATUSES: LeadStatus[] = ["not_interested", "blacklisted", "unqualified"];

export type TransitionFacts = {
  lead: {
    id: string;
    status: LeadStatus;
    sentiment: Sentiment;
    responseMode: ResponseMode;
    meetingState: MeetingState;
    primaryId: string | null;
  };
  appointments: StandingFacts[];
  /** What each appointment counted as when this lead was last decided; absent when it is new to the lead. */
  standingBefore: Map<string, Standing>;
  /** Appointments whose start moved in this very step (R16, HighLevel moves in place). */
  movedIds: Set<string>;
  openTasks: { id: string; type: TaskType; appointmentIds: string[] }[];
  /** Meetings that any red task of this lead, open or closed, already names. */
  namedMeetingIds: Set<string>;
  instances: { id: string; sequenceId: string; trigger: SequenceTrigger; status: InstanceStatus }[];
  /** Active sequences of the workspace. */
  sequences: { id: string; trigger: SequenceTrigger }[];
  policy: { freshnessDays: number; movedReview: boolean; paused: boolean };
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
  | { effect: "open_task"; type: TaskType; lines: MeetingLine[]; reason: string }
  | { effect: "add_lines"; taskId: string; lines: MeetingLine[]; reason: string }
  | { effect: "close_task"; taskId: string; reason: CloseReason }
  | {
      effect: "stop_instance";
      instanceId: string;
      status: "completed" | "canceled" | "paused";
      reason: string;
    }
  | { effect: "start_instance"; sequenceId: string; trigger: SequenceTrigger; reason: string }
  | { effect: "clear_offers" };

export type CloseReason = "rebooked_by_evidence" | "restored_by_evidence" | "superseded" | "meeting_over";

export type TransitionDecision = {
  primary: PrimaryDecision;
  effects: Effect[];
  /** What happened to the lead's meeting in one word, for audit; null when nothing did. */
  verb: "lead_booked" | "meeting_lost" | "meeting_no_show" | "meeting_moved" | "meeting_vanished" | null;
};

/**
 * R14 to R20a: from what a lead's appointments were and are to everything that follows. The same function
 * decides for webhooks, sweeps, lookups, backfills, operators and the clock.
 */
export function decideTransition(facts: TransitionFacts): TransitionDecision {
  const primary = decidePrimary(facts.appointments, facts.now);
  const before = facts.accepted ? new Map<string, Standing>() : facts.standingBefore;
  const changed = primary.judged.filter((a) => before.get(a.id) !== a.standing);
  const gained = changed.filter((a) => stands(a.standing) && !stands(before.get(a.id)));
  const lost = changed.filter((a) => isLost(a, facts));
  const moved = primary.judged.filter((a) => isMove(a, facts));
  const isLive = primary.state === "booked";

  const effects: Effect[] = [];
  if (!facts.skipSideEffects) {
    effects.push(...decideStatus(facts, primary, gained, lost));
    effects.push(...decideInstances(facts, primary, gained, lost));
    effects.push(...decideLostTask(facts, primary, lost));
    effects.push(...decideMovedTask(facts, primary, moved));
    if (gained.length > 0 && isLive) effects.push({ effect: "clear_offers" });
  }
  return {
    primary,
    effects,
    verb: decideVerb(primary, gained, lost, moved, changed),
  };
}

/** A vanished meeting waits for a person; their acceptance makes it a loss like a cancellation (R20a). */
function isLost({ standing }: Judged, { accepted }: TransitionFacts): boolean {
  return standing === "canceled" || standing === "no_show" || (accepted && standing === "vanished");
}

function stands(standing: Standing | undefined): boolean {
  return standing === "live" || standing === "held";
}

/** R14, R15, R17, R19: status follows evidence; protected statuses never do, and a vanished meeting waits for a person. */
function decideStatus(
  { lead, accepted }: TransitionFacts,
  primary: PrimaryDecision,
  gained: Judged[],
  lost: Judged[],
): Effect[] {
  if (PROTECTED_STATUSES.includes(lead.status)) return [];
  if (
    gained.length > 0 &&
    lead.status !== "meeting_booked" &&
    (primary.state === "booked" || primary.state === "held")
  ) {
    return [{ effect: "set_status", status: "meeting_booked", reason: "meeting_found" }];
  }
  // A lead whose other meeting was held still counts as booked (R1): only a lead left with the loss goes back.
  const isLoss =
    primary.state === "canceled" || primary.state === "no_show" || (accepted && primary.state === "vanished");
  if (lost.length > 0 && isLoss && lead.status === "meeting_booked") {
    return [{ effect: "set_status", status: "qualified", reason: `meeting_${primary.state}` }];
  }
  return [];
}

/** R14, R15, R19, R20a, R28: what must not run stops, and only what may run starts. */
function decideInstances(
  facts: TransitionFacts,
  primary: PrimaryDecision,
  gained: Judged[],
  lost: Judged[],
): Effect[] {
  const open = facts.instances.filter((i) => i.status === "active" || i.status === "paused");
  const effects: Effect[] = [];
  if (gained.length > 0) {
    for (const instance of open.filter((i) => i.trigger !== "meeting_booked")) {
      effects.push({
        effect: "stop_instance",
        instanceId: instance.id,
        status: "completed",
        reason: "meeting_booked",
      });
    }
    if (primary.state === "booked" && gained.some((a) => a.standing === "live")) {
      effects.push(...startSequence(facts, "meeting_booked", open, "meeting_booked"));
    }
  }
  if (primary.state !== "booked" && (lost.length > 0 || primary.state === "vanished")) {
    const status = lost.length > 0 ? "canceled" : "paused";
    for (const instance of open.filter((i) => i.trigger === "meeting_booked")) {
      if (instance.status === status) continue;
      effects.push({
        effect: "stop_instance",
        instanceId: instance.id,
        status,
        reason: lost.length > 0 ? "meeting_lost" : "meeting_vanished",
      });
    }
  }
  return effects;
}

function startSequence(
  { lead, policy, sequences }: TransitionFacts,
  trigger: SequenceTrigger,
  open: TransitionFacts["instances"],
  reason: string,
): Effect[] {
  const isBarred =
    policy.paused ||
    PROTECTED_STATUSES.includes(lead.status) ||
    lead.sentiment === "not_interested" ||
    lead.sentiment === "blacklist" ||
    lead.sentiment === "snoozed";
  if (isBarred) return [];
  return sequences
    .filter((s) => s.trigger === trigger && !open.some((i) => i.sequenceId === s.id))
    .map((s) => ({ effect: "start_instance" as const, sequenceId: s.id, trigger, reason }));
}

/** R15, R17, R18, R19: at most one open task for lost meetings, a line for each, never red when there is green. */
function decideLostTask(facts: TransitionFacts, primary: PrimaryDecision, lost: Judged[]): Effect[] {
  const open = facts.openTasks.find((t) => t.type === "meeting_canceled" || t.type === "meeting_no_show");
  if (primary.state === "booked") {
    return open ? [{ effect: "close_task", taskId: open.id, reason: "rebooked_by_evidence" }] : [];
  }
  const unanswered = primary.judged.filter((a) => isLost(a, facts) && isUnanswered(a, primary.judged));
  const isStillLost = (id: string) => unanswered.some((a) => a.id === id);
  if (open && !open.appointmentIds.some(isStillLost) && !lost.some((a) => isStillLost(a.id))) {
    const isRestored = open.appointmentIds.some((id) =>
      primary.judged.some((a) => a.id === id && stands(a.standing)),
    );
    return [
      {
        effect: "close_task",
        taskId: open.id,
        reason: isRestored ? "restored_by_evidence" : "rebooked_by_evidence",
      },
    ];
  }
  if (!lost.some((a) => isStillLost(a.id) && isFresh(a, facts))) return [];

  const lines = unanswered
    .filter((a) => isFresh(a, facts) && !facts.namedMeetingIds.has(a.id))
    .map(
      (a): MeetingLine => ({
        appointmentId: a.id,
        kind: a.standing === "no_show" ? "no_show" : "canceled",
        lostAt: lossTime(a, a.standing),
      }),
    );
  if (lines.length === 0) return [];
  const reason = lines.some((l) => l.kind === "canceled") ? "meeting_canceled" : "meeting_no_show";
  const effects: Effect[] = open
    ? [{ effect: "add_lines", taskId: open.id, lines, reason }]
    : [{ effect: "open_task", type: reason, lines, reason }];
  // An unknown mode means a person alone; an automated one may also write (R15).
  if (facts.lead.responseMode === "automated") {
    const openInstances = facts.instances.filter((i) => i.status === "active" || i.status === "paused");
    effects.push(...startSequence(facts, reason, openInstances, reason));
  }
  return effects;
}

/** A loss is answered by a meeting that stands and came, or was booked, after it. */
function isUnanswered(a: Judged, all: Judged[]): boolean {
  const lostAt = lossTime(a, a.standing);
  if (lostAt === null) return true;
  return !all.some(
    (b) => stands(b.standing) && (b.startAt > lostAt || (b.providerCreatedAt ?? b.firstSeenAt) > lostAt),
  );
}

function isFresh(a: Judged, { policy, now }: TransitionFacts): boolean {
  const lostAt = lossTime(a, a.standing);
  return lostAt === null || lostAt >= addDays(now, -policy.freshnessDays);
}

/** R16: a live meeting that replaced another, or whose own start moved, in this step. */
function isMove(a: Judged, facts: TransitionFacts): boolean {
  if (a.standing !== "live" || a.status === "rescheduled") return false;
  if (facts.movedIds.has(a.id)) return true;
  return a.rescheduledFromId !== null && !facts.standingBefore.has(a.id);
}

/** R16: the hollow red task, in a tab of its own; never where the meeting is lost or over. */
function decideMovedTask(facts: TransitionFacts, primary: PrimaryDecision, moved: Judged[]): Effect[] {
  const open = facts.openTasks.find((t) => t.type === "meeting_rescheduled");
  const effects: Effect[] = [];
  const fresh = moved.filter((a) => {
    const since = facts.movedIds.has(a.id) ? facts.now : (a.providerCreatedAt ?? a.firstSeenAt);
    return since >= addDays(facts.now, -facts.policy.freshnessDays);
  });
  const lines = fresh
    .filter((a) => !open?.appointmentIds.includes(a.id))
    .map((a): MeetingLine => ({ appointmentId: a.id, kind: "moved", lostAt: null }));
  if (
    open &&
    !primary.judged.some((a) => open.appointmentIds.includes(a.id) && a.standing === "live") &&
    lines.length === 0
  ) {
    const isLost = primary.state !== "booked" && primary.state !== "held";
    return [{ effect: "close_task", taskId: open.id, reason: isLost ? "superseded" : "meeting_over" }];
  }
  if (lines.length === 0 || !facts.policy.movedReview) return effects;
  effects.push(
    open
      ? { effect: "add_lines", taskId: open.id, lines, reason: "meeting_rescheduled" }
      : { effect: "open_task", type: "meeting_rescheduled", lines, reason: "meeting_rescheduled" },
  );
  return effects;
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
