/** R5: a pass may not lose more than this share of what it knew, once it would lose more than this many. */
export const MASS_CHANGE_SHARE = 0.2;
export const MASS_CHANGE_COUNT = 10;

/** A meeting of the window that stood when the pass began. */
export type KnownEvent = {
  eventId: string;
  /** All of its people were read since the pass began, by whichever way. */
  isRead: boolean;
  /** The last complete listing did not name it. */
  isUnlisted: boolean;
  /** On a calendar that the provider's list has never named. */
  isHidden: boolean;
};

/** What the lists of a pass have named. */
export type Listing = {
  named: ReadonlySet<string>;
  /** Of these: events whose list of people leaves out somebody we know of, or that nobody has read. */
  doubted: ReadonlySet<string>;
};

export type MissingDecision =
  /** Too many at once: nothing is lost, and an incident asks a person. */
  | { verdict: "suspicious_drop"; known: number; missing: number }
  | {
      verdict: "close";
      /** Ask for each by its id: a list that omits one, or somebody on it, proves nothing. */
      askIds: string[];
      /** Of these: no list named them. Those that stand nevertheless are to be watched by lookups. */
      unlistedIds: string[];
      /** Were unlisted, and are named again. */
      relistedIds: string[];
    };

/** What the other windows of the same run have known and lost: a run over days loses day by day. */
export type Elsewhere = { known: number; lost: number };

export type MissingTerms = {
  /** Whether this pass asks for those that the last complete listing did not name either. */
  asksUnlisted?: boolean;
  /** So many a person said to be gone. */
  confirmed?: number | null;
  elsewhere?: Elsewhere | undefined;
};

/**
 * What to do about meetings that we know of and the provider did not fully list. A calendar that the provider hides is
 * missing from every pass: that says nothing about this one, so the guard on mass changes does not count it.
 */
export function decideMissing(
  knownEvents: KnownEvent[],
  { named, doubted }: Listing,
  { asksUnlisted = true, confirmed = null, elsewhere = { known: 0, lost: 0 } }: MissingTerms = {},
): MissingDecision {
  const isOpen = (k: KnownEvent) => !k.isRead && (!named.has(k.eventId) || doubted.has(k.eventId));
  const open = knownEvents.filter(isOpen);
  const hidden = open.filter((k) => k.isHidden);
  const missing = open.length - hidden.length;
  if (missing > 0) {
    const lost = missing + elsewhere.lost;
    const known = knownEvents.length - hidden.length + elsewhere.known;
    const isMany = lost > MASS_CHANGE_COUNT && lost > known * MASS_CHANGE_SHARE;
    if (isMany && lost > (confirmed ?? 0)) return { verdict: "suspicious_drop", known, missing: lost };
  }
  const asked = open.filter((k) => asksUnlisted || !k.isUnlisted || named.has(k.eventId));
  const idsOf = (events: KnownEvent[]) => events.map(({ eventId }) => eventId);
  return {
    verdict: "close",
    askIds: idsOf(asked),
    unlistedIds: idsOf(asked.filter(({ eventId }) => !named.has(eventId))),
    relistedIds: idsOf(knownEvents.filter((k) => k.isUnlisted && named.has(k.eventId))),
  };
}
