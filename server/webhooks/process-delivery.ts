import { subjectOfKey } from "#server/connections/delivery-subject.ts";
import { settleEvent } from "#server/connections/settle-event.ts";
import type { WebhookDelivery } from "#server/db/generated/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { AppError } from "#server/lib/errors.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import type { DeliveryGroup, Ending, ProcessDeps } from "./delivery-group.ts";
import { processCalendlyGroup } from "./process-calendly-group.ts";
import { processHighLevelGroup } from "./process-highlevel-group.ts";

/** After this many tries it waits for a person; the sweeps find what it was about. */
const MAX_TRIES = 7;

/**
 * Works on one subject's deliveries: reads its present state at the provider and sends it down the one road, once for
 * all that wait. Throws for the queue to try again.
 */
export async function processDelivery(
  deps: ProcessDeps,
  { deliveryId }: { deliveryId: string },
  signal?: AbortSignal,
): Promise<void> {
  const startedAt = performance.now(); // a stopwatch, not a time
  const rows = await loadGroup(deps, deliveryId);
  const newest = rows.at(-1);
  const { connectionId } = newest ?? {};
  if (!newest || !connectionId) return;
  const connection = await deps.db.connection.findUnique({ where: { id: connectionId } });
  const ids = rows.map(({ id }) => id);
  if (connection === null || connection.state === "off") {
    await finish(deps, newest, ids, { result: "ignored", resultReason: "connection_off" });
    return;
  }
  const group: DeliveryGroup = { connection, rows };
  let ending: Ending;
  try {
    ending =
      connection.provider === "calendly"
        ? await processCalendlyGroup(deps, group, signal)
        : await processHighLevelGroup(deps, group, signal);
  } catch (error) {
    // A process that stops gives the work back: that is no try.
    if (!signal?.aborted) await countFailure(deps, newest, ids, reasonOf(error));
    throw error;
  }
  await finish(deps, newest, ids, { tookMs: Math.round(performance.now() - startedAt), ...ending });
}

/** `not_stored`: the provider answered, and what it said could not be written down here. */
function reasonOf(error: unknown): "not_found" | "provider_unavailable" | "not_stored" {
  if (error instanceof ProviderError) return "provider_unavailable";
  return error instanceof AppError && error.code === "not_found" ? "not_found" : "not_stored";
}

/** Everything of this subject that waits, oldest first: the queue holds one place for all of it. */
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
async function countFailure(
  deps: ProcessDeps,
  newest: WebhookDelivery,
  ids: string[],
  reason: string,
): Promise<void> {
  const isLast = newest.tries + 1 >= MAX_TRIES;
  await deps.db.webhookDelivery.updateMany({
    where: { id: { in: ids } },
    data: {
      tries: { increment: 1 },
      ...(isLast ? { result: "failed", resultReason: reason, processedAt: deps.clock.now() } : {}),
    },
  });
}
