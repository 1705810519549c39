import { z } from "zod";
import type { AppointmentReading } from "../appointment-reading.ts";
import { softInstantSchema } from "../instant-schema.ts";
import { mapEvent } from "./map-appointment.ts";
import type { ContactReading } from "./map-contact.ts";
import { eventSchema, type HighLevelEvent } from "./schema.ts";

/** Marketplace events that a booking's state hangs on. */
const APPOINTMENT_EVENTS = ["AppointmentCreate", "AppointmentUpdate", "AppointmentDelete"];
/** And those that may change whose booking it is; tags and do-not-disturb never do. */
const CONTACT_EVENTS = ["ContactCreate", "ContactUpdate", "ContactDelete"];

/** What workflow deliveries are stored under: what happened is for HighLevel to say, not for them. */
export const WORKFLOW_EVENT = "workflow.appointment";

/** Series instances are named `master_start_duration`. Anything else is no id of theirs and goes into no key and no path. */
const idSchema = z.string().regex(/^[\w-]{1,150}$/);
const softIdSchema = idSchema.nullish().catch(null);
const softTextSchema = z.string().max(200).nullish().catch(null);

export type MarketplaceDelivery = {
  type: string;
  locationId: string | null;
  webhookId: string | null;
  /** Null where it does not say: then it is good enough to go and look, and no more. */
  sentAt: Date | null;
  about: /** `event` is the signed snapshot; null where it cannot be read. */
    | { kind: "appointment"; id: string; isDeleted: boolean; event: HighLevelEvent | null }
    | { kind: "contact"; id: string }
    /** Genuine, and about something that is not ours to follow. */
    | { kind: "other" }
    | { kind: "unreadable" };
};

export type WorkflowDelivery = {
  /** Where it names one. */
  locationId: string | null;
  /** Null when the workflow was not started by an appointment. */
  appointmentId: string | null;
  status: string | null;
  startTime: string | null;
};

const envelopeSchema = z.looseObject({
  type: z.string().min(1).max(100),
  locationId: softIdSchema,
  webhookId: softIdSchema,
  timestamp: softInstantSchema,
  data: z.looseObject({}).nullish().catch(null),
});

/** Reads a verified body; null when it is no event at all. Details lie beside the type, or under `data`. */
export function parseMarketplaceDelivery(body: unknown): MarketplaceDelivery | null {
  const parsed = envelopeSchema.safeParse(body);
  if (!parsed.success) return null;
  const { type, data, ...envelope } = parsed.data;
  const inner = envelopeSchema.partial().safeParse(data ?? {}).data ?? {};
  return {
    type,
    locationId: envelope.locationId ?? inner.locationId ?? null,
    webhookId: envelope.webhookId ?? inner.webhookId ?? null,
    sentAt: envelope.timestamp ?? inner.timestamp ?? null,
    about: readAbout(type, { ...data, ...parsed.data }, data ?? null),
  };
}

function readAbout(
  type: string,
  body: Record<string, unknown>,
  data: Record<string, unknown> | null,
): MarketplaceDelivery["about"] {
  if (APPOINTMENT_EVENTS.includes(type)) {
    const appointment = readObject(body.appointment ?? data ?? body);
    const id = idSchema.safeParse(appointment.id);
    if (!id.success) return { kind: "unreadable" };
    const isDeleted = type === "AppointmentDelete" || appointment.deleted === true;
    const event = eventSchema.safeParse({ ...appointment, deleted: isDeleted });
    return { kind: "appointment", id: id.data, isDeleted, event: event.data ?? null };
  }
  if (CONTACT_EVENTS.includes(type)) {
    const id = idSchema.safeParse(body.id ?? body.contactId);
    return id.success ? { kind: "contact", id: id.data } : { kind: "unreadable" };
  }
  return { kind: "other" };
}

/** The signed snapshot as a reading, true at the time it was sent: for when HighLevel cannot answer. */
export function mapSnapshot(
  { about, sentAt }: MarketplaceDelivery,
  context: { timezone: string; contact: ContactReading | null },
): AppointmentReading | null {
  if (about.kind !== "appointment" || about.event === null || sentAt === null) return null;
  return mapEvent(about.event, { ...context, asOf: sentAt });
}

const appointmentFields = z.looseObject({
  appointmentId: softIdSchema,
  appointment_id: softIdSchema,
  appoinmentStatus: softTextSchema,
  appointmentStatus: softTextSchema,
  status: softTextSchema,
  startTime: softTextSchema,
  locationId: softIdSchema,
});
const workflowSchema = appointmentFields.extend({
  calendar: appointmentFields.nullish().catch(null),
  customData: appointmentFields.nullish().catch(null),
  location: z.looseObject({ id: softIdSchema }).nullish().catch(null),
});

/**
 * Reads the body of a workflow's webhook action: its standard form, with the appointment under `calendar`, or a
 * mapping of our own at the root or among the action's custom values. Null when it is no object.
 */
export function parseWorkflowDelivery(body: unknown): WorkflowDelivery | null {
  const parsed = workflowSchema.safeParse(body);
  if (!parsed.success) return null;
  const { calendar, customData, location, ...root } = parsed.data;
  const places = [calendar ?? {}, customData ?? {}, root];
  const first = (...keys: (keyof typeof root)[]) => {
    for (const place of places) {
      for (const key of keys) {
        const value = place[key];
        if (typeof value === "string" && value !== "") return value;
      }
    }
    return null;
  };
  return {
    locationId: location?.id ?? customData?.locationId ?? root.locationId ?? null,
    appointmentId: first("appointmentId", "appointment_id"),
    status: first("appoinmentStatus", "appointmentStatus", "status"),
    startTime: first("startTime"),
  };
}

function readObject(value: unknown): Record<string, unknown> {
  // Any non-null object can be read by key.
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
