import { settleEvent } from "#server/connections/settle-event.ts";
import type { Tx } from "#server/db/client.ts";
import type { ConnectionState, Provider } from "#server/db/generated/enums.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { AppError } from "#server/lib/errors.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import type { DeliveryGroup, Ending, FinishGroup, ProcessDeps, WaitingDelivery } from "./delivery-group.ts";
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
  const loaded = await loadGroup(deps, deliveryId);
  if (!loaded) return;
  const { group, isOff } = loaded;
  const finish: FinishGroup = (tx, ending) =>
    finishGroup(
      tx,
      group,
      { tookMs: Math.round(performance.now() - startedAt), ...ending },
      deps.clock.now(),
    );
  let ending: Ending | null;
  try {
    if (isOff) ending = { result: "ignored", resultReason: "connection_off", tookMs: null };
    else {
      const process = group.connection.provider === "calendly" ? processCalendlyGroup : processHighLevelGroup;
      ending = await process(deps, group, finish, signal);
    }
  } catch (error) {
    // A process that stops gives the work back: that is no try.
    if (!signal?.aborted) await countFailure(deps, group.rows, reasonOf(error));
    throw error;
  }
  if (ending === null) return;
  const unwritten = ending;
  await runTransaction(deps.db, "finishDelivery", (tx) => finish(tx, unwritten));
}

/** `not_stored`: the provider answered, and what it said could not be written down here. */
function reasonOf(error: unknown): "not_found" | "provider_unavailable" | "not_stored" {
  if (error instanceof ProviderError) return "provider_unavailable";
  return error instanceof AppError && error.code === "not_found" ? "not_found" : "not_stored";
}

type GroupRow = WaitingDelivery & {
  connectionId: string;
  workspaceId: string;
  provider: Provider;
  state: ConnectionState;
  timezone: string | null;
  eventTypesChosenAt: Date | null;
};

/**
 * Everything of this subject that waits, oldest first: the queue holds one place for all of it. By an index of what waits,
 * since a connection keeps thirty days of deliveries.
 */
async function loadGroup(
  { db }: ProcessDeps,
  deliveryId: string,
): Promise<{ group: DeliveryGroup; isOff: boolean } | null> {
  const rows = await db.$queryRaw<GroupRow[]>`
    SELECT d.id, d."eventType", d."bodySealed", d."resultReason", d."receivedAt", d.tries, c.id AS "connectionId",
           c."workspaceId", c.provider, c.state, c.timezone, c."eventTypesChosenAt"
    FROM "WebhookDelivery" asked
    JOIN "WebhookDelivery" d ON d."connectionId" = asked."connectionId"
      AND split_part(d."dedupeKey", ':', 2) = split_part(asked."dedupeKey", ':', 2)
      AND d."processedAt" IS NULL AND d.result = 'accepted'
    JOIN "Connection" c ON c.id = d."connectionId"
    WHERE asked.id = ${deliveryId}::uuid
    ORDER BY d."signedAt", d."receivedAt"`;
  const [first] = rows;
  if (!first) return null;
  const { connectionId, workspaceId, provider, state, timezone, eventTypesChosenAt } = first;
  const connection = { id: connectionId, workspaceId, provider, timezone, eventTypesChosenAt };
  return { group: { connection, rows }, isOff: state === "off" };
}

async function finishGroup(
  tx: Tx,
  { connection, rows }: DeliveryGroup,
  ending: Ending,
  now: Date,
): Promise<void> {
  await tx.webhookDelivery.updateMany({
    where: { id: { in: idsOf(rows) } },
    data: { ...ending, processedAt: now, tries: { increment: 1 } },
  });
  const newest = rows.at(-1);
  if (newest) await settleEvent(tx, connection.id, newest.receivedAt, now);
}

/** The last try leaves it to a person: shown as failed, with the button that starts it again. */
async function countFailure(deps: ProcessDeps, rows: WaitingDelivery[], reason: string): Promise<void> {
  const isLast = (rows.at(-1)?.tries ?? 0) + 1 >= MAX_TRIES;
  await deps.db.webhookDelivery.updateMany({
    where: { id: { in: idsOf(rows) } },
    data: {
      tries: { increment: 1 },
      ...(isLast ? { result: "failed", resultReason: reason, processedAt: deps.clock.now() } : {}),
    },
  });
}

function idsOf(rows: WaitingDelivery[]): string[] {
  return rows.map(({ id }) => id);
}
