import type { ProviderErrorKind } from "#server/providers/provider-error.ts";

/** What a person has to repair about a token, in the words that a connection's check uses too. */
export type TokenProblem =
  | "unauthorized"
  | "scope_missing"
  | "role_lost"
  | "plan"
  | "wrong_location"
  | "token_kind";

const OF_SCOPE: Record<string, TokenProblem> = {
  role: "role_lost",
  plan: "plan",
  location: "wrong_location",
  token_kind: "token_kind",
};

/** Why a provider refuses the token, from what it said about the call; null where the token is not to blame. */
export function decideTokenProblem(error: {
  kind: ProviderErrorKind;
  details: unknown;
}): TokenProblem | null {
  if (error.kind === "unauthorized") return "unauthorized";
  if (error.kind !== "scope") return null;
  const { details } = error;
  const reason = typeof details === "object" && details && "reason" in details ? String(details.reason) : "";
  return OF_SCOPE[reason] ?? "scope_missing";
}
