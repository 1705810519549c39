/** R21 in numbers as the database computes them, in words as programs read them. */
export const KIND_NAMES = {
  1: "sentiment_booked_no_evidence",
  2: "evidence_exists_not_booked",
  3: "canceled_but_booked_status",
  4: "evidence_vanished",
  5: "attendance_unrecorded",
} as const;

/** R21, as a lead's row has it: four are computed, the fifth is a flag that counts where none of them is. */
export function kindOf(lead: { mismatchKind: number | null; attendanceUnrecorded: boolean }): number | null {
  return lead.mismatchKind ?? (lead.attendanceUnrecorded ? 5 : null);
}

export type MismatchKindNumber = keyof typeof KIND_NAMES;
export type MismatchKindName = (typeof KIND_NAMES)[MismatchKindNumber];

export function isMismatchKind(value: number | null): value is MismatchKindNumber {
  return value !== null && value in KIND_NAMES;
}
