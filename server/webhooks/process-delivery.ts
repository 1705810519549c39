import { subjectOfKey } from "#server/connections/delivery-subject.ts";
import { settleEvent } from "#server/connections/settle-event.ts";
import type { Connection, WebhookDelivery } from "#server/db/generated/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { lastSegment } from "#server/providers/calendly/uri.ts";
import {
  type CalendlyDelivery,
  mapDelivery,
  parseDelivery,
} from "#server/providers/calendly/webhook-payload.ts";
import { reconcileAppointment } from "#server/reconcile/reconcile-appointment.ts";

/** After this many tries it waits for a person; the sweeps find what it was about. */
const MAX_TRIES = 7;

type ProcessDeps = Pick<Deps, "db" | "clock" | "secrets" | "providers">;

type InviteeDelivery = Extract<CalendlyDelivery, { kind: "invitee" }>;
type Reconciled = { leadId: string | null; appointmentId: string | null };

/**
 * Works on one person's deliveries: reads the present state of the booking at the provider and sends it down the one
 * road, once for all that wait. The newest signed snapshot goes along for the case that the provider cannot answer;
 * a late one never does, since it is not the present. Throws for the queue to try again.
 */
export async function processDelivery(
  deps: ProcessDeps,
  { deliveryId }: { deliveryId: string },
  signal?: AbortSignal,
): Promise<void> {
  const startedAt = performance.now(); // a stopwatch, not a time
  const group = await loadGroup(deps, deliveryId);
  const newest = group.at(-1);
  const { connectionId } = newest ?? {};
  if (!newest || !connectionId) return;
  const connection = await deps.db.connection.findUnique({ where: { id: connectionId } });
  const ids = group.map(({ id }) => id);
  if (connection === null || connection.state === "off") {
    await finish(deps, newest, ids, { result: "ignored", resultReason: "connection_off" });
    return;
  }
  const { delivery, isLate } = openNewest(deps, group);
  if (!delivery) {
    await finish(deps, newest, ids, { result: "failed", resultReason: "unreadable" });
    return;
  }

  if (await isLeftOut(deps, connection, delivery)) {
    await finish(deps, newest, ids, { result: "ignored", resultReason: "event_type_off" });
    return;
  }

  signal?.throwIfAborted();
  let outcome: Reconciled;
  try {
    outcome = await reconcileAppointment(
      deps,
      {
        connectionId,
        providerId: lastSegment(delivery.invitee.uri),
        eventId: lastSegment(delivery.scheduledEvent.uri),
        source: "webhook",
        reason: delivery.event,
        ...(isLate ? {} : { snapshot: mapDelivery(delivery) }),
      },
      signal,
    );
  } catch (error) {
    await countFailure(deps, newest, ids);
    throw error;
  }
  const tookMs = Math.round(performance.now() - startedAt);
  const { leadId, appointmentId } = outcome;
  await finish(deps, newest, ids, { leadId, appointmentId, tookMs, resultReason: isLate ? "late" : null });
}

/** Everything of this person that waits, oldest first: the queue holds one place for all of it. */
async function loadGroup({ db }: ProcessDeps, deliveryId: string): Promise<WebhookDelivery[]> {
  const asked = await db.webhookDelivery.findUnique({ where: { id: deliveryId } });
  if (!asked?.dedupeKey || !asked.connectionId) return [];
  const subject = subjectOfKey(asked.dedupeKey);
  const waiting = await db.webhookDelivery.findMany({
    where: {
      connectionId: asked.connectionId,
      result: "accepted",
      processedAt: null,
      dedupeKey: { contains: `:${subject}:` },
    },
    orderBy: [{ signedAt: "asc" }, { receivedAt: "asc" }],
  });
  return waiting.filter(({ dedupeKey }) => dedupeKey !== null && subjectOfKey(dedupeKey) === subject);
}

/** R10, strict: a booking on an event type that was not chosen is nobody's evidence, unless it is known already. */
async function isLeftOut(
  { db }: ProcessDeps,
  connection: Connection,
  { scheduledEvent, invitee }: InviteeDelivery,
): Promise<boolean> {
  if (connection.eventTypesChosenAt === null || !scheduledEvent.event_type) return false;
  const { workspaceId, id } = connection;
  const providerId = lastSegment(scheduledEvent.event_type);
  const [workspace, chosen, known] = await Promise.all([
    db.workspace.findUniqueOrThrow({ where: { id: workspaceId }, select: { strictEventTypes: true } }),
    db.connectionEventType.count({ where: { connectionId: id, providerId, selected: true } }),
    db.appointment.count({
      where: { workspaceId, provider: "calendly", providerId: lastSegment(invitee.uri) },
    }),
  ]);
  return workspace.strictEventTypes && chosen === 0 && known === 0;
}

/** The snapshot that was taken last, by Calendly's own time: deliveries may arrive in any order. */
function openNewest(deps: ProcessDeps, group: WebhookDelivery[]) {
  const opened = group.flatMap((row) => {
    if (row.bodySealed === null) return [];
    const delivery = parseDelivery(JSON.parse(deps.secrets.open(row.bodySealed)));
    return delivery.kind === "invitee" ? [{ delivery, isLate: row.resultReason === "late" }] : [];
  });
  opened.sort((a, b) => a.delivery.createdAt.getTime() - b.delivery.createdAt.getTime());
  return opened.at(-1) ?? { delivery: null, isLate: false };
}

type Ending = Partial<
  Pick<WebhookDelivery, "result" | "resultReason" | "leadId" | "appointmentId" | "tookMs">
>;

async function finish(
  deps: ProcessDeps,
  newest: WebhookDelivery,
  ids: string[],
  ending: Ending,
): Promise<void> {
  const now = deps.clock.now();
  await runTransaction(deps.db, "finishDelivery", async (tx) => {
    await tx.webhookDelivery.updateMany({
      where: { id: { in: ids } },
      data: { ...ending, processedAt: now, tries: { increment: 1 } },
    });
    if (newest.connectionId) await settleEvent(tx, newest.connectionId, newest.receivedAt, now);
  });
}

/** The last try leaves it to a person: shown as failed, with the button that starts it again. */
async function countFailure(deps: ProcessDeps, newest: WebhookDelivery, ids: string[]): Promise<void> {
  const isLast = newest.tries + 1 >= MAX_TRIES;
  await deps.db.webhookDelivery.updateMany({
    where: { id: { in: ids } },
    data: {
      tries: { increment: 1 },
      ...(isLast
        ? { result: "failed", resultReason: "provider_unavailable", processedAt: deps.clock.now() }
        : {}),
    },
  });
}
