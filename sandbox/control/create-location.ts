import { type ActDeps, type NewContact, saveContact } from "../highlevel/acts.ts";
import type { HighLevelCalendar, HighLevelLocation, HighLevelUser } from "../world-types.ts";
import { ControlError } from "./control-error.ts";
import { slugOf } from "./create-organization.ts";

export const READ_SCOPES = [
  "calendars.readonly",
  "calendars/events.readonly",
  "contacts.readonly",
  "users.readonly",
  "locations.readonly",
];
export const ALL_SCOPES = [...READ_SCOPES, "calendars/events.write", "contacts.write"];

export type NewLocation = {
  id?: string;
  name: string;
  timezone: string;
  token?: string;
  users: { name: string; email: string; role?: "admin" | "user" }[];
  calendars: {
    name: string;
    slotMinutes?: number;
    type?: string;
    seats?: number;
    groupId?: string;
    team?: string[];
    isListed?: boolean;
  }[];
  contacts: Omit<NewContact, "locationId">[];
};

/** A location with its people, calendars, contacts and one private integration token that may do everything. */
export function createLocation(deps: ActDeps, input: NewLocation) {
  const { world, ids } = deps;
  const location: HighLevelLocation = {
    id: input.id ?? ids.highlevel(),
    companyId: ids.highlevel(),
    name: input.name,
    timezone: input.timezone,
    email: `office@${slugOf(input.name)}.example`,
    country: input.timezone.startsWith("Europe/") ? "GB" : "US",
  };
  world.locations.set(location.id, location);
  const users = input.users.map((person, at) => {
    const [firstName = "", ...rest] = person.name.split(" ");
    const user: HighLevelUser = {
      id: ids.highlevel(),
      locationId: location.id,
      name: person.name,
      firstName,
      lastName: rest.join(" "),
      email: person.email,
      role: person.role ?? (at === 0 ? "admin" : "user"),
    };
    world.highlevelUsers.set(user.id, user);
    return user;
  });
  const calendars = input.calendars.map((wanted) => {
    const calendar: HighLevelCalendar = {
      id: ids.highlevel(),
      locationId: location.id,
      groupId: wanted.groupId ?? null,
      name: wanted.name,
      slug: slugOf(wanted.name),
      calendarType: wanted.type ?? "round_robin",
      slotMinutes: wanted.slotMinutes ?? 30,
      seats: wanted.seats ?? 1,
      isActive: true,
      teamUserIds: (wanted.team ?? users.map((user) => user.email)).map((reference) => {
        const user = users.find((row) => row.email === reference || row.name === reference);
        if (!user) throw new ControlError(400, "bad_body", `No user is called ${reference}.`);
        return user.id;
      }),
      isListed: wanted.isListed ?? true,
    };
    world.calendars.set(calendar.id, calendar);
    return calendar;
  });
  const contacts = input.contacts.map((contact) =>
    saveContact(deps, { ...contact, locationId: location.id }),
  );
  const token = input.token ?? `pit-sandbox-${slugOf(input.name)}-${ids.highlevel().slice(0, 8)}`;
  world.highlevelTokens.set(token, {
    token,
    kind: "pit",
    locationId: location.id,
    scopes: [...ALL_SCOPES],
    state: "active",
  });
  return {
    location: { id: location.id, name: location.name, timezone: location.timezone },
    token,
    users: users.map(({ id, name, email }) => ({ id, name, email })),
    calendars: calendars.map(({ id, name }) => ({ id, name })),
    contacts: contacts.map(({ id, email }) => ({ id, email })),
  };
}
