import type { AppointmentReading } from "#server/providers/appointment-reading.ts";
import {
  type MarketplaceDelivery,
  mapSnapshot,
  parseMarketplaceDelivery,
  parseWorkflowDelivery,
  WORKFLOW_EVENT,
} from "#server/providers/highlevel/webhook-payload.ts";
import { compareWords } from "#server/reconcile/decide-reading.ts";
import { loadContacts } from "#server/reconcile/read-highlevel-page.ts";
import { type AppointmentAnswer, reconcileAppointment } from "#server/reconcile/reconcile-appointment.ts";
import {
  type DeliveryGroup,
  type Ending,
  endOrphan,
  type FinishGroup,
  openBodies,
  type ProcessDeps,
} from "./delivery-group.ts";
import { refreshContact } from "./refresh-contact.ts";

type Subject =
  | { kind: "contact"; id: string }
  | {
      kind: "appointment";
      id: string;
      reason: string;
      isDeleted: boolean;
      isLate: boolean;
      /** The signed delivery, where one may be believed; a workflow's is nobody's word. */
      signed: MarketplaceDelivery | null;
    };

/**
 * One appointment or one contact, read anew. Marketplace and workflow deliveries about the same appointment wait
 * together; the newest signed one, unless it was late, counts when HighLevel cannot answer (R36). Answers an ending that
 * is still to be written, null where it is.
 */
export async function processHighLevelGroup(
  deps: ProcessDeps,
  { connection, rows }: DeliveryGroup,
  finish: FinishGroup,
  signal?: AbortSignal,
): Promise<Ending | null> {
  const subject = openSubject(deps, rows);
  if (!subject) return { result: "failed", resultReason: "unreadable" };
  signal?.throwIfAborted();
  if (subject.kind === "contact") {
    const outcome = await refreshContact(deps, connection.id, subject.id, signal);
    return outcome === "unknown"
      ? { result: "ignored", resultReason: "contact_without_booking" }
      : { resultReason: null };
  }

  const isKnown = await isKnownAppointment(deps, connection.workspaceId, subject.id);
  // Lists never showed it: it came and went between two looks, and a booking nobody knew is no loss.
  if (subject.isDeleted && !isKnown) return { result: "ignored", resultReason: "not_known" };
  const snapshot = subject.signed && (await readSnapshot(deps, connection, subject.signed));
  await reconcileAppointment(
    deps,
    {
      connectionId: connection.id,
      providerId: subject.id,
      eventId: subject.id,
      source: "webhook",
      reason: subject.reason,
      ...(snapshot ? { snapshot } : {}),
      alongside: (tx, answer) => finish(tx, endingOf(answer, rows, subject.isLate)),
    },
    signal,
  );
  return null;
}

function endingOf(
  { outcome, leadId, appointmentId }: AppointmentAnswer,
  rows: DeliveryGroup["rows"],
  isLate: boolean,
): Ending {
  if (outcome === "unknown" && appointmentId === null) return endOrphan(rows);
  if (appointmentId === null) return { result: "ignored", resultReason: "event_type_off" };
  return { leadId, appointmentId, resultReason: isLate ? "late" : null };
}

/** What the newest of them is about, by the time of the sender where there is one: they arrive in any order. */
function openSubject(deps: ProcessDeps, rows: DeliveryGroup["rows"]): Subject | null {
  const opened = openBodies(deps, rows).flatMap(({ row, body }): (Subject & { at: Date })[] => {
    const isLate = row.resultReason === "late";
    if (row.eventType === WORKFLOW_EVENT) {
      const id = parseWorkflowDelivery(body)?.appointmentId;
      const at = row.receivedAt;
      return id
        ? [{ kind: "appointment", id, reason: WORKFLOW_EVENT, isDeleted: false, isLate, signed: null, at }]
        : [];
    }
    const delivery = parseMarketplaceDelivery(body);
    if (!delivery) return [];
    const { about, type, sentAt } = delivery;
    const at = sentAt ?? row.receivedAt;
    if (about.kind === "contact") return [{ kind: "contact", id: about.id, at }];
    if (about.kind !== "appointment") return [];
    const { id, isDeleted } = about;
    return [
      { kind: "appointment", id, reason: type, isDeleted, isLate, signed: isLate ? null : delivery, at },
    ];
  });
  opened.sort((a, b) => a.at.getTime() - b.at.getTime() || compareSnapshots(a, b));
  const newest = opened.at(-1);
  if (newest?.kind !== "appointment") return newest ?? null;
  // A workflow may have called after it; the snapshot has a time of its own, which says what it is worth.
  const signed = opened.flatMap((each) => (each.kind === "appointment" && each.signed) || []).at(-1) ?? null;
  return { ...newest, signed };
}

/** Of two signed in the same moment, what ends a booking is the later one. */
function compareSnapshots(a: Subject, b: Subject): number {
  const [left, right] = [a, b].map((each) =>
    each.kind === "appointment" && each.signed
      ? mapSnapshot(each.signed, { timezone: "UTC", contact: null })
      : null,
  );
  return left && right ? compareWords(left, right) : 0;
}

async function isKnownAppointment(
  { db }: ProcessDeps,
  workspaceId: string,
  providerId: string,
): Promise<boolean> {
  return (await db.appointment.count({ where: { workspaceId, provider: "highlevel", providerId } })) > 0;
}

async function readSnapshot(
  { db }: ProcessDeps,
  { workspaceId, timezone }: DeliveryGroup["connection"],
  delivery: MarketplaceDelivery,
): Promise<AppointmentReading | null> {
  const contactId = delivery.about.kind === "appointment" ? delivery.about.event?.contactId : null;
  const contacts = contactId ? await loadContacts(db, workspaceId, [contactId]) : null;
  const contact = (contactId && contacts?.get(contactId)) || null;
  return mapSnapshot(delivery, { timezone: timezone ?? "UTC", contact });
}
