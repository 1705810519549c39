import type { ConnectionState } from "#server/db/generated/enums.ts";
import { addMs, DAY_MS } from "#server/lib/duration.ts";

/** A stable word for every cause; the console has the sentence. */
type ReasonCode = TokenProblem | WebhookProblem | NoWebhookReason | "provider_unreachable" | "no_events";

/** The token lives no more, or no longer does what it did. */
export type TokenProblem =
  | "unauthorized"
  | "scope_missing"
  | "role_lost"
  | "plan"
  | "wrong_location"
  | "token_kind"
  | "other_account";

type WebhookProblem = "webhook_disabled" | "webhook_gone" | "webhook_retrying";

const NO_WEBHOOK_REASONS = [
  "webhook_not_created",
  "no_webhook_scope",
  "webhook_plan",
  "webhook_refused",
] as const;

export type NoWebhookReason = (typeof NO_WEBHOOK_REASONS)[number];

export type ConnectionFacts = {
  tokenProblem: TokenProblem | null;
  /** The last call got no usable answer. */
  isUnreachable: boolean;
  webhook:
    | { state: "active" | "disabled" | "gone"; retryStartedAt: Date | null }
    | { state: "none"; reason: NoWebhookReason }
    /** Nobody has called yet and nobody promised to: sweeps alone keep it true, and nothing is late. */
    | { state: "not_expected" };
  /** How many events usually come in a time as long as the present silence; null when nothing is known. */
  usualEvents: number | null;
};

export type ConnectionVerdict = { state: ConnectionState; reasonCode: ReasonCode | null };

/** Silence where this many events are usual happens by chance less than once in a hundred. */
const UNUSUAL_SILENCE = 4.6;

/** Calendly gives up on a webhook after a day without one success. */
const GIVES_UP_AFTER_MS = DAY_MS;

/**
 * How late a connection is against what may be expected of it (R37), worst cause first. What a person must repair
 * outranks what repairs itself.
 */
export function decideConnectionState(facts: ConnectionFacts): ConnectionVerdict {
  const { tokenProblem, isUnreachable, webhook, usualEvents } = facts;
  if (tokenProblem) return { state: "action_needed", reasonCode: tokenProblem };
  if (webhook.state === "disabled") return { state: "action_needed", reasonCode: "webhook_disabled" };
  if (webhook.state === "gone") return { state: "action_needed", reasonCode: "webhook_gone" };
  if (isUnreachable) return { state: "retrying", reasonCode: "provider_unreachable" };
  if (webhook.state === "not_expected") return { state: "healthy", reasonCode: null };
  if (webhook.state === "none") return { state: "polling", reasonCode: webhook.reason };
  if (webhook.retryStartedAt) return { state: "retrying", reasonCode: "webhook_retrying" };
  if (usualEvents !== null && usualEvents >= UNUSUAL_SILENCE)
    return { state: "quiet", reasonCode: "no_events" };
  return { state: "healthy", reasonCode: null };
}

/** When Calendly turns the webhook off unless it reaches us before. */
export function computeTurnOffAt(retryStartedAt: Date | null): Date | null {
  return retryStartedAt && addMs(retryStartedAt, GIVES_UP_AFTER_MS);
}

/**
 * Events of the same stretch of the week in earlier weeks, on average: a quiet Sunday says nothing, a quiet
 * Tuesday morning does. Null without a week to compare with.
 */
export function computeUsualEvents(countsOfEarlierWeeks: readonly number[]): number | null {
  if (countsOfEarlierWeeks.length === 0) return null;
  return countsOfEarlierWeeks.reduce((sum, count) => sum + count, 0) / countsOfEarlierWeeks.length;
}

export function isNoWebhookReason(code: string | null): code is NoWebhookReason {
  return NO_WEBHOOK_REASONS.some((reason) => reason === code);
}
