import type { Connection } from "#server/db/generated/client.ts";
import type { Provider } from "#server/db/generated/enums.ts";
import type { Jobs } from "#server/db/queue.ts";
import { addDays, addMs, DAY_MS, startOfUtcDay } from "#server/lib/duration.ts";

/** A time in which a provider could tell us nothing. */
export type Gap = { from: Date; to: Date };

export type GapCause = Jobs["fill-gap"]["cause"];

export type LostWebhook = { state: "active" | "disabled" | "gone"; retryStartedAt: Date | null };

type Known = Pick<Connection, "retryStartedAt" | "lastEventAt" | "webhookCheckedAt" | "webhookCreatedAt">;

/** Somebody is marked as not having come a while after the meeting, so the meetings of the day before count too. */
const OVERLAP_MS = DAY_MS;

/**
 * From when on deliveries may be missing (R37): when the provider began to fail; of a webhook that somebody deleted,
 * when it was last known to stand; else the last delivery that came, however long ago.
 */
export function computeGapStart(webhook: LostWebhook, known: Known, now: Date): Date {
  const failingSince = webhook.retryStartedAt ?? known.retryStartedAt;
  if (failingSince) return failingSince;
  const lastKnown =
    webhook.state === "gone" ? latest(known.webhookCheckedAt, known.lastEventAt) : known.lastEventAt;
  return lastKnown ?? known.webhookCreatedAt ?? addMs(now, -DAY_MS);
}

/**
 * The days of meetings that a gap can have touched: nobody books or cancels what has begun, and what was booked,
 * moved or canceled meanwhile may lie as far ahead as we look.
 */
export function computeGapDays({ from, to }: Gap, lookaheadDays: number): Gap {
  return {
    from: startOfUtcDay(addMs(from, -OVERLAP_MS)),
    to: addDays(startOfUtcDay(to), lookaheadDays + 1),
  };
}

const CAUSES: Record<GapCause, (provider: string) => string> = {
  webhook_disabled: (provider) => `${provider} had turned the webhook off`,
  webhook_gone: (provider) => `the webhook at ${provider} had been deleted`,
  webhook_retrying: (provider) => `${provider} could not reach us`,
  receiver_down: () => "this server was down",
};

/** The note of the run that reads the gap. */
export function describeGap(cause: GapCause, { from, to }: Gap, provider: Provider): string {
  const name = { calendly: "Calendly", highlevel: "HighLevel" }[provider];
  return `Started by Bookproof: ${CAUSES[cause](name)}, and nothing was delivered from ${minute(from)} to ${minute(to)} UTC.`;
}

function minute(at: Date): string {
  return at.toISOString().slice(0, 16).replace("T", " ");
}

function latest(a: Date | null, b: Date | null): Date | null {
  return a && b ? (a > b ? a : b) : (a ?? b);
}
