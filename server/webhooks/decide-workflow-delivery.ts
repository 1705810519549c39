import { WORKFLOW_EVENT, type WorkflowDelivery } from "#server/providers/highlevel/webhook-payload.ts";
import { type DeliveryDecision, keep } from "./decide-delivery.ts";

/**
 * R35 and R36: what becomes of a workflow's delivery that knew the secret. Nobody signed it, so it is never more than a
 * reason to look. Null stands for a body that is no JSON object.
 */
export function decideWorkflowDelivery(
  delivery: WorkflowDelivery | null,
  bodyHash: string,
  connectedLocationId: string | null,
): DeliveryDecision {
  if (delivery === null) return keep("failed", "malformed", null, `body:${bodyHash}`);
  const { locationId, appointmentId, status, startTime } = delivery;
  if (locationId !== null && locationId !== connectedLocationId) {
    return { outcome: "refuse", reason: "foreign_location" };
  }
  if (appointmentId === null) return keep("ignored", "no_appointment", "workflow", `body:${bodyHash}`);
  return {
    outcome: "accept",
    eventType: WORKFLOW_EVENT,
    // It carries no id and no date of its own.
    dedupeKey: `${WORKFLOW_EVENT}:${appointmentId}:${status ?? ""}:${startTime ?? ""}:${bodyHash}`,
    subject: appointmentId,
    isLate: false,
  };
}
