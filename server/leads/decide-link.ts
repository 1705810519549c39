export type LinkFacts = {
  /** Whose booking it is now; null: unmatched. */
  bookingLeadId: string | null;
  leadId: string;
  rememberAlias: boolean;
  /** The booking's address, lower-cased. */
  address: string | null;
  contactId: string | null;
  /** Other leads that have this address or this contact id as their own. */
  holderIds: string[];
};

export type LinkDecision =
  | { verdict: "link"; remembers: "nothing" | "keys" }
  | { verdict: "refuse"; code: "already_linked" | "nothing_to_remember" | "alias_taken" };

/**
 * R11: whether a person's word on whose booking this is can stand. What has a lead keeps it, and an address that is
 * another lead's is never made an alias: it would make every later booking under it nobody's (R13).
 */
export function decideLink(facts: LinkFacts): LinkDecision {
  const { bookingLeadId, leadId, rememberAlias, address, contactId, holderIds } = facts;
  if (bookingLeadId !== null && bookingLeadId !== leadId)
    return { verdict: "refuse", code: "already_linked" };
  if (!rememberAlias) return { verdict: "link", remembers: "nothing" };
  if (address === null && contactId === null) return { verdict: "refuse", code: "nothing_to_remember" };
  if (holderIds.some((id) => id !== leadId)) return { verdict: "refuse", code: "alias_taken" };
  return { verdict: "link", remembers: "keys" };
}
