import { addMs, SECOND_MS } from "#server/lib/duration.ts";
import type { ProviderErrorKind } from "#server/providers/provider-error.ts";

/** A slice is tried this often before it is left as failed; a limit or a dead token is no attempt. */
const MAX_SLICE_ATTEMPTS = 5;
const UNTOLD_WAIT_MS = 30 * SECOND_MS;
const FIRST_DELAY_MS = SECOND_MS;
const LONGEST_DELAY_MS = 15 * SECOND_MS;

export type PageFailureFacts = {
  /** Null when it was no provider that failed. */
  kind: ProviderErrorKind | null;
  retryAt: Date | null;
  /** Attempts of this slice that have failed before. */
  attempts: number;
  /** The page was asked for by a cursor that the provider handed out earlier. */
  hasCursor: boolean;
  now: Date;
};

export type PageFailureDecision =
  /** The provider's limit: the connection rests, others go on. */
  | { outcome: "rest"; until: Date }
  /** A person has to act: the run parks where it stands. */
  | { outcome: "park" }
  /** `fromStart`: the cursor may be worn out, so the slice begins again (doing it twice changes nothing). */
  | { outcome: "retry"; delayMs: number; fromStart: boolean }
  | { outcome: "give_up"; code: string };

/** When a connection whose limit is used up may be asked again. */
export function decideRestEnd(retryAt: Date | null, now: Date): Date {
  return retryAt ?? addMs(now, UNTOLD_WAIT_MS);
}

/** What becomes of a slice whose page could not be read or applied. */
export function decidePageFailure(facts: PageFailureFacts): PageFailureDecision {
  const { kind, attempts } = facts;
  switch (kind) {
    case "rate_limited":
      return { outcome: "rest", until: decideRestEnd(facts.retryAt, facts.now) };
    case "unauthorized":
    case "scope":
      return { outcome: "park" };
    case "unavailable":
    case "unexpected":
    case "not_found":
    case "conflict":
    case null: {
      if (attempts + 1 >= MAX_SLICE_ATTEMPTS) {
        return { outcome: "give_up", code: kind === null ? "internal" : `provider_${kind}` };
      }
      const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempts);
      // Silence says nothing about the cursor; an answer that does not fit may be about it.
      return { outcome: "retry", delayMs, fromStart: facts.hasCursor && kind !== "unavailable" };
    }
    default:
      return kind satisfies never;
  }
}
