import type { IdSource } from "../random.ts";
import type { World } from "../world.ts";
import type { HighLevelAppointment, HighLevelContact } from "../world-types.ts";

export type ActDeps = { world: World; nowMs: number; ids: IdSource };

export type NewAppointment = {
  locationId: string;
  calendarId: string;
  contactId: string | null;
  startMs: number;
  endMs: number;
  status?: string;
  title?: string;
  assignedUserId?: string | null;
  userIds?: string[];
  address?: string;
  notes?: string | null;
  source?: string;
};

export function bookAppointment(deps: ActDeps, input: NewAppointment): HighLevelAppointment {
  const calendar = deps.world.calendars.get(input.calendarId);
  const contact = deps.world.contacts.get(input.contactId ?? "");
  const assignedUserId =
    input.assignedUserId === undefined ? (calendar?.teamUserIds[0] ?? null) : input.assignedUserId;
  const appointment: HighLevelAppointment = {
    id: deps.ids.highlevel(),
    locationId: input.locationId,
    calendarId: input.calendarId,
    contactId: input.contactId,
    groupId: calendar?.groupId ?? null,
    title:
      input.title ??
      (contact ? `${contact.firstName} ${contact.lastName}` : (calendar?.name ?? "Appointment")),
    status: input.status ?? "confirmed",
    assignedUserId,
    userIds: input.userIds ?? (assignedUserId ? [assignedUserId] : []),
    startMs: input.startMs,
    endMs: input.endMs,
    address: input.address ?? "",
    notes: input.notes ?? null,
    source: input.source ?? "booking_widget",
    deleted: false,
    addedMs: deps.nowMs,
    updatedMs: deps.nowMs,
  };
  deps.world.addAppointment(appointment);
  return appointment;
}

/** Cancelling is a change of the word, moving a change of the times; the id stays. */
export function updateAppointment(
  deps: ActDeps,
  appointment: HighLevelAppointment,
  change: Partial<HighLevelAppointment>,
): void {
  deps.world.changeAppointment(appointment, { ...change, updatedMs: deps.nowMs });
}

/** It still answers by id, with its old word and its old date of change; only `deleted` tells. */
export function deleteAppointment(appointment: HighLevelAppointment): void {
  appointment.deleted = true;
}

export type NewContact = Partial<Omit<HighLevelContact, "id" | "addedMs" | "updatedMs">> & {
  locationId: string;
  id?: string;
};

export function saveContact(deps: ActDeps, input: NewContact): HighLevelContact {
  const known = input.id === undefined ? undefined : deps.world.contacts.get(input.id);
  const contact: HighLevelContact = {
    id: input.id ?? deps.ids.highlevel(),
    firstName: "",
    lastName: "",
    email: null,
    additionalEmails: [],
    phone: null,
    companyName: null,
    timezone: null,
    tags: [],
    source: null,
    addedMs: deps.nowMs,
    ...known,
    ...definedOnly(input),
    locationId: input.locationId,
    updatedMs: deps.nowMs,
  };
  deps.world.addContact(contact);
  return contact;
}

function definedOnly<T extends object>(input: T): Partial<T> {
  // Entries of T stay entries of T when some are left out.
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as Partial<T>;
}
