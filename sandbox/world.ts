import { SortedIndex } from "./sorted-index.ts";
import type {
  CalendlyEvent,
  CalendlyInvitee,
  Delivery,
  HighLevelAppointment,
  HighLevelContact,
  WorldData,
  WorldSettings,
} from "./world-types.ts";

export const DEFAULT_SETTINGS: WorldSettings = {
  pageOrigin: "sandbox",
  inviteeEmailMatching: "insensitive",
  retryTimestamp: "fresh",
  unknownVersionStatus: 400,
  listDeletedAppointments: false,
  appointmentWrapper: "appointment",
  calendlyPageSize: 100,
  calendlyPaging: "position",
  calendlyLimit: 500,
  calendlyWindowMs: 60_000,
  highlevelLimit: 100,
  highlevelWindowMs: 10_000,
  highlevelDailyLimit: 200_000,
  enforceLimits: true,
};

/** Finished deliveries beyond this many are forgotten, oldest first. */
const DELIVERY_LOG_LENGTH = 2_000;

export function createEmptyWorldData(startedMs: number): WorldData {
  return {
    version: 1,
    kind: "empty",
    seed: 0,
    startedMs,
    clock: { offsetMs: 0, frozenMs: null },
    trickleMs: null,
    settings: { ...DEFAULT_SETTINGS },
    organizations: [],
    calendlyUsers: [],
    calendlyTokens: [],
    eventTypes: [],
    events: [],
    invitees: [],
    subscriptions: [],
    locations: [],
    highlevelUsers: [],
    calendars: [],
    highlevelTokens: [],
    contacts: [],
    appointments: [],
    deliveries: [],
    people: [],
  };
}

/** Everything both providers know, with the indexes that keep a page of 100 cheap among 50,000 meetings. */
export class World {
  kind: WorldData["kind"];
  seed: number;
  startedMs: number;
  trickleMs: number | null;
  settings: WorldSettings;
  readonly organizations: Map<string, WorldData["organizations"][number]>;
  readonly calendlyUsers: Map<string, WorldData["calendlyUsers"][number]>;
  readonly calendlyTokens: Map<string, WorldData["calendlyTokens"][number]>;
  readonly eventTypes: Map<string, WorldData["eventTypes"][number]>;
  readonly subscriptions: Map<string, WorldData["subscriptions"][number]>;
  readonly locations: Map<string, WorldData["locations"][number]>;
  readonly highlevelUsers: Map<string, WorldData["highlevelUsers"][number]>;
  readonly calendars: Map<string, WorldData["calendars"][number]>;
  readonly highlevelTokens: Map<string, WorldData["highlevelTokens"][number]>;
  readonly deliveries: Map<string, Delivery>;
  people: WorldData["people"];

  readonly #events = new Map<string, CalendlyEvent>();
  readonly #invitees = new Map<string, CalendlyInvitee>();
  readonly #contacts = new Map<string, HighLevelContact>();
  readonly #appointments = new Map<string, HighLevelAppointment>();
  readonly #inviteeByNoShow = new Map<string, string>();

  /** Keys: `org:<id>`, `user:<id>`, `email:<organization id>:<lower-case address>`. */
  readonly eventsByStart = new SortedIndex<CalendlyEvent>((event) => event.startMs);
  /** Keys: `calendar:<id>`, `user:<id>`, `group:<id>`, `contact:<id>`. */
  readonly appointmentsByStart = new SortedIndex<HighLevelAppointment>((appointment) => appointment.startMs);
  /** Keys: `location:<id>`, `email:<location id>:<lower-case address>`, `phone:<location id>:<number>`. */
  readonly contactsByAdded = new SortedIndex<HighLevelContact>((contact) => contact.addedMs);
  /** How far before a window an overlapping appointment may start. */
  longestAppointmentMs = 0;
  /** Moves with every change of a contact, so that a sorted copy knows when it is stale. */
  contactsVersion = 0;

  constructor(data: WorldData) {
    this.kind = data.kind;
    this.seed = data.seed;
    this.startedMs = data.startedMs;
    this.trickleMs = data.trickleMs;
    this.settings = { ...DEFAULT_SETTINGS, ...data.settings };
    this.organizations = keyById(data.organizations);
    this.calendlyUsers = keyById(data.calendlyUsers);
    this.calendlyTokens = new Map(data.calendlyTokens.map((row) => [row.token, row]));
    this.eventTypes = keyById(data.eventTypes);
    this.subscriptions = keyById(data.subscriptions);
    this.locations = keyById(data.locations);
    this.highlevelUsers = keyById(data.highlevelUsers);
    this.calendars = keyById(data.calendars);
    this.highlevelTokens = new Map(data.highlevelTokens.map((row) => [row.token, row]));
    this.deliveries = keyById(data.deliveries);
    this.people = data.people;
    for (const event of data.events) this.addEvent(event);
    for (const invitee of data.invitees) this.#indexInvitee(invitee);
    for (const contact of data.contacts) this.addContact(contact);
    for (const appointment of data.appointments) this.addAppointment(appointment);
  }

  get events(): ReadonlyMap<string, CalendlyEvent> {
    return this.#events;
  }
  get invitees(): ReadonlyMap<string, CalendlyInvitee> {
    return this.#invitees;
  }
  get contacts(): ReadonlyMap<string, HighLevelContact> {
    return this.#contacts;
  }
  get appointments(): ReadonlyMap<string, HighLevelAppointment> {
    return this.#appointments;
  }

  addEvent(event: CalendlyEvent): void {
    this.#events.set(event.id, event);
    this.eventsByStart.add(`org:${event.organizationId}`, event);
    for (const hostId of event.hostIds) this.eventsByStart.add(`user:${hostId}`, event);
  }

  /** The event it belongs to must be there already. */
  addInvitee(invitee: CalendlyInvitee): void {
    this.#events.get(invitee.eventId)?.inviteeIds.push(invitee.id);
    this.#indexInvitee(invitee);
  }

  removeInvitee(invitee: CalendlyInvitee): void {
    const event = this.#events.get(invitee.eventId);
    this.#invitees.delete(invitee.id);
    if (!event) return;
    event.inviteeIds = event.inviteeIds.filter((id) => id !== invitee.id);
    const address = invitee.email.toLowerCase();
    if (!this.inviteesOf(event).some((other) => other.email.toLowerCase() === address)) {
      this.eventsByStart.remove(`email:${event.organizationId}:${address}`, event);
    }
  }

  removeEvent(event: CalendlyEvent): void {
    for (const invitee of this.inviteesOf(event)) this.removeInvitee(invitee);
    this.#events.delete(event.id);
    this.eventsByStart.remove(`org:${event.organizationId}`, event);
    for (const hostId of event.hostIds) this.eventsByStart.remove(`user:${hostId}`, event);
  }

  inviteesOf(event: CalendlyEvent): CalendlyInvitee[] {
    return event.inviteeIds.flatMap((id) => this.#invitees.get(id) ?? []);
  }

  inviteeOfNoShow(noShowId: string): CalendlyInvitee | undefined {
    return this.#invitees.get(this.#inviteeByNoShow.get(noShowId) ?? "");
  }

  setNoShow(invitee: CalendlyInvitee, noShow: CalendlyInvitee["noShow"]): void {
    if (invitee.noShow) this.#inviteeByNoShow.delete(invitee.noShow.id);
    if (noShow) this.#inviteeByNoShow.set(noShow.id, invitee.id);
    invitee.noShow = noShow;
  }

  addContact(contact: HighLevelContact): void {
    const known = this.#contacts.get(contact.id);
    if (known) for (const key of contactKeys(known)) this.contactsByAdded.remove(key, known);
    this.#contacts.set(contact.id, contact);
    for (const key of contactKeys(contact)) this.contactsByAdded.add(key, contact);
    this.contactsVersion += 1;
  }

  addAppointment(appointment: HighLevelAppointment): void {
    this.#appointments.set(appointment.id, appointment);
    for (const key of appointmentKeys(appointment)) this.appointmentsByStart.add(key, appointment);
    this.longestAppointmentMs = Math.max(this.longestAppointmentMs, appointment.endMs - appointment.startMs);
  }

  /** Changes fields and keeps the indexes true, whatever moved. */
  changeAppointment(appointment: HighLevelAppointment, change: Partial<HighLevelAppointment>): void {
    for (const key of appointmentKeys(appointment)) this.appointmentsByStart.remove(key, appointment);
    Object.assign(appointment, change);
    this.addAppointment(appointment);
  }

  removeAppointment(appointment: HighLevelAppointment): void {
    for (const key of appointmentKeys(appointment)) this.appointmentsByStart.remove(key, appointment);
    this.#appointments.delete(appointment.id);
  }

  /** Keeps every waiting delivery and the latest of the finished ones. */
  forgetOldDeliveries(): void {
    let excess = this.deliveries.size - DELIVERY_LOG_LENGTH;
    if (excess <= 0) return;
    for (const delivery of this.deliveries.values()) {
      if (excess <= 0) return;
      if (delivery.state === "pending") continue;
      this.deliveries.delete(delivery.id);
      excess -= 1;
    }
  }

  toData(clock: WorldData["clock"]): WorldData {
    return {
      version: 1,
      kind: this.kind,
      seed: this.seed,
      startedMs: this.startedMs,
      clock,
      trickleMs: this.trickleMs,
      settings: this.settings,
      organizations: [...this.organizations.values()],
      calendlyUsers: [...this.calendlyUsers.values()],
      calendlyTokens: [...this.calendlyTokens.values()],
      eventTypes: [...this.eventTypes.values()],
      events: [...this.#events.values()],
      invitees: [...this.#invitees.values()],
      subscriptions: [...this.subscriptions.values()],
      locations: [...this.locations.values()],
      highlevelUsers: [...this.highlevelUsers.values()],
      calendars: [...this.calendars.values()],
      highlevelTokens: [...this.highlevelTokens.values()],
      contacts: [...this.#contacts.values()],
      appointments: [...this.#appointments.values()],
      deliveries: [...this.deliveries.values()],
      people: this.people,
    };
  }

  #indexInvitee(invitee: CalendlyInvitee): void {
    const event = this.#events.get(invitee.eventId);
    this.#invitees.set(invitee.id, invitee);
    if (invitee.noShow) this.#inviteeByNoShow.set(invitee.noShow.id, invitee.id);
    if (event) {
      this.eventsByStart.add(`email:${event.organizationId}:${invitee.email.toLowerCase()}`, event);
    }
  }
}

function keyById<T extends { id: string }>(rows: T[]): Map<string, T> {
  return new Map(rows.map((row) => [row.id, row]));
}

function contactKeys(contact: HighLevelContact): string[] {
  const keys = [`location:${contact.locationId}`];
  if (contact.email) keys.push(`email:${contact.locationId}:${contact.email.toLowerCase()}`);
  if (contact.phone) keys.push(`phone:${contact.locationId}:${contact.phone}`);
  return keys;
}

function appointmentKeys(appointment: HighLevelAppointment): string[] {
  const keys = [`calendar:${appointment.calendarId}`];
  if (appointment.groupId) keys.push(`group:${appointment.groupId}`);
  if (appointment.contactId) keys.push(`contact:${appointment.contactId}`);
  for (const userId of new Set([appointment.assignedUserId, ...appointment.userIds])) {
    if (userId) keys.push(`user:${userId}`);
  }
  return keys;
}
