import { AppError } from "#server/lib/errors.ts";

/**
 * Why a provider call failed, in the only words callers decide by.
 * - `rate_limited`  429: the whole bucket cools down until `retryAt`
 * - `unauthorized`  the token is dead (revoked, mistyped, expired)
 * - `scope`         the token lives but may not do this: `details` names the missing scope or role or plan
 * - `not_found`     the provider positively does not know this id (the only proof of R5)
 * - `conflict`      it exists already
 * - `unavailable`   5xx, time-out, connection reset
 * - `unexpected`    2xx or 4xx whose body does not fit the schema, or any other refusal
 */
export type ProviderErrorKind =
  | "rate_limited"
  | "unauthorized"
  | "scope"
  | "not_found"
  | "conflict"
  | "unavailable"
  | "unexpected";

export class ProviderError extends AppError {
  readonly kind: ProviderErrorKind;
  readonly provider: "calendly" | "highlevel";
  readonly httpStatus: number | null;
  readonly retryAt: Date | null;

  constructor(
    provider: "calendly" | "highlevel",
    kind: ProviderErrorKind,
    message: string,
    options: { httpStatus?: number | null; retryAt?: Date | null; details?: unknown; cause?: unknown } = {},
  ) {
    super(`provider_${kind}`, message, {
      status: kind === "unavailable" || kind === "rate_limited" ? 503 : 502,
      details: options.details,
      cause: options.cause,
    });
    this.name = "ProviderError";
    this.kind = kind;
    this.provider = provider;
    this.httpStatus = options.httpStatus ?? null;
    this.retryAt = options.retryAt ?? null;
  }

  /** Trying again later may help without a person doing anything. */
  get isTransient(): boolean {
    return this.kind === "rate_limited" || this.kind === "unavailable" || this.kind === "unexpected";
  }
}

/** The provider's limit is used up: nothing is wrong, and later it works. */
export function isLimit(error: unknown): error is ProviderError {
  return error instanceof ProviderError && error.kind === "rate_limited";
}
