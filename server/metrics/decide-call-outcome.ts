export type CallOutcome =
  | "ok"
  | "rate_limited"
  | "unauthorized"
  | "not_found"
  | "refused"
  | "failed"
  | "no_answer";

/** What became of one call to a provider, by the status alone; null when no reply came. */
export function decideCallOutcome(status: number | null): CallOutcome {
  if (status === null) return "no_answer";
  if (status >= 200 && status < 300) return "ok";
  if (status === 429) return "rate_limited";
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 404) return "not_found";
  return status >= 500 ? "failed" : "refused";
}
