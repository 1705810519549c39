import { bookMeeting } from "../calendly/acts.ts";
import { announceActs } from "../calendly/announce.ts";
import { bookAppointment } from "../highlevel/acts.ts";
import { machineIds, machineRandom, pickOne } from "../random.ts";
import type { Sandbox } from "../sandbox.ts";
import { MeetingTimes, MINUTE_MS } from "../seed/meeting-times.ts";
import type { HighLevelContact, Person } from "../world-types.ts";
import { findOrganization } from "./living-meetings.ts";

/** Books in the person's own account: at Calendly, with its HighLevel copy where there is one, or at HighLevel. */
export function bookForPerson(sandbox: Sandbox, person: Person): boolean {
  const organizationId = findOrganization(sandbox, person);
  const contact = sandbox.world.contacts.get(person.ghlContactId ?? "");
  if (organizationId) bookAtCalendly(sandbox, person, organizationId, contact);
  else if (contact) bookAtHighLevel(sandbox, person, contact);
  else return false;
  return true;
}

function bookAtCalendly(
  sandbox: Sandbox,
  person: Person,
  organizationId: string,
  contact: HighLevelContact | undefined,
): void {
  const { world } = sandbox;
  const deps = { world, nowMs: sandbox.clock.nowMs(), ids: machineIds };
  const types = [...world.eventTypes.values()].filter(
    (row) => row.organizationId === organizationId && row.kind === "solo",
  );
  const type = pickOne(machineRandom, types);
  const zone = world.calendlyUsers.get(type.ownerId)?.timezone ?? "UTC";
  const startMs = new MeetingTimes(machineRandom, deps.nowMs).take(type.ownerId, zone, 0.5, 14);
  const endMs = startMs + type.durationMinutes * MINUTE_MS;
  const booked = bookMeeting(deps, {
    organizationId,
    eventTypeId: type.id,
    hostIds: [type.ownerId],
    startMs,
    endMs,
    invitee: {
      email: person.email,
      name: person.name,
      timezone: person.timezone,
      textReminderNumber: person.phone,
    },
  });
  person.inviteeIds.push(booked.invitee.id);
  announceActs(sandbox, booked.announcements);
  const [calendar] = contact ? calendarsOf(sandbox, contact.locationId) : [];
  if (!contact || !calendar) return;
  const copy = bookAppointment(deps, {
    locationId: contact.locationId,
    calendarId: calendar.id,
    contactId: contact.id,
    startMs,
    endMs,
    title: type.name,
    source: "third_party",
  });
  person.appointmentIds.push(copy.id);
  sandbox.highlevelDeliveries.announceAppointment("AppointmentCreate", copy);
}

function bookAtHighLevel(sandbox: Sandbox, person: Person, contact: HighLevelContact): void {
  const { world } = sandbox;
  const deps = { world, nowMs: sandbox.clock.nowMs(), ids: machineIds };
  const calendar = pickOne(machineRandom, calendarsOf(sandbox, contact.locationId));
  const zone = world.locations.get(contact.locationId)?.timezone ?? "UTC";
  const startMs = new MeetingTimes(machineRandom, deps.nowMs).take(calendar.id, zone, 0.5, 14);
  const appointment = bookAppointment(deps, {
    locationId: contact.locationId,
    calendarId: calendar.id,
    contactId: contact.id,
    startMs,
    endMs: startMs + calendar.slotMinutes * MINUTE_MS,
    title: `${person.name} · ${calendar.name}`,
  });
  person.appointmentIds.push(appointment.id);
  sandbox.highlevelDeliveries.announceAppointment("AppointmentCreate", appointment);
}

function calendarsOf(sandbox: Sandbox, locationId: string) {
  return [...sandbox.world.calendars.values()].filter((calendar) => calendar.locationId === locationId);
}
