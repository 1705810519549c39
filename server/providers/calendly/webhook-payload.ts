import { z } from "zod";
import type { AppointmentReading } from "../appointment-reading.ts";
import { instantSchema } from "../instant-schema.ts";
import { describeFaults } from "../parse-rows.ts";
import { mapInvitee } from "./map-appointment.ts";
import { type CalendlyEvent, type CalendlyInvitee, eventSchema, inviteeSchema } from "./schema.ts";
import { lastSegment } from "./uri.ts";

/** What our subscriptions ask for. */
export const SUBSCRIBED_EVENTS = [
  "invitee.created",
  "invitee.canceled",
  "invitee_no_show.created",
  "invitee_no_show.deleted",
] as const;

const envelopeSchema = z.object({ event: z.string(), created_at: instantSchema, payload: z.unknown() });
const inviteePayloadSchema = inviteeSchema.extend({ scheduled_event: eventSchema });

export type CalendlyDelivery =
  | {
      kind: "invitee";
      event: string;
      createdAt: Date;
      invitee: CalendlyInvitee;
      scheduledEvent: CalendlyEvent;
    }
  /** Genuine, and about something that is not ours to follow. */
  | { kind: "other"; event: string; createdAt: Date }
  | { kind: "unreadable"; faults: string[] };

/** Reads a verified delivery's parsed body; never throws, since the delivery is stored whatever it holds. */
export function parseDelivery(body: unknown): CalendlyDelivery {
  const envelope = envelopeSchema.safeParse(body);
  if (!envelope.success) return { kind: "unreadable", faults: describeFaults(envelope.error) };
  const { event, created_at: createdAt, payload } = envelope.data;
  if (!SUBSCRIBED_EVENTS.some((name) => name === event)) return { kind: "other", event, createdAt };
  const parsed = inviteePayloadSchema.safeParse(payload);
  if (!parsed.success) return { kind: "unreadable", faults: describeFaults(parsed.error) };
  const { scheduled_event: scheduledEvent, ...invitee } = parsed.data;
  return { kind: "invitee", event, createdAt, invitee, scheduledEvent };
}

/** The signed snapshot as a reading, true at the delivery's own time: for when the provider cannot answer. */
export function mapDelivery(delivery: Extract<CalendlyDelivery, { kind: "invitee" }>): AppointmentReading {
  return mapInvitee(delivery.scheduledEvent, delivery.invitee, delivery.createdAt);
}

/**
 * Same for every repeat of one delivery, since Calendly sends no delivery id. Built on the invitee: the
 * event is shared by everyone in a group. A mark that is taken back names no mark and may leave the invitee's time as
 * it was: only its own time tells the second time from the first.
 */
export function computeDeliveryKey(delivery: Extract<CalendlyDelivery, { kind: "invitee" }>): string {
  const { event, invitee, createdAt } = delivery;
  const noShowId = invitee.no_show?.uri ? lastSegment(invitee.no_show.uri) : null;
  const changedAt = event === "invitee_no_show.deleted" ? createdAt : (invitee.updated_at ?? createdAt);
  const change = noShowId ?? changedAt.toISOString();
  return `${event}:${lastSegment(invitee.uri)}:${change}`;
}
