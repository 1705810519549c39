import type { Connection, WebhookDelivery } from "#server/db/generated/client.ts";
import type { Deps } from "#server/deps.ts";

export type ProcessDeps = Pick<Deps, "db" | "clock" | "secrets" | "providers">;

/** Deliveries about one subject that wait, oldest first; never empty. */
export type DeliveryGroup = { connection: Connection; rows: WebhookDelivery[] };

/** What became of them; without a result they stay accepted. */
export type Ending = Partial<
  Pick<WebhookDelivery, "result" | "resultReason" | "leadId" | "appointmentId" | "tookMs">
>;

/** What is left of them to read, with the row that it belongs to. */
export function openBodies(
  { secrets }: Pick<Deps, "secrets">,
  rows: WebhookDelivery[],
): { row: WebhookDelivery; body: unknown }[] {
  return rows.flatMap((row) =>
    row.bodySealed === null ? [] : [{ row, body: JSON.parse(secrets.open(row.bodySealed)) as unknown }],
  );
}
