import { lastSegment } from "../calendly/uri.ts";
import type { World } from "../world.ts";
import type {
  CalendlyEvent,
  CalendlyEventType,
  CalendlyInvitee,
  CalendlyOrganization,
  CalendlyUser,
  HighLevelAppointment,
  HighLevelCalendar,
  HighLevelLocation,
} from "../world-types.ts";
import { unknownReference } from "./control-error.ts";

/** Things are named by id, by URI, or by the name (people: the address) that was given to them. */
function findNamed<T extends { id: string; name: string }>(
  what: string,
  rows: ReadonlyMap<string, T>,
  reference: string,
  belongs: (row: T) => boolean = () => true,
): T {
  const byId = rows.get(lastSegment(reference));
  if (byId && belongs(byId)) return byId;
  for (const row of rows.values()) if (row.name === reference && belongs(row)) return row;
  throw unknownReference(what, reference);
}

export function findOrganization(world: World, reference: string): CalendlyOrganization {
  return findNamed("organization", world.organizations, reference);
}

export function findEventType(world: World, organizationId: string, reference: string): CalendlyEventType {
  return findNamed("event type", world.eventTypes, reference, (row) => row.organizationId === organizationId);
}

export function findCalendlyUser(world: World, organizationId: string, reference: string): CalendlyUser {
  for (const user of world.calendlyUsers.values()) {
    if (user.organizationId === organizationId && user.email === reference) return user;
  }
  return findNamed("user", world.calendlyUsers, reference, (row) => row.organizationId === organizationId);
}

export function findInvitee(world: World, reference: string): CalendlyInvitee {
  const invitee = world.invitees.get(lastSegment(reference));
  if (!invitee) throw unknownReference("invitee", reference);
  return invitee;
}

export function findEvent(world: World, reference: string): CalendlyEvent {
  const event = world.events.get(lastSegment(reference));
  if (!event) throw unknownReference("event", reference);
  return event;
}

export function findLocation(world: World, reference: string): HighLevelLocation {
  return findNamed("location", world.locations, reference);
}

export function findCalendar(world: World, locationId: string, reference: string): HighLevelCalendar {
  return findNamed("calendar", world.calendars, reference, (row) => row.locationId === locationId);
}

export function findAppointment(world: World, reference: string): HighLevelAppointment {
  const appointment = world.appointments.get(reference);
  if (!appointment) throw unknownReference("appointment", reference);
  return appointment;
}
