import type { Actor } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import type { WebhookDelivery } from "#server/db/generated/client.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { AppError, conflict, notFound } from "#server/lib/errors.ts";
import { parseDelivery } from "#server/providers/calendly/webhook-payload.ts";
import {
  parseMarketplaceDelivery,
  parseWorkflowDelivery,
  WORKFLOW_EVENT,
} from "#server/providers/highlevel/webhook-payload.ts";
import { subjectOfKey } from "./delivery-subject.ts";

/** Puts a stored delivery in line again: the booking is read anew, so it is safe however often it is done. */
export async function reprocessDelivery(
  { db, clock, queue, secrets }: Pick<Deps, "db" | "clock" | "queue" | "secrets">,
  actor: Actor,
  { workspaceId, deliveryId }: { workspaceId: string; deliveryId: string },
): Promise<void> {
  const row = await db.webhookDelivery.findFirst({ where: { id: deliveryId, workspaceId } });
  if (!row) throw notFound("Delivery");
  const { connectionId, dedupeKey } = row;
  if (!connectionId || !dedupeKey || !isAboutBooking(row, row.bodySealed && secrets.open(row.bodySealed))) {
    throw new AppError("nothing_to_reprocess", "This delivery names no booking that could be read again.");
  }
  const connection = await db.connection.findUnique({ where: { id: connectionId }, select: { state: true } });
  if (connection?.state === "off") throw conflict("connection_off", "This connection is off.");
  const now = clock.now();
  await runTransaction(db, "reprocessDelivery", async (tx) => {
    await tx.webhookDelivery.updateMany({
      where: { id: row.id },
      data: {
        result: "accepted",
        resultReason: row.resultReason === "late" ? "late" : null,
        processedAt: null,
        tries: 0,
      },
    });
    await queue.send(
      "process-delivery",
      { deliveryId: row.id },
      { key: `${connectionId}:${subjectOfKey(dedupeKey)}`, tx },
    );
    await writeAudit(tx, actor, now, [
      {
        workspaceId,
        verb: "delivery_reprocessed",
        subjectType: "connection",
        subjectId: connectionId,
        leadId: row.leadId,
        source: "operator",
      },
    ]);
    await publish(tx, now, [{ workspaceId, kind: "connection", ids: [connectionId] }]);
  });
}

function isAboutBooking({ provider, eventType }: WebhookDelivery, text: string | null): boolean {
  if (text === null) return false;
  try {
    const body: unknown = JSON.parse(text);
    if (provider === "calendly") return parseDelivery(body).kind === "invitee";
    if (eventType === WORKFLOW_EVENT) return parseWorkflowDelivery(body)?.appointmentId != null;
    const about = parseMarketplaceDelivery(body)?.about.kind;
    return about === "appointment" || about === "contact";
  } catch {
    return false;
  }
}
