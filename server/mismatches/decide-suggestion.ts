import type { Decision, MismatchCause } from "#server/db/generated/enums.ts";

/** The decision that fits a cause most often; a person still makes it. */
const SUGGESTED: Record<MismatchCause, Decision> = {
  provider_missed_cancel: "accept",
  rescheduled_not_linked: "link",
  other_identity: "link",
  outside_window: "keep",
  feed_gap: "recheck",
  calendar_not_connected: "needs_info",
  status_protected: "keep",
  set_by_hand: "keep",
  canceled_after_claim: "accept",
  link_sent_not_booked: "accept",
  no_trace: "accept",
};

/**
 * Null cause: not decided yet. A claim that nobody has checked wants a check and nothing else, and so does a meeting of
 * which nobody said who came: its provider may know by now.
 */
export function decideSuggestion(kind: number | null, cause: MismatchCause | null): Decision {
  if (kind === null || kind === 5) return "recheck";
  if (cause === null) return "accept";
  return SUGGESTED[cause];
}
