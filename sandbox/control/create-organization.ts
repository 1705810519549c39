import type { ActDeps } from "../calendly/acts.ts";
import { calendlyUri } from "../calendly/uri.ts";
import type { CalendlyEventType, CalendlyOrganization, CalendlyUser } from "../world-types.ts";
import { ControlError } from "./control-error.ts";

export type NewOrganization = {
  name: string;
  plan?: CalendlyOrganization["plan"];
  users: {
    name: string;
    email: string;
    role?: CalendlyUser["role"];
    timezone?: string;
    token?: string;
  }[];
  eventTypes: {
    name: string;
    duration?: number;
    kind?: "solo" | "group";
    seats?: number;
    owner?: string;
    pooling?: CalendlyEventType["poolingType"];
    location?: string;
    active?: boolean;
  }[];
};

/** An organization with its people, a token for each of them, and its event types. The first one owns it. */
export function createOrganization(deps: ActDeps, input: NewOrganization) {
  const { world, ids, nowMs } = deps;
  const organization: CalendlyOrganization = {
    id: ids.uuid(),
    number: 10_000_000 + world.organizations.size,
    name: input.name,
    plan: input.plan ?? "teams",
    createdMs: nowMs,
  };
  world.organizations.set(organization.id, organization);
  const users = input.users.map((person, at) => {
    const user: CalendlyUser = {
      id: ids.uuid(),
      membershipId: ids.uuid(),
      organizationId: organization.id,
      role: person.role ?? (at === 0 ? "owner" : "user"),
      name: person.name,
      email: person.email,
      slug: slugOf(person.name),
      timezone: person.timezone ?? "America/New_York",
      createdMs: nowMs,
    };
    world.calendlyUsers.set(user.id, user);
    const token = person.token ?? `sandbox-calendly-${slugOf(person.name)}-${ids.uuid().slice(0, 8)}`;
    world.calendlyTokens.set(token, {
      token,
      organizationId: organization.id,
      userId: user.id,
      scopes: ["default"],
      state: "active",
    });
    return { ...user, token };
  });
  const eventTypes = input.eventTypes.map((wanted, at) => {
    const owner = wanted.owner
      ? users.find((user) => [user.email, user.name].includes(wanted.owner ?? ""))
      : users[0];
    if (!owner) throw new ControlError(400, "bad_body", `No user is called ${wanted.owner}.`);
    const kind = wanted.kind ?? "solo";
    const type: CalendlyEventType = {
      // Both alphabets of ids are still met, even inside one account.
      id: at === 0 ? ids.legacy() : ids.uuid(),
      organizationId: organization.id,
      ownerId: owner.id,
      name: wanted.name,
      slug: slugOf(wanted.name),
      durationMinutes: wanted.duration ?? 30,
      kind,
      poolingType: wanted.pooling ?? null,
      seats: kind === "group" ? (wanted.seats ?? 10) : 1,
      active: wanted.active ?? true,
      locationType: wanted.location ?? "google_conference",
      createdMs: nowMs,
    };
    world.eventTypes.set(type.id, type);
    return type;
  });
  return {
    organization: {
      id: organization.id,
      uri: calendlyUri(`organizations/${organization.id}`),
      name: organization.name,
    },
    users: users.map((user) => ({
      id: user.id,
      uri: calendlyUri(`users/${user.id}`),
      name: user.name,
      email: user.email,
      role: user.role,
      token: user.token,
    })),
    eventTypes: eventTypes.map((type) => ({
      id: type.id,
      uri: calendlyUri(`event_types/${type.id}`),
      name: type.name,
      kind: type.kind,
      duration: type.durationMinutes,
    })),
  };
}

export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}
