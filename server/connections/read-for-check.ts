import type { CalendlyClient } from "#server/providers/calendly/client.ts";
import { lastSegment } from "#server/providers/calendly/uri.ts";
import type { HighLevelClient } from "#server/providers/highlevel/client.ts";
import { calendlyOwner, type OpenConnection } from "#server/reconcile/open-connection.ts";
import { type ConnectError, connectError } from "./connect-error.ts";
import { decideConnectError } from "./decide-connect-error.ts";
import type { ConnectionFacts } from "./decide-connection-state.ts";
import { type AccountEventType, readEventTypes } from "./read-calendly-account.ts";
import type { OpenCalendly } from "./subscribe-webhook.ts";
import { expectProviderError } from "./verify-calendly-token.ts";

export type CheckReading = {
  error: ConnectError | null;
  /** Null where there is none, or where it could not be asked for. */
  webhook: Extract<ConnectionFacts["webhook"], { retryStartedAt: Date | null }> | null;
  eventTypes: AccountEventType[];
  /** HighLevel's: bare wall times are read in it, and its owner may change it. Null where it was not read. */
  timezone: string | null;
  /** By how much our clock is ahead of the provider's; null where no answer was dated. */
  skewMs: number | null;
};

/** A few calls that show whether the account answers as it did; failures of the provider are part of the answer. */
export async function readForCheck(open: OpenConnection): Promise<CheckReading> {
  const reading: CheckReading = { error: null, webhook: null, eventTypes: [], timezone: null, skewMs: null };
  try {
    if (open.provider === "calendly") await readCalendly(open, reading);
    else {
      reading.eventTypes = await readCalendars(open.client);
      reading.timezone = (await open.client.location()).location.timezone;
    }
  } catch (error) {
    reading.error = decideConnectError(expectProviderError(error));
  }
  reading.skewMs = open.client.clockSkewMs();
  return reading;
}

async function readCalendly({ client, row }: OpenCalendly, reading: CheckReading): Promise<void> {
  const { user } = await client.me();
  if (user.current_organization && lastSegment(user.current_organization) !== row.organizationId) {
    reading.error = connectError("calendly", "other_account");
    return;
  }
  if (row.webhookId) reading.webhook = await readWebhook(client, row.webhookId);
  const isReadable = !row.scopes.includes("-event_types:read");
  if (isReadable) reading.eventTypes = await readEventTypes(client, calendlyOwner(row));
}

async function readWebhook(client: CalendlyClient, id: string): Promise<CheckReading["webhook"]> {
  try {
    const { webhook } = await client.webhook(id);
    const state = webhook.state === "disabled" ? "disabled" : "active";
    return { state, retryStartedAt: webhook.retry_started_at ?? null };
  } catch (error) {
    if (expectProviderError(error).kind !== "not_found") throw error;
    return { state: "gone", retryStartedAt: null };
  }
}

async function readCalendars(client: HighLevelClient): Promise<AccountEventType[]> {
  const { calendars } = await client.calendars();
  return calendars.map(({ id, name, isActive, slotDuration }) => ({
    id,
    name: name ?? "Unnamed",
    isActive: isActive ?? true,
    durationMin: slotDuration ?? null,
  }));
}
