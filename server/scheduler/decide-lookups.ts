import type { Provider } from "#server/db/generated/enums.ts";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";

export type LookupFacts = {
  provider: Provider;
  fullScope: boolean;
  /** A person has to repair the account first. */
  needsPerson: boolean;
  /** R31: whether sweeps, and lookups, of this connection rest after a failure. */
  isSweepResting: boolean;
  areLookupsResting: boolean;
  /** How the last sweep failed; null while they succeed. */
  sweepError: string | null;
  /** The whole window was read once. */
  isWindowRead: boolean;
  /** The last passes were too short to be believed (R5). */
  isHeldBack: boolean;
  /** How often hot is read at present, and how long ago its least recently verified day was (null: never whole). */
  hotEveryMin: number;
  nearAgeMs: number | null;
  /** Leads with a meeting ahead that no list names. */
  unlistedLeads: number;
  /** Leads in a sequence that a booking would end. */
  hotLeads: number;
  /** Calls of one hot pass, as the last ones were; null without an example. */
  sweepCalls: number | null;
  lookupCallsPerLead: number;
  /** Calls a minute that sweeps leave to lookups. */
  spareCallsPerMin: number;
};

export type LookupDecision =
  | {
      way: "lookup";
      because:
        | "unlisted_meetings"
        | "sweep_refused"
        | "sweep_held_back"
        | "sweep_late"
        | "sweep_stretched"
        | "second_look";
      /** So many at most in one tick. */
      leads: number;
      /** A lead that was looked up more recently has to wait. */
      minAgeMs: number;
    }
  | { way: "sweep"; because: "covered" | "one_person" | "cheaper" | "window_unread" }
  | { way: "none"; because: "nobody_hot" | "resting" | "no_calls_left" | "needs_person" };

type Because = Extract<LookupDecision, { way: "lookup" }>["because"];

/** Hot lookups are promised every minute (R29); a tick that comes a moment early skips no turn. */
const HOT_AGE_MS = MINUTE_MS - 5 * SECOND_MS;
/** A pass that is so many turns behind is late, and not just under way. */
const LATE_TURNS = 3;
/** What a sweep fails with while the token still answers other questions. */
const SURVIVABLE = new Set(["provider_scope", "provider_unexpected"]);

/**
 * Whether the leads that must not be late are looked up one by one at this connection, or whether its sweeps tell the
 * same for fewer calls (R30). First reason that fits; a sweep that is whole and on time answers for everybody.
 */
export function decideLookups(facts: LookupFacts): LookupDecision {
  if (facts.hotLeads + facts.unlistedLeads === 0) return { way: "none", because: "nobody_hot" };
  if (facts.areLookupsResting) return { way: "none", because: "resting" };
  const isRefused = facts.sweepError !== null && SURVIVABLE.has(facts.sweepError);
  if (facts.needsPerson && !isRefused) return { way: "none", because: "needs_person" };
  if (isRefused) return lookUp(facts, "sweep_refused");
  if (facts.isSweepResting) return { way: "none", because: "resting" };
  if (!facts.isWindowRead) return { way: "sweep", because: "window_unread" };
  if (facts.unlistedLeads > 0) return lookUp(facts, "unlisted_meetings");
  if (facts.isHeldBack) return lookUp(facts, "sweep_held_back");
  const isLate =
    facts.nearAgeMs !== null && facts.nearAgeMs > LATE_TURNS * Math.max(1, facts.hotEveryMin) * MINUTE_MS;
  if (isLate) return lookUp(facts, "sweep_late");
  // Asked about one lead, such a token answers for its one person again.
  if (!facts.fullScope) return { way: "sweep", because: "one_person" };
  if (facts.hotEveryMin > 1) {
    const isCheaper = facts.hotLeads * facts.lookupCallsPerLead < (facts.sweepCalls ?? 0);
    return isCheaper ? lookUp(facts, "sweep_stretched") : { way: "sweep", because: "cheaper" };
  }
  // HighLevel's list of calendars may be short without saying so: a look at each lead a day finds what it leaves out.
  if (facts.provider === "highlevel") return lookUp(facts, "second_look", DAY_MS);
  return { way: "sweep", because: "covered" };
}

function lookUp(facts: LookupFacts, because: Because, minAgeMs = HOT_AGE_MS): LookupDecision {
  const leads = Math.floor(facts.spareCallsPerMin / facts.lookupCallsPerLead);
  if (leads < 1) return { way: "none", because: "no_calls_left" };
  return { way: "lookup", because, leads, minAgeMs };
}
