import { subjectOfKey } from "#server/connections/delivery-subject.ts";
import type { SignatureVerdict } from "#server/providers/calendly/signature.ts";
import { type CalendlyDelivery, computeDeliveryKey } from "#server/providers/calendly/webhook-payload.ts";

export type DeliveryFacts = {
  signature: SignatureVerdict;
  /** Null where the body is not JSON. Nothing is read from it before the signature is known to be right. */
  delivery: CalendlyDelivery | null;
  bodyHash: string;
  organization: { connected: string | null; named: string | null };
};

export type DeliveryDecision =
  /** Not the provider's word for this workspace: answered 401 and never processed. */
  | { outcome: "refuse"; reason: RefusalReason }
  /** Ours to work on. `late` is a trigger to go and look; its snapshot is not believed (R34). */
  | { outcome: "accept"; eventType: string; dedupeKey: string; subject: string; isLate: boolean }
  /** Genuine, and nothing follows from it: stored and answered 2xx, since a repeat would be no different. */
  | {
      outcome: "keep";
      result: "ignored" | "failed";
      reason: KeptReason;
      eventType: string | null;
      dedupeKey: string;
    };

export type RefusalReason =
  | Extract<SignatureVerdict, { verdict: "refused" }>["reason"]
  | "foreign_organization"
  | "foreign_location"
  | "wrong_secret"
  | "no_secret";
export type KeptReason = "unknown_event" | "no_appointment" | "malformed" | "unreadable";

/** R34 and R36: what becomes of one received request. Repeats are found by the database, by `dedupeKey`. */
export function decideDelivery({
  signature,
  delivery,
  bodyHash,
  organization,
}: DeliveryFacts): DeliveryDecision {
  if (signature.verdict === "refused") return { outcome: "refuse", reason: signature.reason };
  const { connected, named } = organization;
  if (connected !== null && named !== null && connected !== named) {
    return { outcome: "refuse", reason: "foreign_organization" };
  }
  const byBody = `body:${bodyHash}`;
  if (delivery === null) return keep("failed", "malformed", null, byBody);
  if (delivery.kind === "unreadable") return keep("failed", "unreadable", null, byBody);
  if (delivery.kind === "other") return keep("ignored", "unknown_event", delivery.event, byBody);
  const dedupeKey = computeDeliveryKey(delivery);
  return {
    outcome: "accept",
    eventType: delivery.event,
    dedupeKey,
    subject: subjectOfKey(dedupeKey),
    isLate: signature.verdict === "late",
  };
}

export function keep(
  result: "ignored" | "failed",
  reason: KeptReason,
  eventType: string | null,
  dedupeKey: string,
): Extract<DeliveryDecision, { outcome: "keep" }> {
  return { outcome: "keep", result, reason, eventType, dedupeKey };
}
