import { formatWallTime, formatWithOffset } from "../local-time.ts";
import type { World } from "../world.ts";
import type {
  HighLevelAppointment,
  HighLevelCalendar,
  HighLevelContact,
  HighLevelLocation,
  HighLevelUser,
} from "../world-types.ts";

type Json = Record<string, unknown>;

export function renderLocation(location: HighLevelLocation): Json {
  return {
    id: location.id,
    companyId: location.companyId,
    name: location.name,
    address: "",
    city: "",
    state: "",
    country: location.country,
    postalCode: "",
    website: "",
    email: location.email,
    phone: "",
    timezone: location.timezone,
    business: { name: location.name, timezone: location.timezone, country: location.country },
    social: {},
    settings: {
      allowDuplicateContact: true,
      allowDuplicateOpportunity: false,
      allowFacebookNameMerge: false,
      disableContactTimezone: false,
      contactUniqueIdentifiers: ["email", "phone"],
    },
  };
}

export function renderCalendar(calendar: HighLevelCalendar): Json {
  return {
    id: calendar.id,
    locationId: calendar.locationId,
    ...(calendar.groupId ? { groupId: calendar.groupId } : {}),
    name: calendar.name,
    description: "",
    slug: calendar.slug,
    widgetSlug: calendar.slug,
    widgetType: "default",
    isActive: calendar.isActive,
    calendarType: calendar.calendarType,
    eventType: "RoundRobin_OptimizeForAvailability",
    ...(calendar.teamUserIds.length > 0
      ? {
          teamMembers: calendar.teamUserIds.map((userId, at) => ({
            userId,
            priority: 0.5,
            isPrimary: at === 0,
            locationConfigurations: [{ kind: "custom", location: "", meetingId: "custom_0" }],
          })),
        }
      : {}),
    eventTitle: "{{contact.name}}",
    eventColor: "#039be5",
    slotDuration: calendar.slotMinutes,
    slotDurationUnit: "mins",
    slotInterval: calendar.slotMinutes,
    slotIntervalUnit: "mins",
    appoinmentPerSlot: calendar.seats,
    appointmentPerSlot: calendar.seats,
    appoinmentPerDay: 0,
    allowBookingAfter: 0,
    allowBookingAfterUnit: "days",
    allowBookingFor: 60,
    allowBookingForUnit: "days",
    // Unset hours arrive as an object, not as a list.
    openHours: {},
    availabilities: [],
    autoConfirm: true,
    allowReschedule: true,
    allowCancellation: true,
    notes: "",
  };
}

export function renderUser(user: HighLevelUser): Json {
  return {
    id: user.id,
    name: user.name,
    firstName: user.firstName,
    lastName: user.lastName,
    email: user.email,
    phone: "",
    extension: "",
    permissions: {},
    roles: { type: "account", role: user.role, locationIds: [user.locationId], restrictSubAccount: false },
    deleted: false,
  };
}

/** The shape of `/calendars/events` and of by-id: times in the location's offset, dates in UTC. */
export function renderAppointment(
  world: World,
  appointment: HighLevelAppointment,
  form: "list" | "single",
): Json {
  const zone = world.locations.get(appointment.locationId)?.timezone ?? "UTC";
  return {
    id: appointment.id,
    title: appointment.title,
    calendarId: appointment.calendarId,
    locationId: appointment.locationId,
    contactId: appointment.contactId,
    // Keys that have nothing to say are missing, not null.
    ...(appointment.groupId ? { groupId: appointment.groupId } : {}),
    appointmentStatus: appointment.status,
    appoinmentStatus: appointment.status,
    ...(appointment.assignedUserId ? { assignedUserId: appointment.assignedUserId } : {}),
    ...(appointment.userIds.length > 0 ? { users: appointment.userIds } : {}),
    address: appointment.address,
    ...(appointment.notes === null ? {} : { notes: appointment.notes }),
    isRecurring: false,
    startTime: formatWithOffset(zone, appointment.startMs),
    endTime: formatWithOffset(zone, appointment.endMs),
    dateAdded: new Date(appointment.addedMs).toISOString(),
    dateUpdated: new Date(appointment.updatedMs).toISOString(),
    createdBy: { userId: null, source: appointment.source },
    deleted: appointment.deleted,
    ...(form === "single" ? { appointmentMeta: { slotType: "default" } } : {}),
  };
}

/** The reply to a write: flat, without the times. */
export function renderWrittenAppointment(appointment: HighLevelAppointment): Json {
  return {
    id: appointment.id,
    calendarId: appointment.calendarId,
    locationId: appointment.locationId,
    contactId: appointment.contactId,
    title: appointment.title,
    status: "booked",
    appointmentStatus: appointment.status,
    appoinmentStatus: appointment.status,
    ...(appointment.assignedUserId ? { assignedUserId: appointment.assignedUserId } : {}),
    address: appointment.address,
    isRecurring: false,
    dateAdded: new Date(appointment.addedMs).toISOString(),
    dateUpdated: new Date(appointment.updatedMs).toISOString(),
  };
}

/** The shape of `/contacts/:id/appointments`: wall time of the location, without any zone. */
export function renderContactAppointment(world: World, appointment: HighLevelAppointment): Json {
  const zone = world.locations.get(appointment.locationId)?.timezone ?? "UTC";
  const wall = (ms: number) => formatWallTime(zone, ms);
  return {
    id: appointment.id,
    calendarId: appointment.calendarId,
    locationId: appointment.locationId,
    contactId: appointment.contactId,
    ...(appointment.groupId ? { groupId: appointment.groupId } : {}),
    title: appointment.title,
    status: "booked",
    appointmentStatus: appointment.status,
    appoinmentStatus: appointment.status,
    ...(appointment.assignedUserId ? { assignedUserId: appointment.assignedUserId } : {}),
    ...(appointment.userIds.length > 0 ? { users: appointment.userIds } : {}),
    notes: appointment.notes ?? "",
    address: appointment.address,
    startTime: wall(appointment.startMs),
    endTime: wall(appointment.endMs),
    dateAdded: wall(appointment.addedMs),
    dateUpdated: wall(appointment.updatedMs),
    deleted: appointment.deleted,
    assignedResources: [],
  };
}

/** By-id shape: unset fields are missing, lower-case twins are there. */
export function renderContact(contact: HighLevelContact): Json {
  const fullName = nameOf(contact);
  const optional: Json = {
    email: contact.email,
    emailLowerCase: contact.email?.toLowerCase(),
    phone: contact.phone,
    companyName: contact.companyName,
    timezone: contact.timezone,
    source: contact.source,
  };
  const set = Object.entries(optional).filter(([, value]) => value !== null && value !== undefined);
  return {
    id: contact.id,
    locationId: contact.locationId,
    name: fullName,
    firstName: contact.firstName,
    lastName: contact.lastName,
    firstNameLowerCase: contact.firstName.toLowerCase(),
    lastNameLowerCase: contact.lastName.toLowerCase(),
    fullNameLowerCase: fullName.toLowerCase(),
    ...Object.fromEntries(set),
    type: "lead",
    tags: contact.tags,
    dnd: false,
    dateAdded: new Date(contact.addedMs).toISOString(),
    dateUpdated: new Date(contact.updatedMs).toISOString(),
    customFields: [],
    additionalEmails: contact.additionalEmails.map((email) => ({ email })),
    additionalPhones: [],
    createdBy: { source: contact.source ?? "third_party", channel: "OAUTH", sourceId: null },
  };
}

/** Search shape: every key is there, empty ones are null or empty; the zone is null even when it is set. */
export function renderFoundContact(contact: HighLevelContact, searchAfter: [number, string]): Json {
  return {
    id: contact.id,
    locationId: contact.locationId,
    email: contact.email,
    additionalEmails: contact.additionalEmails.map((email) => ({ email })),
    phone: contact.phone,
    phoneLabel: null,
    additionalPhones: [],
    firstName: contact.firstName,
    lastName: contact.lastName,
    contactName: nameOf(contact).toLowerCase(),
    firstNameLowerCase: contact.firstName.toLowerCase(),
    lastNameLowerCase: contact.lastName.toLowerCase(),
    companyName: contact.companyName,
    businessName: null,
    businessId: null,
    address: null,
    city: null,
    state: null,
    postalCode: null,
    country: null,
    website: null,
    source: contact.source,
    type: "lead",
    timezone: null,
    tags: contact.tags,
    customFields: [],
    dnd: false,
    dndSettings: {},
    assignedTo: null,
    followers: [],
    validEmail: null,
    dateOfBirth: null,
    dateAdded: new Date(contact.addedMs).toISOString(),
    dateUpdated: new Date(contact.updatedMs).toISOString(),
    searchAfter,
  };
}

export function nameOf(contact: HighLevelContact): string {
  return `${contact.firstName} ${contact.lastName}`.trim();
}
