import type { Sandbox } from "../sandbox.ts";
import type { CalendlyInvitee, HighLevelAppointment, Person } from "../world-types.ts";

export type LivingMeeting = {
  person: Person;
  startMs: number;
  endMs: number;
  invitee: CalendlyInvitee | null;
  appointment: HighLevelAppointment | null;
};

/** A person's meetings that still stand; copies of Calendly meetings are left out. */
export function findMeetings(sandbox: Sandbox, person: Person): LivingMeeting[] {
  const { world } = sandbox;
  const meetings: LivingMeeting[] = [];
  for (const id of person.inviteeIds) {
    const invitee = world.invitees.get(id);
    const event = invitee && world.events.get(invitee.eventId);
    if (!invitee || !event || invitee.status !== "active" || event.status !== "active") continue;
    meetings.push({ person, startMs: event.startMs, endMs: event.endMs, invitee, appointment: null });
  }
  if (findOrganization(sandbox, person)) return meetings;
  for (const id of person.appointmentIds) {
    const appointment = world.appointments.get(id);
    if (!appointment || appointment.deleted || appointment.status !== "confirmed") continue;
    meetings.push({
      person,
      startMs: appointment.startMs,
      endMs: appointment.endMs,
      invitee: null,
      appointment,
    });
  }
  return meetings;
}

/** The Calendly organization of a demo account, if it has one. */
export function findOrganization(sandbox: Sandbox, person: Person): string | null {
  const name = { "calendly-only": "Northwind Growth", both: "Harbor Labs" }[person.account];
  if (!name) return null;
  for (const organization of sandbox.world.organizations.values()) {
    if (organization.name === name) return organization.id;
  }
  return null;
}
