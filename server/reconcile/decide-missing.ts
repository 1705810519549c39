/** R5: a pass may not lose more than this share of what it knew, once it would lose more than this many. */
export const MASS_CHANGE_SHARE = 0.2;
export const MASS_CHANGE_COUNT = 10;

export type MissingDecision =
  /** Ask for each by its id: a list that omits one proves nothing. */
  | { verdict: "ask"; ids: string[] }
  /** Too many at once: nothing is lost, and an incident asks a person. */
  | { verdict: "suspicious_drop"; known: number; missing: number }
  | { verdict: "complete" };

/** What the other windows of the same run have known and lost: a run over days loses day by day. */
export type Elsewhere = { known: number; lost: number };

/** What to do about meetings that we know of and the provider did not list; so many a person said to be gone. */
export function decideMissing(
  knownIds: string[],
  seenIds: ReadonlySet<string>,
  confirmed: number | null = null,
  elsewhere: Elsewhere = { known: 0, lost: 0 },
): MissingDecision {
  const ids = knownIds.filter((id) => !seenIds.has(id));
  if (ids.length === 0) return { verdict: "complete" };
  const missing = ids.length + elsewhere.lost;
  const known = knownIds.length + elsewhere.known;
  if (missing <= (confirmed ?? 0)) return { verdict: "ask", ids };
  if (missing > MASS_CHANGE_COUNT && missing > known * MASS_CHANGE_SHARE) {
    return { verdict: "suspicious_drop", known, missing };
  }
  return { verdict: "ask", ids };
}
