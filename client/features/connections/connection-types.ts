import type { RouterOutput } from "#client/lib/trpc.ts";

type Connections = RouterOutput["connections"];

export type ConnectionRow = Connections["list"]["rows"][number];
export type ConnectionHealth = Connections["health"];
export type ManageFacts = Connections["manage"];
export type EventTypeRow = ManageFacts["eventTypes"][number];
export type DeliveryRow = Connections["deliveries"]["rows"][number];
export type DeliveryDetail = Connections["delivery"];
export type VerifyOutcome = Connections["verifyCalendly"];
export type ConnectError = Extract<VerifyOutcome, { ok: false }>["error"];
export type CalendlyAccount = Extract<VerifyOutcome, { ok: true }>["account"];
export type DisconnectResult = Connections["disconnect"];
export type WebhookTest = Connections["testWebhook"]["outcome"];

export function isActive(row: ConnectionRow | null): row is ConnectionRow {
  return row !== null && row.state !== "off";
}

/** Whether a Calendly account has been asked everything that the setup asks. */
export function isSetUp(row: ConnectionRow): boolean {
  return row.provider === "highlevel" || (row.eventTypes.chosenAt !== null && hasWebhookAnswer(row));
}

/** Whether deliveries are to be expected: HighLevel has none before somebody points a workflow or an app at us. */
export function isListening(row: ConnectionRow): boolean {
  return row.provider === "calendly" || row.hasSigningKey || row.lastEventAt !== null;
}

/** The webhook stands, or the provider has said why there can be none. */
export function hasWebhookAnswer(row: ConnectionRow): boolean {
  return row.webhook !== null || (row.reasonCode !== null && row.reasonCode !== "webhook_not_created");
}
