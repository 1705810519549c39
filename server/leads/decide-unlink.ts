import type { KeptReason } from "#server/mismatches/decide-undo.ts";

export type UnlinkFacts = {
  /** The word that is to be taken back; null: nobody gave one, or it is taken back already. */
  link: { leadId: string; linkedById: string | null } | null;
  bookingLeadId: string | null;
  linkedBy: string | null;
  askedById: string;
  /** May take back what others said (R42). */
  mayUndoOthers: boolean;
  /** Of the leads that the word changed, what keeps each from being given back; null: nothing. */
  kept: (KeptReason | null)[];
};

export type UnlinkDecision =
  | { verdict: "unlink" }
  | { verdict: "refuse"; code: "not_linked" | "not_yours" | KeptReason };

/**
 * R11: whether a person's word on whose booking this is can be taken back. All of it or nothing: what somebody or some
 * evidence moved since stays as it is, and so does the link.
 */
export function decideUnlink(facts: UnlinkFacts): UnlinkDecision {
  const { link, bookingLeadId, linkedBy, askedById, mayUndoOthers, kept } = facts;
  if (link === null || linkedBy !== "operator" || bookingLeadId !== link.leadId) {
    return { verdict: "refuse", code: "not_linked" };
  }
  if (link.linkedById !== askedById && !mayUndoOthers) return { verdict: "refuse", code: "not_yours" };
  const reason = kept.find((each) => each !== null);
  return reason ? { verdict: "refuse", code: reason } : { verdict: "unlink" };
}
