import { MISMATCH_KINDS } from "#client/lib/vocabulary.ts";

/** The tabs in their order, by their word in the address; `decided` lists receipts, the others leads. */
export const TABS = [
  { id: "says-booked", of: "1", label: MISMATCH_KINDS.sentiment_booked_no_evidence.label },
  { id: "has-meeting", of: "2", label: MISMATCH_KINDS.evidence_exists_not_booked.label },
  { id: "canceled", of: "3", label: MISMATCH_KINDS.canceled_but_booked_status.label },
  { id: "vanished", of: "4", label: MISMATCH_KINDS.evidence_vanished.label },
  { id: "attendance", of: "5", label: MISMATCH_KINDS.attendance_unrecorded.label },
  { id: "unknown", of: "unknown", label: "Unknown" },
  { id: "needs-info", of: "needs_info", label: "Needs info" },
  { id: "decided", of: null, label: "Decided" },
] as const;
export type TabId = (typeof TABS)[number]["id"];
export type ListTab = NonNullable<(typeof TABS)[number]["of"]>;

/** The server's word for a tab; null for the one without leads. */
export function listTabOf(id: TabId): ListTab | null {
  return TABS.find((tab) => tab.id === id)?.of ?? null;
}
