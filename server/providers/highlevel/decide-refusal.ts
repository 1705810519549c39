import { z } from "zod";
import { SECOND_MS } from "#server/lib/duration.ts";
import type { Refusal, RefusalFacts } from "../http-client.ts";

const errorBodySchema = z.object({
  /** One text, or a list of them. */
  message: z
    .union([z.string(), z.array(z.string())])
    .nullish()
    .catch(null),
});

const SEARCH_OVERLOAD_WAIT_MS = 30 * SECOND_MS;

/**
 * What a HighLevel refusal means. The status alone does not say: a missing scope is a 401, another
 * location a 403, an unknown contact a 400. Their texts are read here and stay behind.
 */
export function decideHighLevelRefusal({ status, body, isById }: RefusalFacts): Refusal {
  const message = readMessage(body);
  switch (status) {
    case 401:
      return decideUnauthorized(message);
    case 403:
      return { kind: "scope", details: { reason: "location" } };
    case 404:
      return decideNotFound(message);
    case 400:
    case 422:
      if (isById && /not found/i.test(message)) return { kind: "not_found" };
      return { kind: "unexpected", details: { reason: "refused" } };
    case 409:
      return { kind: "conflict" };
    case 408:
    case 425:
      return { kind: "unavailable" };
    case 429:
      // The search back end, not our budget: the bucket has done nothing wrong.
      if (/point in time/i.test(message)) {
        return { kind: "unavailable", details: { reason: "search" }, retryAfterMs: SEARCH_OVERLOAD_WAIT_MS };
      }
      return { kind: "rate_limited" };
    default:
      if (status >= 500) return { kind: "unavailable" };
      return { kind: "unexpected", details: { reason: "refused" } };
  }
}

function decideUnauthorized(message: string): Refusal {
  if (/\bversion\b/i.test(message)) return { kind: "unexpected", details: { reason: "version" } };
  if (/user type|auth ?class/i.test(message)) return { kind: "scope", details: { reason: "token_kind" } };
  if (/\bscopes?\b/i.test(message)) return { kind: "scope", details: { reason: "scope" } };
  return { kind: "unauthorized" };
}

/** An unknown route or an empty page says nothing about the id that was asked for (R5). */
function decideNotFound(message: string): Refusal {
  if (!message || /^cannot [a-z]+ \//i.test(message)) {
    return { kind: "unexpected", details: { reason: "foreign_404" } };
  }
  return { kind: "not_found" };
}

function readMessage(body: unknown): string {
  const message = errorBodySchema.safeParse(body).data?.message;
  return Array.isArray(message) ? message.join("\n") : (message ?? "");
}
