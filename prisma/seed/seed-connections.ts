import { SYSTEM } from "#server/audit/actor.ts";
import { chooseEventTypes } from "#server/connections/choose-event-types.ts";
import { connectCalendly } from "#server/connections/connect-calendly.ts";
import { connectHighLevel } from "#server/connections/connect-highlevel.ts";
import { createWebhook } from "#server/connections/create-webhook.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { addDays, addMs, MINUTE_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { createLog } from "#server/lib/log.ts";
import { createProviderClients } from "#server/providers/provider-clients.ts";
import type { RateLimiter } from "#server/providers/rate-limiter.ts";
import { openConnection } from "#server/reconcile/open-connection.ts";
import { sweepConnection } from "#server/reconcile/sweep-connection.ts";
import { readWindowPage, saveWindowPage } from "#server/reconcile/window-pages.ts";
import { type AccountName, control } from "./sandbox-people.ts";
import type { SeedContext } from "./seed-context.ts";
import type { Place } from "./seed-workspaces.ts";

/** The sandbox's own accounts; its README lists these tokens. */
const ACCOUNTS: Record<
  AccountName,
  { calendly?: string; highlevel?: { token: string; locationId: string } }
> = {
  "calendly-only": { calendly: "sandbox-calendly-northwind-owner" },
  "highlevel-only": { highlevel: { token: "pit-sandbox-lumen", locationId: "lumenDentalGroup0001" } },
  both: {
    calendly: "sandbox-calendly-harbor-owner",
    highlevel: { token: "pit-sandbox-harbor", locationId: "harborLabsLocation01" },
  },
};

/** The first look at the world lies a little back, so that some tasks are overdue and what waits ten minutes has waited. */
const FIRST_LOOK_MS = 75 * MINUTE_MS;

/** Connects, sweeps, lets some meetings vanish, and sweeps again. */
export async function seedConnections(context: SeedContext): Promise<void> {
  await control(context.sandboxUrl, "POST", "/settings", { enforceLimits: false });
  const deps = withoutWaiting(context.deps);
  const ids: string[] = [];
  for (const place of context.places) {
    // A paused workspace is not swept behind our back while it is being filled.
    await setPaused(deps, place, true);
    const connected = await connect(deps, place);
    ids.push(...connected);
    for (const id of connected) await readHistoryQuietly(deps, id);
    await setPaused(deps, place, false);
    const earlier = { ...deps, clock: { now: () => addMs(context.deps.clock.now(), -FIRST_LOOK_MS) } };
    for (const connectionId of connected)
      await sweepConnection(earlier, { connectionId, tier: "warm", trigger: "startup" });
  }
  await letHighLevelFail(context, deps);
  await control(context.sandboxUrl, "POST", "/people/vanish", { story: "deleted" });
  for (const connectionId of ids)
    await sweepConnection(deps, { connectionId, tier: "warm", trigger: "startup" });
  await control(context.sandboxUrl, "POST", "/settings", { enforceLimits: true });
}

/** Lumen's feed is down for a moment: what is claimed around it may have gone by unseen (R24). */
async function letHighLevelFail({ sandboxUrl, places }: SeedContext, deps: Deps): Promise<void> {
  const lumen = places.find((place) => place.account === "highlevel-only");
  const connection = await deps.db.connection.findFirst({
    where: { workspaceId: lumen?.workspaceId ?? "", state: { not: "off" } },
  });
  if (!connection) return;
  const outage = {
    provider: "highlevel",
    kind: "status",
    status: 401,
    match: { token: "pit-sandbox-lumen" },
  };
  const { id } = await control<{ id: string }>(sandboxUrl, "POST", "/faults", outage);
  for (let at = 0; at < 2; at++) {
    const sweep = sweepConnection(deps, { connectionId: connection.id, tier: "hot", trigger: "startup" });
    await sweep.catch(() => undefined);
  }
  await control(sandboxUrl, "DELETE", `/faults/${id}`);
}

async function connect(deps: Deps, { account, workspaceId }: Place): Promise<string[]> {
  const { calendly, highlevel } = ACCOUNTS[account];
  const known = await deps.db.connection.findMany({ where: { workspaceId, state: { not: "off" } } });
  const ids: string[] = known.map(({ id }) => id);
  const has = (provider: string) => known.some((c) => c.provider === provider);
  if (calendly && !has("calendly")) {
    const result = await connectCalendly(deps, SYSTEM, { workspaceId, token: calendly });
    if (!result.ok) throw new Error(`The demo's Calendly token was refused: ${result.error.code}.`);
    const { connectionId } = result;
    const types = await deps.db.connectionEventType.findMany({ where: { connectionId } });
    const selected = types.map(({ providerId }) => providerId);
    await chooseEventTypes(deps, SYSTEM, { workspaceId, connectionId, selected, includeNew: true });
    await createWebhook(deps, SYSTEM, { workspaceId, connectionId, takeOver: true });
    ids.push(connectionId);
  }
  if (highlevel && !has("highlevel")) {
    const result = await connectHighLevel(deps, SYSTEM, { workspaceId, ...highlevel });
    if (!result.ok) throw new Error(`The demo's HighLevel token was refused: ${result.error.code}.`);
    ids.push(result.connectionId);
  }
  return ids;
}

/** Old history as evidence only: statuses that were set long ago stay and contradict it. */
async function readHistoryQuietly(deps: Deps, connectionId: string): Promise<void> {
  const open = await openConnection(deps, connectionId, { priority: "reconcile" });
  const today = startOfUtcDay(deps.clock.now());
  const window = { from: addDays(today, -90), to: addDays(today, -25) };
  let cursor: string | null = null;
  do {
    const page = await readWindowPage(deps, open, window, cursor);
    await runTransaction(deps.db, "seed history", (tx) =>
      saveWindowPage(tx, open, page, {
        source: "backfill",
        reason: "history",
        now: deps.clock.now(),
        skipSideEffects: true,
      }),
    );
    cursor = page.nextCursor;
  } while (cursor !== null);
}

function setPaused({ db }: Deps, { workspaceId }: Place, paused: boolean) {
  return db.workspace.update({ where: { id: workspaceId }, data: { paused } });
}

/** The sandbox is ours and its limits are off for the moment: filling a demo need not take minutes. */
function withoutWaiting(deps: Deps): Deps {
  const limiter: RateLimiter = {
    acquire: async () => {},
    learn: async () => {},
    coolDown: async () => {},
    state: async () => {
      throw new Error("The seed keeps no rate budget.");
    },
  };
  const queue: Deps["queue"] = {
    ...deps.queue,
    // The seed sweeps by itself, one connection after the other.
    send: async (name, data, options) =>
      name === "sweep" ? undefined : deps.queue.send(name, data, options),
  };
  return {
    ...deps,
    queue,
    log: createLog("silent"),
    providers: createProviderClients({ config: deps.config, clock: deps.clock, limiter }),
  };
}
