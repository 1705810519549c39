export type LinkFacts = {
  /** Whose booking it is now; null: unmatched. */
  bookingLeadId: string | null;
  leadId: string;
  /** `if_possible`: the link stands also where nothing can be remembered. */
  rememberAlias: boolean | "if_possible";
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
  const { bookingLeadId, leadId, rememberAlias } = facts;
  if (bookingLeadId !== null && bookingLeadId !== leadId)
    return { verdict: "refuse", code: "already_linked" };
  if (rememberAlias === false) return { verdict: "link", remembers: "nothing" };
  const obstacle = findObstacle(facts);
  if (obstacle === null) return { verdict: "link", remembers: "keys" };
  return rememberAlias === "if_possible"
    ? { verdict: "link", remembers: "nothing" }
    : { verdict: "refuse", code: obstacle };
}

function findObstacle({ leadId, address, contactId, holderIds }: LinkFacts) {
  if (address === null && contactId === null) return "nothing_to_remember";
  return holderIds.some((id) => id !== leadId) ? "alias_taken" : null;
}
