/** What the world remembers, as plain data: instants are epoch milliseconds, references are bare ids. */

export type CalendlyOrganization = {
  id: string;
  number: number;
  name: string;
  plan: "basic" | "standard" | "teams";
  createdMs: number;
};

export type CalendlyUser = {
  id: string;
  membershipId: string;
  organizationId: string;
  role: "user" | "admin" | "owner";
  name: string;
  email: string;
  slug: string;
  timezone: string;
  createdMs: number;
};

/** `scopes` holding the one word `default` is a token from before scopes existed: it may do everything. */
export type CalendlyToken = {
  token: string;
  organizationId: string;
  userId: string;
  scopes: string[];
  state: "active" | "revoked" | "expired";
};

export type CalendlyEventType = {
  id: string;
  organizationId: string;
  ownerId: string;
  name: string;
  slug: string;
  durationMinutes: number;
  kind: "solo" | "group";
  poolingType: "round_robin" | "collective" | "multi_pool" | null;
  seats: number;
  active: boolean;
  locationType: string;
  createdMs: number;
};

export type Cancellation = {
  canceledBy: string;
  reason: string | null;
  cancelerType: "host" | "invitee";
  createdMs: number;
};

export type CalendlyEvent = {
  id: string;
  organizationId: string;
  eventTypeId: string;
  name: string | null;
  status: "active" | "canceled";
  startMs: number;
  endMs: number;
  location: Record<string, unknown> | null;
  hostIds: string[];
  guests: string[];
  seats: number;
  inviteeIds: string[];
  cancellation: Cancellation | null;
  createdMs: number;
  updatedMs: number;
  /** Fields forced onto the rendered resource, to show a client words and shapes it has never seen. */
  overrides?: Record<string, unknown>;
};

/** A link to a neighbour keeps both ids, so that it still prints after the neighbour was deleted. */
export type InviteeLink = { eventId: string; inviteeId: string };

export type CalendlyInvitee = {
  id: string;
  eventId: string;
  email: string;
  name: string;
  firstName: string | null;
  lastName: string | null;
  status: "active" | "canceled";
  timezone: string | null;
  answers: { question: string; answer: string; position: number }[];
  tracking: Record<string, string | null>;
  textReminderNumber: string | null;
  rescheduled: boolean;
  oldInvitee: InviteeLink | null;
  newInvitee: InviteeLink | null;
  cancellation: Cancellation | null;
  noShow: { id: string; createdMs: number } | null;
  schedulingMethod: "instant_book" | "api" | null;
  createdMs: number;
  updatedMs: number;
  overrides?: Record<string, unknown>;
};

export type CalendlySubscription = {
  id: string;
  organizationId: string;
  userId: string | null;
  creatorId: string;
  scope: "organization" | "user";
  callbackUrl: string;
  events: string[];
  signingKey: string | null;
  state: "active" | "disabled";
  retryStartedMs: number | null;
  createdMs: number;
  updatedMs: number;
};

export type HighLevelLocation = {
  id: string;
  companyId: string;
  name: string;
  timezone: string;
  email: string;
  country: string;
};

export type HighLevelUser = {
  id: string;
  locationId: string;
  name: string;
  firstName: string;
  lastName: string;
  email: string;
  role: "admin" | "user";
};

export type HighLevelCalendar = {
  id: string;
  locationId: string;
  groupId: string | null;
  name: string;
  slug: string;
  calendarType: string;
  slotMinutes: number;
  seats: number;
  isActive: boolean;
  teamUserIds: string[];
  /** False hides it from the list of calendars while its events stay reachable by user. */
  isListed: boolean;
};

export type HighLevelToken = {
  token: string;
  kind: "pit" | "agency_pit" | "oauth_location" | "oauth_company";
  locationId: string;
  scopes: string[];
  state: "active" | "revoked" | "expired";
};

export type HighLevelContact = {
  id: string;
  locationId: string;
  firstName: string;
  lastName: string;
  email: string | null;
  additionalEmails: string[];
  phone: string | null;
  companyName: string | null;
  timezone: string | null;
  tags: string[];
  source: string | null;
  addedMs: number;
  updatedMs: number;
};

export type HighLevelAppointment = {
  id: string;
  locationId: string;
  calendarId: string;
  contactId: string | null;
  groupId: string | null;
  title: string;
  /** The word as the wire carries it, known or not. */
  status: string;
  assignedUserId: string | null;
  userIds: string[];
  startMs: number;
  endMs: number;
  address: string;
  notes: string | null;
  source: string;
  deleted: boolean;
  addedMs: number;
  updatedMs: number;
};

export type DeliveryAttempt = { atMs: number; status: number | null; error: string | null; tookMs: number };

export type Delivery = {
  id: string;
  subscriptionId: string;
  event: string;
  inviteeId: string;
  body: string;
  state: "pending" | "delivered" | "expired" | "lost" | "dropped";
  createdMs: number;
  nextAttemptMs: number;
  /** No attempt after this instant: a day after its creation or after the meeting, whichever is first. */
  giveUpMs: number;
  /** Waits until that delivery has been tried once, so that an order can be arranged. */
  afterId: string | null;
  signature: "right" | "wrong";
  /** How much older than the attempt the signed timestamp claims to be. */
  timestampAgeMs: number;
  firstTimestampMs: number | null;
  attempts: DeliveryAttempt[];
};

export type Person = {
  id: string;
  account: string;
  name: string;
  email: string;
  phone: string | null;
  company: string;
  timezone: string;
  ghlContactId: string | null;
  story: string;
  /** False for someone who booked and whom nobody in sales has heard of. */
  isLead: boolean;
  /** The address on the booking, where it is not `email`. */
  bookingEmail: string | null;
  inviteeIds: string[];
  appointmentIds: string[];
};

export type WorldSettings = {
  /** Whose origin `next_page` names: ours, or the provider's own (to see whether a client follows it). */
  pageOrigin: "sandbox" | "provider";
  inviteeEmailMatching: "exact" | "insensitive";
  /** Whether a repeated delivery is signed with a fresh timestamp or with its first one. */
  retryTimestamp: "fresh" | "original";
  unknownVersionStatus: 400 | 401;
  listDeletedAppointments: boolean;
  appointmentWrapper: "appointment" | "event";
  /** Rows of a page at most, whatever `count` asks for. */
  calendlyPageSize: number;
  /** Whether the next page of meetings goes on at a place or at a number of rows, which shifts with every change. */
  calendlyPaging: "position" | "offset";
  calendlyLimit: number;
  calendlyWindowMs: number;
  highlevelLimit: number;
  highlevelWindowMs: number;
  highlevelDailyLimit: number;
  enforceLimits: boolean;
};

export type WorldData = {
  version: 1;
  kind: "empty" | "demo";
  seed: number;
  startedMs: number;
  clock: { offsetMs: number; frozenMs: number | null };
  trickleMs: number | null;
  settings: WorldSettings;
  organizations: CalendlyOrganization[];
  calendlyUsers: CalendlyUser[];
  calendlyTokens: CalendlyToken[];
  eventTypes: CalendlyEventType[];
  events: CalendlyEvent[];
  invitees: CalendlyInvitee[];
  subscriptions: CalendlySubscription[];
  locations: HighLevelLocation[];
  highlevelUsers: HighLevelUser[];
  calendars: HighLevelCalendar[];
  highlevelTokens: HighLevelToken[];
  contacts: HighLevelContact[];
  appointments: HighLevelAppointment[];
  deliveries: Delivery[];
  people: Person[];
};
