export type LinkedBy = "contact" | "email" | "alias" | "chain" | "successor" | "operator";

/** Who a booking could belong to, as found by each key; ids without repetition. */
export type MatchCandidates = {
  /** Lead of the booking that this one replaced (R16). */
  byChain: string[];
  /** Leads that carry this HighLevel contact id. */
  byContact: string[];
  /** Leads whose own e-mail is one of the booking's e-mails. */
  byEmail: string[];
  /** Leads with a confirmed alias among them. */
  byAlias: string[];
  /** Lead of the booking that replaced this one, found by a key of its own. */
  bySuccessor: string[];
};

export type MatchDecision =
  | { outcome: "matched"; leadId: string; linkedBy: LinkedBy }
  /** R13: the e-mail is several leads': linked to none, all of them gated as if booked. */
  | { outcome: "ambiguous"; leadIds: string[] }
  | { outcome: "unmatched" };

/**
 * Exact keys only, strongest first; nothing is linked by guess (R8, R11, R13). A chain or a contact id names one
 * person, so it decides before an e-mail that several may share. A lead is inherited down the chain, whoever came first;
 * up the chain only by a booking that nobody else claims.
 */
export function decideMatch(candidates: MatchCandidates): MatchDecision {
  const [chained, ...otherChained] = unique(candidates.byChain);
  if (chained && otherChained.length === 0) return { outcome: "matched", leadId: chained, linkedBy: "chain" };

  const [contact, ...otherContacts] = unique(candidates.byContact);
  if (contact && otherContacts.length === 0) {
    return { outcome: "matched", leadId: contact, linkedBy: "contact" };
  }

  const byAddress = unique([...candidates.byEmail, ...candidates.byAlias]);
  const [lead, ...others] = byAddress;
  if (!lead) {
    const [next, ...otherNext] = unique(candidates.bySuccessor);
    if (!next || otherNext.length > 0) return { outcome: "unmatched" };
    return { outcome: "matched", leadId: next, linkedBy: "successor" };
  }
  if (others.length > 0) return { outcome: "ambiguous", leadIds: byAddress };
  return {
    outcome: "matched",
    leadId: lead,
    linkedBy: candidates.byEmail.includes(lead) ? "email" : "alias",
  };
}

function unique(ids: string[]): string[] {
  return [...new Set(ids)];
}
