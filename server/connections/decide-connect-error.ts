import type { ProviderError } from "#server/providers/provider-error.ts";
import { type ConnectError, type ConnectErrorCode, connectError } from "./connect-error.ts";

type RefusalFacts = Pick<ProviderError, "provider" | "kind" | "retryAt" | "details">;

/** The one cause that a person can act on, for every way in which a provider may say no. */
export function decideConnectError(error: RefusalFacts): ConnectError {
  const { provider, kind, retryAt } = error;
  switch (kind) {
    case "unauthorized":
      return connectError(provider, "unauthorized");
    case "scope":
      return decideForbidden(error);
    case "not_found":
      // Asked by id during linking: only the location that was typed in is.
      return connectError(provider, provider === "highlevel" ? "location" : "unexpected");
    case "conflict":
      return connectError(provider, "exists");
    case "rate_limited":
      return connectError(provider, "rate_limited", { at: retryAt });
    case "unavailable":
      return connectError(provider, "network");
    case "unexpected":
      return connectError(provider, "unexpected");
    default:
      return kind satisfies never;
  }
}

const FORBIDDEN: Record<string, ConnectErrorCode> = {
  scope: "scope",
  plan: "plan",
  role: "role",
  location: "location",
  token_kind: "token_kind",
};

function decideForbidden({ provider, details }: RefusalFacts): ConnectError {
  const { reason, requiredScopes } = readDetails(details);
  return connectError(provider, FORBIDDEN[reason] ?? "scope", { requiredScopes });
}

function readDetails(details: unknown): { reason: string; requiredScopes: string[] } {
  if (typeof details !== "object" || details === null) return { reason: "", requiredScopes: [] };
  const reason = "reason" in details && typeof details.reason === "string" ? details.reason : "";
  const scopes = "requiredScopes" in details && Array.isArray(details.requiredScopes);
  return { reason, requiredScopes: scopes ? (details.requiredScopes as unknown[]).map(String) : [] };
}
