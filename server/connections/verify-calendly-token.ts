import type { Deps } from "#server/deps.ts";
import { lastSegment } from "#server/providers/calendly/uri.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import { calendlyBucket, calendlyBucketOfToken } from "#server/providers/rate-bucket.ts";
import { type ConnectFailure, connectError } from "./connect-error.ts";
import { decideConnectError } from "./decide-connect-error.ts";
import { type CalendlyAccount, readCalendlyAccount } from "./read-calendly-account.ts";

type VerifiedCalendly = { ok: true; account: CalendlyAccount };

/** Says whose token this is and what it sees; stores nothing. */
export async function verifyCalendlyToken(
  deps: Pick<Deps, "clock" | "providers">,
  token: string,
): Promise<VerifiedCalendly | ConnectFailure> {
  if (!isTokenText(token)) return { ok: false, error: connectError("calendly", "unauthorized") };
  try {
    const context = { token, priority: "live" as const };
    const stranger = deps.providers.calendly({ ...context, bucket: calendlyBucketOfToken(token) });
    const { user } = await stranger.me();
    const client = deps.providers.calendly({ ...context, bucket: calendlyBucket(lastSegment(user.uri)) });
    return { ok: true, account: await readCalendlyAccount(client, user, deps.clock.now()) };
  } catch (error) {
    return { ok: false, error: decideConnectError(expectProviderError(error)) };
  }
}

/** What can travel in a header; anything else was not copied from a provider's page. */
export function isTokenText(token: string): boolean {
  return /^[\x21-\x7e]{8,5000}$/.test(token);
}

/** A provider's no is an answer; every other failure is a surprise and goes on as it is. */
export function expectProviderError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  throw error;
}
