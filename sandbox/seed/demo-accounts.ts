import { createLocation, READ_SCOPES } from "../control/create-location.ts";
import { createOrganization } from "../control/create-organization.ts";
import type { IdSource } from "../random.ts";
import type { World } from "../world.ts";
import type {
  CalendlyEventType,
  CalendlyUser,
  HighLevelCalendar,
  HighLevelLocation,
} from "../world-types.ts";
import { DEMO_LOCATIONS, DEMO_TOKENS } from "./demo-tokens.ts";
import { DAY_MS } from "./meeting-times.ts";

export type AccountName = "calendly-only" | "highlevel-only" | "both";

/** What the stories of one account play with. */
export type DemoAccount = {
  name: AccountName;
  calendly: { organizationId: string; users: CalendlyUser[]; types: CalendlyEventType[] } | null;
  highlevel: { location: HighLevelLocation; calendars: HighLevelCalendar[] } | null;
};

export function createDemoAccounts(world: World, ids: IdSource, nowMs: number): DemoAccount[] {
  const deps = { world, ids, nowMs: nowMs - 400 * DAY_MS };
  const northwind = createOrganization(deps, {
    name: "Northwind Growth",
    plan: "teams",
    users: [
      {
        name: "Marisol Vance",
        email: "marisol@northwind.example",
        role: "owner",
        timezone: "America/New_York",
        token: DEMO_TOKENS.northwindOwner,
      },
      {
        name: "Theo Lindgren",
        email: "theo@northwind.example",
        timezone: "America/New_York",
        token: DEMO_TOKENS.northwindMember,
      },
      { name: "Priya Raman", email: "priya@northwind.example", role: "admin", timezone: "America/Chicago" },
      { name: "Callum Byrne", email: "callum@northwind.example", timezone: "Europe/London" },
      { name: "Jada Whitfield", email: "jada@northwind.example", timezone: "America/Los_Angeles" },
      { name: "Nico Ferrara", email: "nico@northwind.example", timezone: "America/Denver" },
    ],
    eventTypes: [
      { name: "Intro call", duration: 30, location: "google_conference" },
      { name: "Product demo", duration: 45, owner: "priya@northwind.example", location: "zoom" },
      { name: "Pricing review", duration: 30, owner: "theo@northwind.example", location: "outbound_call" },
      {
        name: "Growth audit",
        duration: 60,
        owner: "callum@northwind.example",
        location: "microsoft_teams_conference",
      },
      { name: "Round robin discovery", duration: 30, pooling: "round_robin", location: "google_conference" },
      { name: "Weekly onboarding class", duration: 60, kind: "group", seats: 12, location: "zoom" },
    ],
  });
  const harborCalendly = createOrganization(deps, {
    name: "Harbor Labs",
    plan: "standard",
    users: [
      {
        name: "Odette Marlow",
        email: "odette@harborlabs.example",
        role: "owner",
        timezone: "America/Chicago",
        token: DEMO_TOKENS.harborOwner,
      },
      { name: "Samir Kohli", email: "samir@harborlabs.example", timezone: "America/Chicago" },
      { name: "Greta Holm", email: "greta@harborlabs.example", timezone: "Europe/Berlin" },
    ],
    eventTypes: [
      { name: "Strategy call", duration: 30, location: "zoom" },
      {
        name: "Technical deep dive",
        duration: 60,
        owner: "samir@harborlabs.example",
        location: "google_conference",
      },
      {
        name: "Partner briefing",
        duration: 30,
        owner: "greta@harborlabs.example",
        location: "google_conference",
      },
    ],
  });
  const lumen = createLocation(deps, {
    id: DEMO_LOCATIONS.lumen,
    name: "Lumen Dental Group",
    timezone: "America/Denver",
    token: DEMO_TOKENS.lumen,
    users: [
      { name: "Renata Solis", email: "renata@lumendental.example" },
      { name: "Grant Okafor", email: "grant@lumendental.example" },
      { name: "Wendy Tsai", email: "wendy@lumendental.example" },
      { name: "Pascal Brun", email: "pascal@lumendental.example" },
    ],
    calendars: [
      { name: "New patient consult", slotMinutes: 30 },
      {
        name: "Whitening and veneers",
        slotMinutes: 45,
        team: ["grant@lumendental.example", "wendy@lumendental.example"],
      },
      { name: "Financing call", slotMinutes: 30, team: ["pascal@lumendental.example"] },
    ],
    contacts: [],
  });
  const harborHighLevel = createLocation(deps, {
    id: DEMO_LOCATIONS.harbor,
    name: "Harbor Labs",
    timezone: "America/Chicago",
    token: DEMO_TOKENS.harbor,
    users: [
      { name: "Odette Marlow", email: "odette@harborlabs.example" },
      { name: "Samir Kohli", email: "samir@harborlabs.example" },
    ],
    calendars: [
      { name: "Calendly mirror", slotMinutes: 30 },
      { name: "Direct bookings", slotMinutes: 30 },
    ],
    contacts: [],
  });
  createLocation(deps, {
    id: DEMO_LOCATIONS.elsewhere,
    name: "Cedar Annex",
    timezone: "America/New_York",
    token: DEMO_TOKENS.wrongLocation,
    users: [{ name: "Ilse Brandt", email: "ilse@cedarannex.example" }],
    calendars: [{ name: "Walk-ins" }],
    contacts: [],
  });
  addBadTokens(world, northwind.organization.id, northwind.users[0]?.id ?? "");
  return [
    { name: "calendly-only", calendly: readCalendly(world, northwind.organization.id), highlevel: null },
    { name: "highlevel-only", calendly: null, highlevel: readHighLevel(world, lumen.location.id) },
    {
      name: "both",
      calendly: readCalendly(world, harborCalendly.organization.id),
      highlevel: readHighLevel(world, harborHighLevel.location.id),
    },
  ];
}

/** Tokens to be refused with, each in its own way. */
function addBadTokens(world: World, organizationId: string, userId: string): void {
  const calendly = (token: string, scopes: string[], state: "active" | "revoked") =>
    world.calendlyTokens.set(token, { token, organizationId, userId, scopes, state });
  calendly(
    DEMO_TOKENS.northwindWithoutWebhooks,
    ["users:read", "organizations:read", "event_types:read", "scheduled_events:read", "webhooks:read"],
    "active",
  );
  calendly(DEMO_TOKENS.northwindRevoked, ["default"], "revoked");
  const highlevel = (token: string, scopes: string[], state: "active" | "revoked") =>
    world.highlevelTokens.set(token, { token, kind: "pit", locationId: DEMO_LOCATIONS.lumen, scopes, state });
  highlevel(
    DEMO_TOKENS.lumenWithoutEvents,
    READ_SCOPES.filter((scope) => scope !== "calendars/events.readonly"),
    "active",
  );
  highlevel(DEMO_TOKENS.lumenRevoked, READ_SCOPES, "revoked");
}

export function readCalendly(world: World, organizationId: string): NonNullable<DemoAccount["calendly"]> {
  return {
    organizationId,
    users: [...world.calendlyUsers.values()].filter((row) => row.organizationId === organizationId),
    types: [...world.eventTypes.values()].filter((row) => row.organizationId === organizationId),
  };
}

export function readHighLevel(world: World, locationId: string): NonNullable<DemoAccount["highlevel"]> {
  const location = world.locations.get(locationId);
  if (!location) throw new Error(`no location ${locationId}`);
  return {
    location,
    calendars: [...world.calendars.values()].filter((row) => row.locationId === locationId),
  };
}
