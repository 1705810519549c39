import type { MeetingLine } from "#server/follow-ups/save-red-tasks.ts";
import { addDays } from "#server/lib/duration.ts";
import type { Judged, PrimaryDecision } from "./decide-primary.ts";
import { isLoss, isWaiting, lossTime, stands } from "./decide-standing.ts";
import type { Effect, TransitionFacts } from "./decide-transition.ts";

/** R15, R17, R18, R19: at most one open task for lost meetings, a line for each, never red when there is green. */
export function decideLostTask(facts: TransitionFacts, primary: PrimaryDecision, lost: Judged[]): Effect[] {
  const { judged } = primary;
  const open = facts.openTasks.find((t) => t.type === "meeting_canceled" || t.type === "meeting_no_show");
  const openIds = (open?.appointmentIds ?? []).map((id) => recordOf(id, judged));
  if (primary.state === "booked") {
    // What only waits for its successor is no green yet: it opens nothing and closes nothing.
    if (!open || judged.every((a) => a.standing !== "live" || isWaiting(a, a.standing))) return [];
    return [closeTask(open.id, openIds, judged)];
  }
  // A vanished meeting became somebody's task by acceptance and stays it while it is gone (R20a).
  const unanswered = judged.filter(
    (a) =>
      (isLoss(a.standing, facts.accepted) || (a.standing === "vanished" && openIds.includes(a.id))) &&
      isUnanswered(a, judged),
  );
  const isStillLost = (id: string) => unanswered.some((a) => a.id === id);
  if (open && !openIds.some(isStillLost) && !lost.some((a) => isStillLost(a.id))) {
    return [closeTask(open.id, openIds, judged)];
  }
  if (!lost.some((a) => isStillLost(a.id) && isFresh(a, facts))) return [];

  const named = new Set([...facts.namedMeetingIds].map((id) => recordOf(id, judged)));
  // A task about it was closed by what covered it; now that this is gone, nobody has dealt with it. An acceptance
  // covers and uncovers nothing: what a person has dealt with stays dealt with.
  const isUncovered = (a: Judged) =>
    !facts.accepted && lost.includes(a) && facts.standingBefore.get(a.id) === a.standing;
  const lines = unanswered
    .filter((a) => isFresh(a, facts) && (!named.has(a.id) || isUncovered(a)) && !openIds.includes(a.id))
    .map(
      (a): MeetingLine => ({
        appointmentId: a.id,
        kind: a.standing === "no_show" ? "no_show" : "canceled",
        lostAt: lossTime(a, a.standing),
      }),
    );
  if (lines.length === 0) return [];
  const reason = lines.some((l) => l.kind === "canceled") ? "meeting_canceled" : "meeting_no_show";
  return open
    ? [{ effect: "add_lines", taskId: open.id, lines, reason }]
    : [{ effect: "open_task", type: reason, lines, reason }];
}

/** A line may name the copy of a record that was read later: it is the record's loss (R7). */
function recordOf(id: string, all: Judged[]): string {
  return all.find((a) => a.id === id)?.mirrorOfId ?? id;
}

function closeTask(taskId: string, namedIds: string[], all: Judged[]): Effect {
  const isBack = all.some((a) => namedIds.includes(a.id) && stands(a.standing));
  const isAnswered = all.some((a) => stands(a.standing));
  const reason = isBack ? "restored_by_evidence" : isAnswered ? "rebooked_by_evidence" : "superseded";
  return { effect: "close_task", taskId, reason };
}

/**
 * A loss is answered by a meeting that stands and starts, or was booked, after it. A no-show is answered by any later
 * meeting, since only the last one counts (R17); a cancellation of unknown time happened before its start.
 */
function isUnanswered(a: Judged, all: Judged[]): boolean {
  const lostAt = a.standing === "canceled" ? a.canceledAt : lossTime(a, a.standing);
  const since = a.standing === "no_show" || lostAt === null ? a.startAt : lostAt;
  return !all.some(
    (b) =>
      stands(b.standing) &&
      (b.startAt > since || (b.providerCreatedAt !== null && b.providerCreatedAt > since)),
  );
}

function isFresh(a: Judged, { policy, now }: TransitionFacts): boolean {
  const lostAt = lossTime(a, a.standing);
  return lostAt === null || lostAt >= addDays(now, -policy.freshnessDays);
}

/** R16: a live meeting that replaced another, or whose own start moved, in this step. */
export function isMove(a: Judged, facts: TransitionFacts): boolean {
  if (a.standing !== "live" || a.status === "rescheduled") return false;
  if (facts.movedIds.has(a.id)) return true;
  return a.rescheduledFromId !== null && !facts.standingBefore.has(a.id);
}

/** R16: the hollow red task, in a tab of its own; never where the meeting is lost or over. */
export function decideMovedTask(facts: TransitionFacts, primary: PrimaryDecision, moved: Judged[]): Effect[] {
  const open = facts.openTasks.find((t) => t.type === "meeting_rescheduled");
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
    const isOver = primary.judged.some((a) => open.appointmentIds.includes(a.id) && a.standing === "held");
    return [{ effect: "close_task", taskId: open.id, reason: isOver ? "meeting_over" : "superseded" }];
  }
  if (lines.length === 0 || !facts.policy.movedReview) return [];
  const reason = "meeting_rescheduled";
  return open
    ? [{ effect: "add_lines", taskId: open.id, lines, reason }]
    : [{ effect: "open_task", type: reason, lines, reason }];
}
