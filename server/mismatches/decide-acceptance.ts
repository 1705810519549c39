import type { Decision, LeadStatus, Sentiment } from "#server/db/generated/enums.ts";
import { PROTECTED_STATUSES } from "#server/reconcile/decide-transition.ts";

/** What acceptance depends on: few and discrete, so that thousands of leads fall into a handful of classes. */
export type AcceptanceFacts = {
  /** R21; null where nothing disagrees. */
  kind: number | null;
  /** The claim has not been checked since it was made (R22). */
  claimUnverified: boolean;
  status: LeadStatus;
  sentiment: Sentiment;
  /** The decision that stands on this lead, if any. */
  decision: Decision | null;
  /** Somebody accepted the evidence lately, which is why nothing disagrees any more. */
  wasAccepted: boolean;
  /** Whether what the providers say was verified recently enough to act on without looking. */
  check: "fresh" | "stale" | "never";
  /** R26: a meeting that is live or held recently, or a shared booking, keeps the lead out of sequences. */
  isGated: boolean;
};

/** Bulk spares what a person should look at; one at a time a protected lead can be accepted with a reason. */
export type AcceptanceMode = "bulk" | "single";

export type Acceptance =
  | { outcome: "will_change"; status: LeadStatus; sentiment: Sentiment; mayEnrol: boolean }
  | { outcome: "no_change" }
  | { outcome: "skipped"; reason: "evidence_stale" | "decided_meanwhile" | "not_checked" }
  | { outcome: "held_back"; reason: "protected" };

/** R23: what accepting the providers' evidence does to one lead. */
export function decideAcceptance(facts: AcceptanceFacts, mode: AcceptanceMode): Acceptance {
  if (facts.kind === null) {
    if (facts.claimUnverified) return { outcome: "skipped", reason: "not_checked" };
    return facts.wasAccepted ? { outcome: "skipped", reason: "decided_meanwhile" } : { outcome: "no_change" };
  }
  if (facts.decision === "keep" || facts.decision === "link") {
    return { outcome: "skipped", reason: "decided_meanwhile" };
  }
  if (mode === "bulk") {
    if (isProtected(facts.status)) return { outcome: "held_back", reason: "protected" };
    if (facts.check === "never") return { outcome: "skipped", reason: "not_checked" };
    if (facts.check === "stale") return { outcome: "skipped", reason: "evidence_stale" };
  }
  const labels = acceptedLabels(facts.kind, facts.sentiment);
  if (!labels) return { outcome: "no_change" };
  return { outcome: "will_change", ...labels, mayEnrol: !facts.isGated && !isBarred(labels) };
}

export function isProtected(status: LeadStatus): boolean {
  return PROTECTED_STATUSES.includes(status);
}

/** The words of R23 per kind; kinds 2 and 4 also run the transition that the evidence asked for. */
function acceptedLabels(kind: number, sentiment: Sentiment) {
  switch (kind) {
    case 1:
      return { status: "meeting_requested", sentiment: "meeting_requested" } as const;
    case 2:
      return { status: "meeting_booked", sentiment: "meeting_booked" } as const;
    case 3:
    case 4:
      return { status: "qualified", sentiment } as const;
    default:
      return null;
  }
}

/** R28: who gets nothing, whatever their meetings. */
function isBarred({ status, sentiment }: { status: LeadStatus; sentiment: Sentiment }): boolean {
  return isProtected(status) || ["not_interested", "blacklist", "snoozed"].includes(sentiment);
}
