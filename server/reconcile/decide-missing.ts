/** R5: a pass may not lose more than this share of what it knew, once it would lose more than this many. */
export const MASS_CHANGE_SHARE = 0.2;
export const MASS_CHANGE_COUNT = 10;

export type MissingDecision =
  /** Ask for each by its id: a list that omits one proves nothing. */
  | { verdict: "ask"; ids: string[] }
  /** Too many at once: nothing is lost, and an incident asks a person. */
  | { verdict: "suspicious_drop"; known: number; missing: number }
  | { verdict: "complete" };

/** What to do about meetings that we know of and the provider did not list; so many a person said to be gone. */
export function decideMissing(
  knownIds: string[],
  seenIds: ReadonlySet<string>,
  confirmed: number | null = null,
): MissingDecision {
  const missing = knownIds.filter((id) => !seenIds.has(id));
  if (missing.length === 0) return { verdict: "complete" };
  if (missing.length <= (confirmed ?? 0)) return { verdict: "ask", ids: missing };
  if (missing.length > MASS_CHANGE_COUNT && missing.length > knownIds.length * MASS_CHANGE_SHARE) {
    return { verdict: "suspicious_drop", known: knownIds.length, missing: missing.length };
  }
  return { verdict: "ask", ids: missing };
}
