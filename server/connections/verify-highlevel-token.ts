import type { Deps } from "#server/deps.ts";
import { addMs, MINUTE_MS } from "#server/lib/duration.ts";
import type { HighLevelClient } from "#server/providers/highlevel/client.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import { type ConnectFailure, connectError } from "./connect-error.ts";
import { decideConnectError } from "./decide-connect-error.ts";
import type { AccountEventType } from "./read-calendly-account.ts";
import { expectProviderError, isTokenText } from "./verify-calendly-token.ts";

export type HighLevelAccount = {
  locationId: string;
  locationName: string | null;
  timezone: string;
  people: number;
  calendars: AccountEventType[];
};

/**
 * Reads the location, its calendars and its people, and tries what else sweeps need, so that every missing scope is
 * named at once and not one after the other. Stores nothing.
 */
export async function verifyHighLevelToken(
  deps: Pick<Deps, "clock" | "providers">,
  { token, locationId }: { token: string; locationId: string },
): Promise<{ ok: true; account: HighLevelAccount } | ConnectFailure> {
  if (!isTokenText(token)) return { ok: false, error: connectError("highlevel", "unauthorized") };
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(locationId)) {
    return { ok: false, error: connectError("highlevel", "location") };
  }
  try {
    return await readAccount(
      deps.providers.highlevel({ token, locationId, priority: "live" }),
      deps.clock.now(),
    );
  } catch (error) {
    return { ok: false, error: decideConnectError(expectProviderError(error)) };
  }
}

async function readAccount(
  client: HighLevelClient,
  now: Date,
): Promise<{ ok: true; account: HighLevelAccount } | ConnectFailure> {
  const missing: string[] = [];
  const location = await ifScoped(() => client.location(), "locations.readonly", missing);
  const calendars = await ifScoped(() => client.calendars(), "calendars.readonly", missing);
  const users = await ifScoped(() => client.users(), "users.readonly", missing);
  await ifScoped(() => client.searchContacts({ pageLimit: 1 }), "contacts.readonly", missing);
  const [anyCalendar] = calendars?.calendars ?? [];
  if (anyCalendar) {
    const window = { startMs: now.getTime(), endMs: addMs(now, MINUTE_MS).getTime() };
    const listEvents = () => client.listEvents({ calendarId: anyCalendar.id, ...window });
    await ifScoped(listEvents, "calendars/events.readonly", missing);
  }
  if (!location || !calendars || !users || missing.length > 0) {
    return { ok: false, error: connectError("highlevel", "scope", { requiredScopes: missing }) };
  }
  return {
    ok: true,
    account: {
      locationId: location.location.id,
      locationName: location.location.name ?? null,
      timezone: location.location.timezone,
      people: users.users.filter((user) => !user.deleted).length,
      calendars: calendars.calendars.map(
        ({ id, name, isActive, slotDuration }): AccountEventType => ({
          id,
          name: name ?? "Unnamed",
          isActive: isActive ?? true,
          durationMin: slotDuration ?? null,
        }),
      ),
    },
  };
}

/** HighLevel does not name the scope it misses, so the one that this call needs is noted. */
async function ifScoped<T>(ask: () => Promise<T>, scope: string, missing: string[]): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ProviderError) || decideConnectError(error).code !== "scope") throw error;
    missing.push(scope);
    return null;
  }
}
