import { formatWallTime, formatWithOffset } from "../local-time.ts";
import type { World } from "../world.ts";
import type { HighLevelAppointment, HighLevelContact } from "../world-types.ts";
import { nameOf } from "./render.ts";

type Json = Record<string, unknown>;

export type AppointmentEvent = "AppointmentCreate" | "AppointmentUpdate" | "AppointmentDelete";
export type ContactEvent = "ContactCreate" | "ContactUpdate" | "ContactDelete";

/** A marketplace event about an appointment; the envelope is added by whoever sends it. */
export function renderAppointmentEvent(
  world: World,
  type: AppointmentEvent,
  appointment: HighLevelAppointment,
): Json {
  const zone = world.locations.get(appointment.locationId)?.timezone ?? "UTC";
  return {
    type,
    locationId: appointment.locationId,
    appointment: {
      id: appointment.id,
      title: appointment.title,
      address: appointment.address,
      calendarId: appointment.calendarId,
      contactId: appointment.contactId,
      ...(appointment.groupId ? { groupId: appointment.groupId } : {}),
      appointmentStatus: appointment.status,
      ...(appointment.assignedUserId ? { assignedUserId: appointment.assignedUserId } : {}),
      users: appointment.userIds,
      notes: appointment.notes ?? "",
      source: appointment.source,
      startTime: formatWithOffset(zone, appointment.startMs),
      endTime: formatWithOffset(zone, appointment.endMs),
      dateAdded: new Date(appointment.addedMs).toISOString(),
      dateUpdated: new Date(appointment.updatedMs).toISOString(),
    },
  };
}

/** Flat, and without the additional addresses: those are told by id only. */
export function renderContactEvent(type: ContactEvent, contact: HighLevelContact): Json {
  return {
    type,
    locationId: contact.locationId,
    id: contact.id,
    name: nameOf(contact),
    firstName: contact.firstName,
    lastName: contact.lastName,
    email: contact.email,
    phone: contact.phone,
    companyName: contact.companyName,
    source: contact.source,
    tags: contact.tags,
    customFields: [],
    dnd: false,
    dateAdded: new Date(contact.addedMs).toISOString(),
    attachments: [],
  };
}

/** The standard body of a workflow's webhook action; custom fields lie at the root, under their labels. */
export function renderWorkflowBody(world: World, appointment: HighLevelAppointment): Json {
  const location = world.locations.get(appointment.locationId);
  const zone = location?.timezone ?? "UTC";
  const contact = world.contacts.get(appointment.contactId ?? "");
  const wall = (ms: number) => formatWallTime(zone, ms).replace(" ", "T");
  return {
    contact_id: appointment.contactId,
    first_name: contact?.firstName,
    last_name: contact?.lastName,
    full_name: contact && nameOf(contact),
    email: contact?.email,
    phone: contact?.phone,
    tags: contact?.tags.join(",") ?? "",
    country: location?.country,
    timezone: contact?.timezone,
    contact_type: "lead",
    Budget: "4000",
    location: { id: appointment.locationId, name: location?.name, country: location?.country },
    user: {},
    campaign: {},
    workflow: { id: "sandbox-workflow", name: "Appointment status" },
    triggerData: {},
    customData: {},
    calendar: {
      id: appointment.calendarId,
      calendarName: world.calendars.get(appointment.calendarId)?.name,
      appointmentId: appointment.id,
      title: appointment.title,
      selectedTimezone: zone,
      startTime: wall(appointment.startMs),
      endTime: wall(appointment.endMs),
      status: "booked",
      appoinmentStatus: appointment.status,
      address: appointment.address,
      notes: appointment.notes ?? "",
      date_created: new Date(appointment.addedMs).toISOString(),
      created_by_meta: { source: appointment.source },
      last_updated_by_meta: { source: "web_app" },
    },
  };
}

/** What an owner pastes into a custom webhook action, with its values filled in. */
export function renderMappedBody(world: World, appointment: HighLevelAppointment): Json {
  const zone = world.locations.get(appointment.locationId)?.timezone ?? "UTC";
  return {
    locationId: appointment.locationId,
    appointmentId: appointment.id,
    status: appointment.status,
    startTime: formatWallTime(zone, appointment.startMs),
  };
}
