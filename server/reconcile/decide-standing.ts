import type { AppointmentStatus, Standing } from "#server/db/generated/enums.ts";
import { addMs, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import type { AppointmentFacts } from "./appointment-facts.ts";

/** How long a rescheduled booking may wait for its successor before it counts as lost (R16). */
export const SUCCESSOR_GRACE_MS = 10 * MINUTE_MS;

/**
 * A move that was this old when it was first seen is history: it is later than the latest retry of a delivery, so the
 * provider was asked for its successor and had none. Waiting for it would make an old chain pass for a booking.
 */
const NEWS_MS = 25 * HOUR_MS;

export type StandingFacts = AppointmentFacts & {
  /** Whether a booking is known here that replaced this one, by the link on either of the two. */
  successorKnown: boolean;
  /** Attendance that the mirror copy of this record reports, if any (R7). */
  copyStatus: AppointmentStatus | null;
};

/**
 * What an appointment counts as at one instant.
 * - `live` confirmed and not over · `held` confirmed or showed, over
 * - `canceled`, `no_show`, `vanished` lost · `superseded` its successor stands for it
 * - `copy` a mirror of the Calendly record (R7): counts for nothing
 */
export function decideStanding(facts: StandingFacts, now: Date): Standing {
  if (facts.mirrorOfId !== null) return "copy";
  const status = decideAttendance(facts);
  switch (status) {
    case "canceled":
    case "no_show":
    case "vanished":
      return status;
    case "showed":
      return "held";
    case "confirmed":
      // Its successor was read first; its own row has not been read since it moved.
      if (facts.successorKnown) return "superseded";
      return facts.endAt > now ? "live" : "held";
    case "rescheduled": {
      if (facts.successorKnown) return "superseded";
      const deadline = successorDeadline(facts);
      if (deadline !== null && now < deadline) return "live";
      return "canceled";
    }
    default:
      return status satisfies never;
  }
}

/** Booked or held: both count as booked (R1). */
export function stands(standing: Standing | undefined): boolean {
  return standing === "live" || standing === "held";
}

/** A vanished meeting waits for a person; their acceptance makes it a loss like a cancellation (R20a). */
export function isLoss(standing: Standing, isAccepted: boolean): boolean {
  return standing === "canceled" || standing === "no_show" || (isAccepted && standing === "vanished");
}

/** Whether it counts as booked only because its successor may still turn up (R16). */
export function isWaiting(facts: Pick<StandingFacts, "status">, standing: Standing | undefined): boolean {
  return facts.status === "rescheduled" && standing === "live";
}

/**
 * R6: the provider's explicit word, else its copy's, else an operator's mark; only for what was not lost. A mark speaks
 * of a meeting that is over: one that was moved ahead since is another, of which nobody has spoken yet.
 */
export function decideAttendance(
  facts: Pick<StandingFacts, "status" | "copyStatus" | "attendanceMark" | "attendanceMarkAt" | "endAt">,
): AppointmentStatus {
  const { status, copyStatus } = facts;
  if (status !== "confirmed") return status;
  if (copyStatus === "showed" || copyStatus === "no_show") return copyStatus;
  return markInForce(facts) ?? status;
}

/** An operator's mark as long as it speaks of the meeting where it stands now; null when nobody has spoken of that. */
export function markInForce({
  attendanceMark,
  attendanceMarkAt,
  endAt,
}: Pick<StandingFacts, "attendanceMark" | "attendanceMarkAt" | "endAt">): AppointmentStatus | null {
  return attendanceMarkAt !== null && attendanceMarkAt < endAt ? null : attendanceMark;
}

/** Until when a booking that says "rescheduled" waits for its successor; null when it says nothing of the kind. */
export function successorDeadline(facts: AppointmentFacts): Date | null {
  if (facts.status !== "rescheduled") return null;
  const seenAt = facts.lossSeenAt ?? facts.firstSeenAt;
  const movedAt = facts.canceledAt ?? seenAt;
  return seenAt.getTime() - movedAt.getTime() > NEWS_MS ? movedAt : addMs(seenAt, SUCCESSOR_GRACE_MS);
}

/** When the meeting was lost (R19): the cancellation, the end of a no-show, else when the loss was first seen. */
export function lossTime(facts: AppointmentFacts, standing: Standing): Date | null {
  if (standing === "canceled") return facts.canceledAt ?? facts.lossSeenAt ?? facts.firstSeenAt;
  if (standing === "no_show") return facts.endAt;
  if (standing === "vanished") return facts.lossSeenAt ?? facts.firstSeenAt;
  return null;
}
