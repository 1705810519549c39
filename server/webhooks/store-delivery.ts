import type { Tx } from "#server/db/client.ts";
import type { Provider } from "#server/db/generated/enums.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { addMs, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { openIncident } from "#server/reconcile/incidents.ts";
import type { DeliveryDecision, RefusalReason } from "./decide-delivery.ts";
import type { ReceivedBody } from "./received-body.ts";

export type ReceivingConnection = { id: string; workspaceId: string; provider: Provider };

type StoreDeps = Pick<Deps, "db" | "queue" | "secrets">;
type StoredBody = ReceivedBody & {
  rawBody: Buffer;
  keyIndex: number | null;
  signedAt: Date | null;
  /**
   * For bodies without a date or an id of their own, where the same words may be news again: a repeat counts as work
   * once more when the former one was worked on before this moment. Null where a repeat is only ever a repeat.
   */
  repeatAfter: Date | null;
};
type StoredDecision = Exclude<DeliveryDecision, { outcome: "refuse" }>;

/**
 * The row and the job that will work on it, or neither. A repeat finds its row by the unique key, raises the counter,
 * and puts the work in line again only where it is still undone.
 */
export async function storeDelivery(
  { db, queue, secrets }: StoreDeps,
  connection: ReceivingConnection,
  decision: StoredDecision,
  body: StoredBody,
  now: Date,
): Promise<void> {
  const isWork = decision.outcome === "accept";
  const result = isWork ? "accepted" : decision.result;
  const reason = isWork ? (decision.isLate ? "late" : null) : decision.reason;
  // Nothing is sealed inside the transaction: it is only as long as its statements.
  const bodySealed = secrets.seal(body.rawBody.toString("utf8"));
  await runTransaction(db, "storeDelivery", async (tx) => {
    const [row] = await tx.$queryRaw<{ id: string; isOpen: boolean }[]>`
      INSERT INTO "WebhookDelivery" ("workspaceId", "connectionId", provider, "eventType", "dedupeKey", "bodySealed",
        "bodyHash", "bodyBytes", headers, result, "resultReason", "keyIndex", "signedAt", "receivedAt")
      VALUES (${connection.workspaceId}::uuid, ${connection.id}::uuid, ${connection.provider}::"Provider", ${decision.eventType},
        ${decision.dedupeKey}, ${bodySealed}, ${body.hash}, ${body.bytes}, ${JSON.stringify(body.headers)}::jsonb, ${result}::"DeliveryResult", ${reason},
        ${body.keyIndex}, ${body.signedAt}::timestamptz, ${now}::timestamptz)
      ON CONFLICT ("workspaceId", "dedupeKey") DO UPDATE SET duplicates = "WebhookDelivery".duplicates + 1
      RETURNING id, (result = 'accepted' AND "processedAt" IS NULL) AS "isOpen"`;
    if (!row || !isWork) return;
    const { repeatAfter } = body;
    if (!row.isOpen && !(repeatAfter && (await reopen(tx, row.id, repeatAfter)))) return;
    await queue.send(
      "process-delivery",
      { deliveryId: row.id },
      { key: `${connection.id}:${decision.subject}`, tx },
    );
  });
}

async function reopen(tx: Tx, id: string, workedOnBefore: Date): Promise<boolean> {
  const { count } = await tx.webhookDelivery.updateMany({
    where: { id, processedAt: { lt: workedOnBefore } },
    data: { result: "accepted", resultReason: null, processedAt: null, tries: 0 },
  });
  return count > 0;
}

/** A stranger may knock as often as he likes; only so many knocks of a minute are written down. */
const STORED_REFUSALS_PER_MINUTE = 20;
/** This many within an hour are no accident: the key differs, or somebody tries. */
const RISE = 3;

/** Remembers that something was refused, by a few headers, hash and size; its words are nobody's and are not kept. */
export async function storeRefusal(
  { db }: Pick<Deps, "db">,
  connection: ReceivingConnection,
  reason: RefusalReason,
  body: ReceivedBody,
  now: Date,
): Promise<void> {
  await runTransaction(db, "storeRefusal", async (tx) => {
    const [recent] = await tx.$queryRaw<{ minute: number; hour: number; since: Date | null }[]>`
      SELECT count(*) FILTER (WHERE "receivedAt" > ${addMs(now, -MINUTE_MS)}::timestamptz)::int AS minute,
             count(*)::int AS hour, min("receivedAt") AS since
      FROM "WebhookDelivery"
      WHERE "connectionId" = ${connection.id}::uuid AND result = 'refused'
        AND "receivedAt" > ${addMs(now, -HOUR_MS)}::timestamptz`;
    if (!recent || recent.minute >= STORED_REFUSALS_PER_MINUTE) return;
    await tx.$executeRaw`
      INSERT INTO "WebhookDelivery" ("workspaceId", "connectionId", provider, "bodyHash", "bodyBytes", headers, result,
        "resultReason", "receivedAt", "processedAt")
      VALUES (${connection.workspaceId}::uuid, ${connection.id}::uuid, ${connection.provider}::"Provider", ${body.hash}, ${body.bytes},
        ${JSON.stringify(body.headers)}::jsonb, 'refused', ${reason}, ${now}::timestamptz, ${now}::timestamptz)`;
    if (recent.hour + 1 < RISE) return;
    await openIncident(tx, now, {
      workspaceId: connection.workspaceId,
      connectionId: connection.id,
      kind: "refused_deliveries",
      subject: connection.id,
      cause: reason,
      action: decideRepair(connection.provider, reason),
      details: { refused: recent.hour + 1, since: (recent.since ?? now).toISOString() },
    });
  });
}

/** What ends the refusals if they are the provider's own: a new key of ours, or HighLevel's new one in our settings. */
function decideRepair(provider: Provider, reason: RefusalReason): "rotate_key" | "check_public_key" {
  const isWorkflow = reason === "wrong_secret" || reason === "no_secret" || reason === "foreign_location";
  return provider === "highlevel" && !isWorkflow ? "check_public_key" : "rotate_key";
}
