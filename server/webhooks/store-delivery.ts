import { Prisma } from "#server/db/generated/client.ts";
import type { Provider } from "#server/db/generated/enums.ts";
import { insertJob } from "#server/db/insert-job.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { addMs, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { openIncident } from "#server/reconcile/incidents.ts";
import type { DeliveryDecision, RefusalReason } from "./decide-delivery.ts";
import type { ReceivedBody } from "./received-body.ts";

export type ReceivingConnection = { id: string; workspaceId: string; provider: Provider };

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
 * The row and the job that will work on it, or neither: one statement, since a provider waits for it. A repeat finds its
 * row by the unique key, raises the counter, and puts the work in line again only where it is still undone.
 */
export async function storeDelivery(
  { db, secrets }: Pick<Deps, "db" | "secrets">,
  connection: ReceivingConnection,
  decision: StoredDecision,
  body: StoredBody,
  now: Date,
): Promise<void> {
  const isWork = decision.outcome === "accept";
  const result = isWork ? "accepted" : decision.result;
  const reason = isWork ? (decision.isLate ? "late" : null) : decision.reason;
  const bodySealed = secrets.seal(body.rawBody.toString("utf8"));
  const isNews = Prisma.sql`d."processedAt" < ${isWork ? body.repeatAfter : null}::timestamptz`;
  const job = insertJob(
    "process-delivery",
    isWork ? `${connection.id}:${decision.subject}` : "",
    Prisma.sql`jsonb_build_object('deliveryId', delivery.id)`,
    Prisma.sql`(SELECT id FROM delivery WHERE "isOpen") delivery`,
  );
  await db.$executeRaw`
    WITH delivery AS (
      INSERT INTO "WebhookDelivery" AS d ("workspaceId", "connectionId", provider, "eventType", "dedupeKey", "bodySealed",
        "bodyHash", "bodyBytes", headers, result, "resultReason", "keyIndex", "signedAt", "receivedAt")
      VALUES (${connection.workspaceId}::uuid, ${connection.id}::uuid, ${connection.provider}::"Provider", ${decision.eventType},
        ${decision.dedupeKey}, ${bodySealed}, ${body.hash}, ${body.bytes}, ${JSON.stringify(body.headers)}::jsonb,
        ${result}::"DeliveryResult", ${reason}, ${body.keyIndex}, ${body.signedAt}::timestamptz, ${now}::timestamptz)
      ON CONFLICT ("workspaceId", "dedupeKey") DO UPDATE SET
        duplicates = d.duplicates + 1,
        result = CASE WHEN ${isNews} THEN 'accepted' ELSE d.result END,
        "resultReason" = CASE WHEN ${isNews} THEN NULL ELSE d."resultReason" END,
        tries = CASE WHEN ${isNews} THEN 0 ELSE d.tries END,
        "processedAt" = CASE WHEN ${isNews} THEN NULL ELSE d."processedAt" END
      RETURNING id, (${isWork} AND result = 'accepted' AND "processedAt" IS NULL) AS "isOpen"
    ), job AS (${job})
    SELECT count(*) FROM job`;
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
