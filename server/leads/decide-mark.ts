import type { AppointmentStatus } from "#server/db/generated/enums.ts";

/** What an operator may say of a meeting: they came, they did not, or nothing (any more). */
export type Mark = "showed" | "no_show" | null;

export type MarkFacts = {
  status: AppointmentStatus;
  endAt: Date;
  attendanceMark: AppointmentStatus | null;
  mirrorOfId: string | null;
  /** What copies of this record at the other provider say (R7). */
  copyStatuses: AppointmentStatus[];
};

export type MarkDecision =
  | { verdict: "mark" }
  | { verdict: "unchanged" }
  | { verdict: "refuse"; code: "not_over" | "provider_decided" | "not_held" | "is_copy" };

/** R6: a mark speaks where no provider does, and only of a meeting that is over. Taking a mark back is always possible. */
export function decideMark(facts: MarkFacts, mark: Mark, now: Date): MarkDecision {
  if (facts.attendanceMark === mark) return { verdict: "unchanged" };
  if (mark === null) return { verdict: "mark" };
  if (facts.mirrorOfId !== null) return { verdict: "refuse", code: "is_copy" };
  if (isAttendance(facts.status) || facts.copyStatuses.some(isAttendance))
    return { verdict: "refuse", code: "provider_decided" };
  if (facts.status !== "confirmed") return { verdict: "refuse", code: "not_held" };
  if (facts.endAt > now) return { verdict: "refuse", code: "not_over" };
  return { verdict: "mark" };
}

function isAttendance(status: AppointmentStatus): boolean {
  return status === "showed" || status === "no_show";
}
