import type { Tx } from "#server/db/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { addMs, HOUR_MS } from "#server/lib/duration.ts";
import { conflict } from "#server/lib/errors.ts";
import { createToken } from "#server/lib/secrets.ts";
import type { CalendlyClient } from "#server/providers/calendly/client.ts";
import type { CalendlyWebhookSubscription } from "#server/providers/calendly/schema.ts";
import { lastSegment } from "#server/providers/calendly/uri.ts";
import { SUBSCRIBED_EVENTS } from "#server/providers/calendly/webhook-payload.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import type { OpenConnection } from "#server/reconcile/open-connection.ts";
import { type ConnectError, type ConnectFailure, connectError } from "./connect-error.ts";
import { decideConnectError } from "./decide-connect-error.ts";
import { eachPage } from "./read-calendly-account.ts";
import { expectProviderError } from "./verify-calendly-token.ts";
import { findFreeUrl, leadsTo, webhookUrl } from "./webhook-url.ts";

export type OpenCalendly = Extract<OpenConnection, { provider: "calendly" }>;
type SubscribeDeps = Pick<Deps, "db" | "clock" | "secrets" | "publicUrl">;

export type Subscription = {
  ok: true;
  webhook: { id: string; scope: Scope; createdAt: Date };
  /** Earlier subscriptions to the same place that Calendly would not delete: they are refused here once their key ends. */
  notRemoved: number;
};

export type SubscribeOptions = {
  takeOver: boolean;
  /** In the transaction that makes the new one ours: what must not be forgotten once the old one is. */
  onCreated?: (tx: Tx, now: Date) => Promise<void>;
};

type Scope = "organization" | "user";
type Existing = { scope: Scope; rows: CalendlyWebhookSubscription[]; taken: string[] };

/** Deliveries of the former subscription are repeated for a day, under its own key. */
const PREVIOUS_KEY_LIFE_MS = 25 * HOUR_MS;

/**
 * Creates a subscription under a signing key of our own (R34), organization-wide where the token may. With `takeOver`
 * it stands before earlier ones to the same place are removed, so that nothing is missed in between; without, an
 * earlier one is reported as `exists`, since its key is unknown and it cannot be adopted. The caller writes the state.
 */
export async function subscribeWebhook(
  deps: SubscribeDeps,
  open: OpenCalendly,
  { takeOver, onCreated }: SubscribeOptions,
): Promise<Subscription | ConnectFailure> {
  const { client, row } = open;
  const base = webhookUrl(deps.publicUrl, row.workspaceId);
  let existing: Existing;
  try {
    existing = await listExisting(client, row, base);
  } catch (error) {
    return { ok: false, error: decideConnectError(expectProviderError(error)) };
  }
  const [earlier] = existing.rows;
  if (earlier && !takeOver) {
    return { ok: false, error: connectError("calendly", "exists", { at: earlier.created_at ?? null }) };
  }

  const key = createToken(32);
  await beginKeyChange(deps, row, key);
  const created = await create(client, row, base, existing, key);
  if (!created.ok) {
    await undoKeyChange(deps, row);
    return created;
  }
  const now = deps.clock.now();
  const webhook = { id: lastSegment(created.row.uri), scope: existing.scope, createdAt: now };
  await runTransaction(deps.db, "keepWebhook", async (tx) => {
    const { count } = await tx.connection.updateMany({
      where: { id: row.id, state: { not: "off" } },
      data: {
        webhookId: webhook.id,
        webhookState: "active",
        webhookScope: webhook.scope,
        webhookCreatedAt: now,
        webhookCheckedAt: now,
        retryStartedAt: null,
        previousKeyUntil: addMs(now, PREVIOUS_KEY_LIFE_MS),
      },
    });
    if (count > 0) await onCreated?.(tx, now);
  });
  return { ok: true, webhook, notRemoved: await removeEarlier(client, row, existing.rows) };
}

async function listExisting(
  client: CalendlyClient,
  row: OpenCalendly["row"],
  base: string,
): Promise<Existing> {
  const organization = row.organizationId ?? "";
  const user = row.ownerId ?? "";
  const list = async (scope: Scope): Promise<Existing> => {
    const all: CalendlyWebhookSubscription[] = [];
    await eachPage(async (pageToken) => {
      const page = await client.listWebhooks({
        organization,
        scope,
        ...(scope === "user" ? { user } : {}),
        ...(pageToken ? { pageToken } : {}),
      });
      all.push(...page.webhooks);
      return page.nextPageToken;
    });
    const rows = all.filter((each) => leadsTo(base, each.callback_url));
    return { scope, rows, taken: rows.map((each) => each.callback_url) };
  };
  if (!row.fullScope) return await list("user");
  try {
    return await list("organization");
  } catch (error) {
    if (decideConnectError(expectProviderError(error)).code !== "role") throw error;
    return await list("user");
  }
}

async function create(
  client: CalendlyClient,
  row: OpenCalendly["row"],
  base: string,
  existing: Existing,
  signingKey: string,
): Promise<{ ok: true; row: CalendlyWebhookSubscription } | { ok: false; error: ConnectError }> {
  const { scope } = existing;
  const url = findFreeUrl(base, existing.taken);
  const input = {
    url,
    scope,
    organization: row.organizationId ?? "",
    ...(scope === "user" ? { user: row.ownerId ?? "" } : {}),
    signingKey,
    events: SUBSCRIBED_EVENTS,
  };
  try {
    return { ok: true, row: (await client.createWebhook(input)).webhook };
  } catch (error) {
    const refusal = expectProviderError(error);
    const made = await findMade(client, row, base, url, refusal);
    return made ? { ok: true, row: made } : { ok: false, error: decideConnectError(refusal) };
  }
}

/** The answer was lost, not the act: a subscription under an address that was free before carries our key. */
async function findMade(
  client: CalendlyClient,
  row: OpenCalendly["row"],
  base: string,
  url: string,
  refusal: ProviderError,
): Promise<CalendlyWebhookSubscription | null> {
  if (refusal.kind !== "unavailable" && refusal.kind !== "unexpected") return null;
  try {
    const { rows } = await listExisting(client, row, base);
    return rows.find((each) => each.callback_url === url) ?? null;
  } catch (error) {
    if (error instanceof ProviderError) return null;
    throw error;
  }
}

/**
 * The key is there before Calendly knows it, since the first delivery may overtake the answer. The former one has no
 * end until the change is complete: should this process die here, its subscription goes on being believed.
 */
async function beginKeyChange(deps: SubscribeDeps, row: OpenCalendly["row"], key: string): Promise<void> {
  const signingKeySealed = deps.secrets.seal(key);
  await runTransaction(deps.db, "beginKeyChange", async (tx) => {
    const { count } = await tx.connection.updateMany({
      where: { id: row.id, version: row.version, state: { not: "off" } },
      data: {
        signingKeySealed,
        previousSigningKeySealed: row.signingKeySealed ?? row.previousSigningKeySealed,
        previousKeyUntil: null,
        version: { increment: 1 },
      },
    });
    if (count === 0)
      throw conflict("connection_changed", "Somebody else changed this connection. Look again.");
  });
}

async function undoKeyChange(deps: SubscribeDeps, row: OpenCalendly["row"]): Promise<void> {
  const { signingKeySealed, previousSigningKeySealed, previousKeyUntil } = row;
  await deps.db.connection.updateMany({
    where: { id: row.id, version: row.version + 1 },
    data: { signingKeySealed, previousSigningKeySealed, previousKeyUntil },
  });
}

/** Our own former one goes too where it leads elsewhere, as after a change of the public address. */
async function removeEarlier(
  client: CalendlyClient,
  { webhookId }: OpenCalendly["row"],
  rows: CalendlyWebhookSubscription[],
): Promise<number> {
  const ids = new Set(rows.map((each) => lastSegment(each.uri)));
  if (webhookId) ids.add(webhookId);
  let notRemoved = 0;
  for (const id of ids) {
    try {
      await client.deleteWebhook(id);
    } catch (error) {
      if (expectProviderError(error).kind !== "not_found") notRemoved += 1;
    }
  }
  return notRemoved;
}
