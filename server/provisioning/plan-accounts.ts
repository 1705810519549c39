import type { ConnectError } from "#server/connections/connect-error.ts";
import { verifyCalendlyToken } from "#server/connections/verify-calendly-token.ts";
import { verifyHighLevelToken } from "#server/connections/verify-highlevel-token.ts";
import type { Connection } from "#server/db/generated/client.ts";
import type { Provider } from "#server/db/generated/enums.ts";
import type { Deps } from "#server/deps.ts";
import { AppError, conflict } from "#server/lib/errors.ts";
import type { ProvisioningInput } from "./provisioning-input.ts";

/** What is to happen to a provider's account; every token in it has proved itself. */
export type AccountStep =
  | { provider: Provider; act: "leave" }
  | { provider: Provider; act: "disconnect"; connectionId: string }
  | { provider: "calendly"; act: "connect"; token: string }
  | { provider: "highlevel"; act: "connect"; token: string; locationId: string }
  | { provider: Provider; act: "replace"; connectionId: string; token: string };

type PlanDeps = Pick<Deps, "clock" | "providers" | "secrets">;

/**
 * Decides what to do about both accounts and asks the providers about every new token. Nothing is stored: when one of
 * them says no, the whole request ends here with nothing written.
 */
export async function planAccounts(
  deps: PlanDeps,
  connections: Connection[],
  input: ProvisioningInput,
): Promise<AccountStep[]> {
  const active = (provider: Provider) =>
    connections.find((row) => row.provider === provider && row.state !== "off") ?? null;
  return [
    await planCalendly(deps, active("calendly"), input),
    await planHighLevel(deps, active("highlevel"), connections, input),
  ];
}

async function planCalendly(
  deps: PlanDeps,
  known: Connection | null,
  { calendlyAccessToken: token }: ProvisioningInput,
): Promise<AccountStep> {
  const provider = "calendly";
  if (token === undefined) return { provider, act: "leave" };
  if (token === null) return leaveOrDisconnect(provider, known);
  if (known && isSameToken(deps, known, token)) return { provider, act: "leave" };
  const verified = await verifyCalendlyToken(deps, token);
  if (!verified.ok) throw refusal(verified.error);
  if (!known) return { provider, act: "connect", token };
  if (known.organizationId !== verified.account.organizationId) throw otherAccount(provider);
  return { provider, act: "replace", connectionId: known.id, token };
}

async function planHighLevel(
  deps: PlanDeps,
  known: Connection | null,
  connections: Connection[],
  { ghlPrivateKey: token, ghlLocationId }: ProvisioningInput,
): Promise<AccountStep> {
  const provider = "highlevel";
  if (token === null || ghlLocationId === null) return leaveOrDisconnect(provider, known);
  if (token === undefined) {
    const isKnownHere = connections.some((row) => row.locationId === ghlLocationId);
    if (ghlLocationId === undefined || isKnownHere) return { provider, act: "leave" };
    throw new AppError("key_required", "ghlLocationId needs its ghlPrivateKey.", { status: 400 });
  }
  const locationId = ghlLocationId ?? known?.locationId ?? null;
  if (locationId === null) {
    throw new AppError("location_required", "ghlPrivateKey needs its ghlLocationId.", { status: 400 });
  }
  if (known && known.locationId !== locationId) throw otherAccount(provider);
  if (known && isSameToken(deps, known, token)) return { provider, act: "leave" };
  const verified = await verifyHighLevelToken(deps, { token, locationId });
  if (!verified.ok) throw refusal(verified.error);
  return known
    ? { provider, act: "replace", connectionId: known.id, token }
    : { provider, act: "connect", token, locationId };
}

function leaveOrDisconnect(provider: Provider, known: Connection | null): AccountStep {
  return known ? { provider, act: "disconnect", connectionId: known.id } : { provider, act: "leave" };
}

/** The same token sent again (a nightly run) is no news; one whose account needs somebody is tried again. */
function isSameToken({ secrets }: PlanDeps, { tokenSealed, state }: Connection, token: string): boolean {
  return tokenSealed !== null && state !== "action_needed" && secrets.open(tokenSealed) === token;
}

/** Replacing one account by another would make everything known look vanished: that takes two deliberate steps. */
function otherAccount(provider: Provider): AppError {
  return conflict(
    "other_account",
    "This token belongs to another account than the connected one. Send null first to disconnect it.",
    { provider },
  );
}

function refusal({ code, provider, requiredScopes }: ConnectError): AppError {
  if (code === "network" || code === "rate_limited") {
    return new AppError("provider_unavailable", "The provider did not answer. Nothing was changed.", {
      status: 503,
      details: { provider, reason: code },
    });
  }
  return new AppError("connection_refused", "The provider refused this token. Nothing was changed.", {
    status: 400,
    details: { provider, reason: code, ...(requiredScopes.length > 0 ? { requiredScopes } : {}) },
  });
}
