import type { KeyObject } from "node:crypto";
import type { Deps } from "#server/deps.ts";
import { verifyHighLevelSignature } from "#server/providers/highlevel/signature.ts";
import { parseMarketplaceDelivery } from "#server/providers/highlevel/webhook-payload.ts";
import { decideMarketplaceDelivery } from "./decide-marketplace-delivery.ts";
import { describeBody, orUnavailable, parseJson } from "./received-body.ts";
import type { RefusalLog } from "./refusal-log.ts";
import { type ReceivingConnection, storeDelivery } from "./store-delivery.ts";

type MarketplaceDeps = Pick<Deps, "db" | "clock" | "log" | "queue" | "secrets">;

type ReceivedRequest = { signature: string | undefined; rawBody: Buffer };

export type MarketplaceDoor = {
  /** What deliveries may be signed with; without one, none is believed. */
  keys: readonly KeyObject[];
  logRefusal: RefusalLog;
};

/** HighLevel repeats after any answer but 2xx today, and after this one alone by its older guidance. */
const TRY_AGAIN = 429;

/**
 * The one address of a marketplace app, for every workspace: verified first, then stored for each workspace that is
 * connected to the location it names, and for no other. `ignored`: genuine, and for nobody here. Such a delivery belongs
 * to no workspace, so it is written to the server's log alone, as refused ones are.
 */
export async function receiveMarketplaceDelivery(
  deps: MarketplaceDeps,
  { keys, logRefusal }: MarketplaceDoor,
  { signature, rawBody }: ReceivedRequest,
): Promise<"stored" | "ignored" | "refused"> {
  const { clock, log } = deps;
  const now = clock.now();
  const body = describeBody(rawBody);
  const verdict = verifyHighLevelSignature({ header: signature, rawBody, keys });
  if (verdict.verdict === "refused") {
    logRefusal(verdict.reason);
    return "refused";
  }
  const delivery = parseMarketplaceDelivery(parseJson(rawBody));
  const decision = delivery && decideMarketplaceDelivery(delivery, body.hash, now);
  if (decision?.outcome === "refuse") {
    logRefusal(decision.reason);
    return "refused";
  }
  const connections = await orUnavailable(TRY_AGAIN, () => findConnections(deps, delivery?.locationId));
  if (!delivery || !decision || connections.length === 0) {
    const { type = null, locationId = null } = delivery ?? {};
    log.info({ type, locationId, bytes: body.bytes }, "highlevel delivery is for no connected location");
    return "ignored";
  }
  const { keyIndex } = verdict;
  // One after the other, each whole: a repeat after a failure in between finds the first ones stored.
  for (const connection of connections) {
    await orUnavailable(TRY_AGAIN, () =>
      storeDelivery(
        deps,
        connection,
        decision,
        { ...body, rawBody, keyIndex, signedAt: delivery.sentAt, repeatAfter: null },
        now,
      ),
    );
  }
  return "stored";
}

async function findConnections(
  { db }: MarketplaceDeps,
  locationId: string | null | undefined,
): Promise<ReceivingConnection[]> {
  if (!locationId) return [];
  return db.connection.findMany({
    where: { provider: "highlevel", locationId, state: { not: "off" } },
    select: { id: true, workspaceId: true, provider: true },
    orderBy: { id: "asc" },
  });
}
