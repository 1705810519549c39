import type { Tx } from "#server/db/client.ts";
import type { Connection, WebhookDelivery } from "#server/db/generated/client.ts";
import type { Deps } from "#server/deps.ts";
import { notFound } from "#server/lib/errors.ts";
import type { InTurn } from "#server/lib/turns.ts";

export type ProcessDeps = Pick<Deps, "db" | "clock" | "secrets" | "providers"> & {
  /** How what was read is written, where deliveries are worked on beside each other. */
  inTurn?: InTurn;
};

export type WaitingDelivery = Pick<
  WebhookDelivery,
  "id" | "eventType" | "bodySealed" | "resultReason" | "receivedAt" | "tries"
>;

/** Deliveries about one subject that wait, oldest first; never empty. */
export type DeliveryGroup = {
  connection: Pick<Connection, "id" | "workspaceId" | "provider" | "timezone" | "eventTypesChosenAt">;
  rows: WaitingDelivery[];
};

/** What became of them; without a result they stay accepted. */
export type Ending = Partial<
  Pick<WebhookDelivery, "result" | "resultReason" | "leadId" | "appointmentId" | "tookMs">
>;

/** Writes the ending in the transaction that wrote the evidence: both happened, or neither. */
export type FinishGroup = (tx: Tx, ending: Ending) => Promise<void>;

/** What is left of them to read, with the row that it belongs to. */
export function openBodies(
  { secrets }: Pick<Deps, "secrets">,
  rows: WaitingDelivery[],
): { row: WaitingDelivery; body: unknown }[] {
  return rows.flatMap((row) =>
    row.bodySealed === null ? [] : [{ row, body: JSON.parse(secrets.open(row.bodySealed)) as unknown }],
  );
}

/** With the growing pauses between tries, some ten seconds. */
const TRIES_TO_APPEAR = 3;

/**
 * What a signed delivery names and neither we nor the provider know. A booking just made may not be readable by its id
 * yet, so it is asked for again; one that stays away has come and gone, and its delivery is kept with that reason.
 */
export function endOrphan(rows: WaitingDelivery[]): Ending {
  if (rows.some(({ tries }) => tries < TRIES_TO_APPEAR)) throw notFound("Booking");
  return { result: "ignored", resultReason: "not_known" };
}
