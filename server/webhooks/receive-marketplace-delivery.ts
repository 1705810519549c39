import type { KeyObject } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Deps } from "#server/deps.ts";
import { verifyHighLevelSignature } from "#server/providers/highlevel/signature.ts";
import { parseMarketplaceDelivery } from "#server/providers/highlevel/webhook-payload.ts";
import type { RefusalReason } from "./decide-delivery.ts";
import { decideMarketplaceDelivery } from "./decide-marketplace-delivery.ts";
import { describeBody, orUnavailable, parseJson } from "./received-body.ts";
import type { RefusalLog } from "./refusal-log.ts";
import { type ReceivingConnection, storeDelivery, storeRefusal } from "./store-delivery.ts";

type MarketplaceDeps = Pick<Deps, "db" | "clock" | "log" | "secrets">;

type ReceivedRequest = { signature: string | undefined; headers: IncomingHttpHeaders; rawBody: Buffer };

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
 * to no workspace, so it is written to the server's log alone. So is a refused one, unless it claims to be from a
 * connected location: should HighLevel's key have changed, that connection is where it is noticed.
 */
export async function receiveMarketplaceDelivery(
  deps: MarketplaceDeps,
  { keys, logRefusal }: MarketplaceDoor,
  { signature, headers, rawBody }: ReceivedRequest,
): Promise<"stored" | "ignored" | "refused"> {
  const { clock, log } = deps;
  const now = clock.now();
  const body = describeBody(rawBody, headers);
  const verdict = verifyHighLevelSignature({ header: signature, rawBody, keys });
  // Of a refused one, nothing but the location that it claims is read.
  const delivery = parseMarketplaceDelivery(parseJson(rawBody));
  const connections = await orUnavailable(TRY_AGAIN, () => findConnections(deps, delivery?.locationId));
  const refuse = async (reason: RefusalReason): Promise<"refused"> => {
    logRefusal(reason);
    for (const connection of connections) {
      await orUnavailable(TRY_AGAIN, () => storeRefusal(deps, connection, reason, body, now));
    }
    return "refused";
  };
  if (verdict.verdict === "refused") return refuse(verdict.reason);
  const decision = delivery && decideMarketplaceDelivery(delivery, body.hash, now);
  if (decision?.outcome === "refuse") return refuse(decision.reason);
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
