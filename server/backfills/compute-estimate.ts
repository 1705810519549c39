import { MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import { CALENDLY_SHARE, HIGHLEVEL_SHARE, type ProviderName } from "#server/providers/rate-bucket.ts";

/** How full a backfill may make a bucket: the rest is kept for people, webhooks and sweeps (R32). */
export const BACKFILL_SHARE = 0.6;

/** One call takes a provider about this long; several are under way at once. */
const QUICK_CALL_MS = 60;
const SLOW_CALL_MS = 300;
/** Other work of the same account may take its turn in between. */
const SLACK = 1.3;

export type ConnectionLoad = {
  provider: ProviderName;
  /** Null when nobody can say before reading. */
  meetings: number | null;
  calls: number;
  /** Calls that one window of the bucket holds, and how long the window is. */
  limit: number;
  windowMs: number;
};

export type Estimate = {
  meetings: number | null;
  /** Where leads are looked up: how many. */
  leads: number | null;
  calls: number;
  minutesLow: number;
  minutesHigh: number;
  /** The share of a provider's own limit that the run uses meanwhile (0…1), for the provider it burdens most. */
  limitShare: number;
  limitProvider: ProviderName | null;
};

/** What a run would cost, before it starts. Connections are read one after another. */
export function computeEstimate(loads: ConnectionLoad[], leads: number | null = null): Estimate {
  let lowMs = 0;
  let highMs = 0;
  let heaviest: { provider: ProviderName; share: number } | null = null;
  for (const load of loads) {
    const perWindow = Math.max(1, Math.floor(load.limit * BACKFILL_SHARE));
    // The first window's worth goes out at once; every further one waits for its window.
    const waitMs = Math.max(0, Math.ceil(load.calls / perWindow) - 1) * load.windowMs;
    lowMs += Math.max(waitMs, load.calls * QUICK_CALL_MS);
    highMs += (waitMs + Math.min(load.calls, perWindow) * SLOW_CALL_MS) * SLACK;
    const share = Math.min(load.calls, perWindow) / fullLimit(load);
    if (!heaviest || share > heaviest.share) heaviest = { provider: load.provider, share };
  }
  return {
    meetings: loads.some(({ meetings }) => meetings === null)
      ? null
      : loads.reduce((sum, { meetings }) => sum + (meetings ?? 0), 0),
    leads,
    calls: loads.reduce((sum, { calls }) => sum + calls, 0),
    minutesLow: roundMinutes(lowMs),
    minutesHigh: roundMinutes(Math.max(highMs, lowMs + SECOND_MS)),
    limitShare: heaviest?.share ?? 0,
    limitProvider: heaviest?.provider ?? null,
  };
}

/**
 * Calls that looking leads up takes: at Calendly a list per address and the people of every meeting, at HighLevel a
 * search per address and the appointments of a contact.
 */
export function countLookupCalls(
  provider: ProviderName,
  leads: { leads: number; emails: number; meetings: number } | undefined,
): number {
  if (!leads) return 0;
  return provider === "calendly" ? leads.emails + leads.meetings : leads.emails + leads.leads;
}

/** What the provider itself allows: the bucket holds only our part of it. */
function fullLimit({ provider, limit }: ConnectionLoad): number {
  return Math.max(1, limit / (provider === "calendly" ? CALENDLY_SHARE : HIGHLEVEL_SHARE));
}

/** Whole minutes, and never none: `0` would read as nothing to do. */
function roundMinutes(ms: number): number {
  return Math.max(1, Math.round(ms / MINUTE_MS));
}
