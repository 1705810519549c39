import { addMs, HOUR_MS } from "#server/lib/duration.ts";
import type { CalendlyClient, CalendlyOwner } from "#server/providers/calendly/client.ts";
import type { CalendlyEventType } from "#server/providers/calendly/schema.ts";
import { lastSegment } from "#server/providers/calendly/uri.ts";
import { ProviderError } from "#server/providers/provider-error.ts";

export type AccountEventType = { id: string; name: string; isActive: boolean; durationMin: number | null };

/** Whose token it is and what it sees. */
export type CalendlyAccount = {
  ownerId: string;
  ownerName: string | null;
  ownerEmail: string | null;
  /** owner, admin or user; null where the token may not say. */
  role: string | null;
  organizationId: string;
  organizationName: string | null;
  plan: string | null;
  timezone: string | null;
  /** Sees the meetings of the whole organization, not only its owner's. */
  isFullScope: boolean;
  people: number | null;
  eventTypes: AccountEventType[];
  /** Scopes that were not ticked, of those that are useful but not indispensable. */
  missingScopes: string[];
};

/** A list that never ends is a provider's fault; a company of this size is not ours to count. */
const MAX_PAGES = 50;

/**
 * Asks Calendly what a token is good for, by trying: scopes cannot be listed. Fails with `ProviderError` where the
 * token cannot do what the product rests on, which is to say who it is and to list meetings.
 */
export async function readCalendlyAccount(
  client: CalendlyClient,
  me: Awaited<ReturnType<CalendlyClient["me"]>>["user"],
  now: Date,
): Promise<CalendlyAccount> {
  if (!me.current_organization) {
    throw new ProviderError("calendly", "unexpected", "The token's owner belongs to no organization.");
  }
  const organization = lastSegment(me.current_organization);
  const user = lastSegment(me.uri);
  const missing = new Set<string>();
  const isFullScope = await seesWholeOrganization(client, { organization, user }, now);
  const owner = isFullScope ? { organization } : { user };

  const [details, membership, people, eventTypes] = await Promise.all([
    ifAllowed(() => client.organization(organization), "organizations:read", missing),
    ifAllowed(() => client.memberships({ organization, user }), "organizations:read", missing),
    isFullScope
      ? ifAllowed(() => countPeople(client, organization), "organizations:read", missing)
      : Promise.resolve(1),
    ifAllowed(() => readEventTypes(client, owner), "event_types:read", missing),
    ifAllowed(
      () =>
        isFullScope
          ? client.listWebhooks({ organization, scope: "organization" })
          : client.listWebhooks({ organization, user, scope: "user" }),
      "webhooks:write",
      missing,
    ),
  ]);
  return {
    ownerId: user,
    ownerName: me.name ?? null,
    ownerEmail: me.email ?? null,
    role: membership?.memberships.find((row) => lastSegment(row.user.uri) === user)?.role ?? null,
    organizationId: organization,
    organizationName: details?.organization.name ?? null,
    plan: details?.organization.plan ?? null,
    timezone: me.timezone ?? null,
    isFullScope,
    people,
    eventTypes: eventTypes ?? [],
    missingScopes: [...missing],
  };
}

/** Deleted types are left out: nothing new can be booked on them. */
export async function readEventTypes(
  client: CalendlyClient,
  owner: CalendlyOwner,
): Promise<AccountEventType[]> {
  const types: AccountEventType[] = [];
  await eachPage(async (pageToken) => {
    const page = await client.eventTypes({ ...owner, ...(pageToken ? { pageToken } : {}) });
    types.push(...page.eventTypes.filter((type) => !type.deleted_at).map(toEventType));
    return page.nextPageToken;
  });
  return types;
}

function toEventType(type: CalendlyEventType): AccountEventType {
  return {
    id: lastSegment(type.uri),
    name: type.name ?? type.slug ?? "Unnamed",
    isActive: type.active ?? true,
    durationMin: type.duration ?? null,
  };
}

/** A member's token is refused the organization's list, and then has to be able to list its own. */
async function seesWholeOrganization(
  client: CalendlyClient,
  { organization, user }: { organization: string; user: string },
  now: Date,
): Promise<boolean> {
  const window = { minStart: now, maxStart: addMs(now, HOUR_MS) };
  try {
    await client.listEvents({ organization, ...window });
    return true;
  } catch (error) {
    if (!isForbidden(error, "role")) throw error;
    await client.listEvents({ user, ...window });
    return false;
  }
}

async function countPeople(client: CalendlyClient, organization: string): Promise<number> {
  let count = 0;
  await eachPage(async (pageToken) => {
    const page = await client.memberships({ organization, ...(pageToken ? { pageToken } : {}) });
    count += page.memberships.length;
    return page.nextPageToken;
  });
  return count;
}

export async function eachPage(
  readPage: (pageToken: string | null) => Promise<string | null>,
): Promise<void> {
  let token: string | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    token = await readPage(token);
    if (token === null) return;
  }
}

/** Null, and noted, where the token was not given this right; every other failure is the caller's. */
async function ifAllowed<T>(ask: () => Promise<T>, scope: string, missing: Set<string>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ProviderError) || error.kind !== "scope") throw error;
    if (isForbidden(error, "scope")) missing.add(scope);
    return null;
  }
}

function isForbidden(error: unknown, reason: string): boolean {
  if (!(error instanceof ProviderError) || error.kind !== "scope") return false;
  const { details } = error;
  return typeof details === "object" && details !== null && "reason" in details && details.reason === reason;
}
