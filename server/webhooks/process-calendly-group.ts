import { lastSegment } from "#server/providers/calendly/uri.ts";
import {
  type CalendlyDelivery,
  mapDelivery,
  parseDelivery,
} from "#server/providers/calendly/webhook-payload.ts";
import { compareWords } from "#server/reconcile/decide-reading.ts";
import { reconcileAppointment } from "#server/reconcile/reconcile-appointment.ts";
import {
  type DeliveryGroup,
  type Ending,
  endOrphan,
  type FinishGroup,
  openBodies,
  type ProcessDeps,
} from "./delivery-group.ts";

type InviteeDelivery = Extract<CalendlyDelivery, { kind: "invitee" }>;

/**
 * One invitee. The newest signed snapshot goes along for the case that Calendly cannot answer; a late one never does,
 * since it is not the present. Answers an ending that is still to be written, null where it is.
 */
export async function processCalendlyGroup(
  deps: ProcessDeps,
  { connection, rows }: DeliveryGroup,
  finish: FinishGroup,
  signal?: AbortSignal,
): Promise<Ending | null> {
  const { delivery, snapshot, isLate } = openNewest(deps, rows);
  if (!delivery) return { result: "failed", resultReason: "unreadable" };
  if (await isLeftOut(deps, connection, delivery)) {
    return { result: "ignored", resultReason: "event_type_off" };
  }
  signal?.throwIfAborted();
  await reconcileAppointment(
    deps,
    {
      connectionId: connection.id,
      providerId: lastSegment(delivery.invitee.uri),
      eventId: lastSegment(delivery.scheduledEvent.uri),
      source: "webhook",
      reason: delivery.event,
      ...(isLate ? {} : { snapshot }),
      alongside: (tx, { outcome, leadId, appointmentId }) => {
        const isOrphan = outcome === "unknown" && appointmentId === null;
        const resultReason = isLate ? "late" : null;
        return finish(tx, isOrphan ? endOrphan(rows) : { leadId, appointmentId, resultReason });
      },
    },
    signal,
  );
  return null;
}

/** R10, strict: a booking on an event type that was not chosen is nobody's evidence, unless it is known already. */
async function isLeftOut(
  { db }: ProcessDeps,
  connection: DeliveryGroup["connection"],
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

/**
 * The snapshot that was taken last, by Calendly's own time: deliveries may arrive in any order. It tells whole seconds
 * only, so that a tie is common; what ends a booking wins it.
 */
function openNewest(deps: ProcessDeps, rows: DeliveryGroup["rows"]) {
  const opened = openBodies(deps, rows).flatMap(({ row, body }) => {
    const delivery = parseDelivery(body);
    if (delivery.kind !== "invitee") return [];
    return [{ delivery, snapshot: mapDelivery(delivery), isLate: row.resultReason === "late" }];
  });
  opened.sort((a, b) => compareWords(a.snapshot, b.snapshot));
  return opened.at(-1) ?? { delivery: null, snapshot: null, isLate: false };
}
