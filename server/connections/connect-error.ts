/** Why an account cannot be linked, or not in the way that was asked for. The texts live in the console. */
export type ConnectErrorCode =
  | "unauthorized"
  | "role"
  | "scope"
  | "plan"
  | "exists"
  | "rate_limited"
  | "network"
  | "unexpected"
  | "location"
  | "token_kind"
  | "other_account";

export type ConnectError = {
  code: ConnectErrorCode;
  provider: "calendly" | "highlevel";
  /** With `scope`: what to tick at the provider. */
  requiredScopes: string[];
  /** With `rate_limited`: from when on it works again. With `exists`: since when. */
  at: Date | null;
  /** With `other_account`: the account that this token belongs to. */
  accountName: string | null;
};

export type ConnectFailure = { ok: false; error: ConnectError };

export function connectError(
  provider: ConnectError["provider"],
  code: ConnectErrorCode,
  facts: Partial<Pick<ConnectError, "requiredScopes" | "at" | "accountName">> = {},
): ConnectError {
  return { code, provider, requiredScopes: [], at: null, accountName: null, ...facts };
}
