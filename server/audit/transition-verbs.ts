/**
 * What follows from evidence. Every other verb is somebody's act: at one instant an act comes first, then the evidence
 * that it may have changed, then these.
 */
export const TRANSITION_VERBS = [
  "lead_booked",
  "meeting_lost",
  "meeting_no_show",
  "meeting_moved",
  "meeting_vanished",
  "lead_status_changed",
  "stray_completed",
] as const;

export type TransitionVerb = (typeof TRANSITION_VERBS)[number];
