import { addMs, DAY_MS, MINUTE_MS } from "#server/lib/duration.ts";
import type { MarketplaceDelivery } from "#server/providers/highlevel/webhook-payload.ts";
import { type DeliveryDecision, keep } from "./decide-delivery.ts";

/** Older than this, or from further ahead, it is a trigger to go and look and no word about the present. */
const FRESH_MS = 5 * MINUTE_MS;
/** Twelve repeats with growing pauses end well before; what comes later has been found by the sweeps. */
const OLDEST_MS = 3 * DAY_MS;

/**
 * R35 and R36: what becomes of a marketplace delivery whose signature was right. Its own id is the main guard against
 * repeats, so that the time it claims may be wide. Body and hash are of the same request.
 */
export function decideMarketplaceDelivery(
  delivery: MarketplaceDelivery,
  bodyHash: string,
  now: Date,
): DeliveryDecision {
  const { type, webhookId, sentAt, about } = delivery;
  if (sentAt !== null && sentAt < addMs(now, -OLDEST_MS)) return { outcome: "refuse", reason: "stale" };
  const request = webhookId ?? bodyHash;
  if (about.kind === "unreadable") return keep("failed", "unreadable", type, `body:${request}`);
  if (about.kind === "other") return keep("ignored", "unknown_event", type, `body:${request}`);
  const subject = about.kind === "contact" ? `contact-${about.id}` : about.id;
  return {
    outcome: "accept",
    eventType: type,
    dedupeKey: `${type}:${subject}:${request}`,
    subject,
    isLate: sentAt !== null && Math.abs(now.getTime() - sentAt.getTime()) > FRESH_MS,
  };
}
