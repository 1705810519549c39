import type { Role } from "#server/db/generated/enums.ts";
import type { Deps } from "#server/deps.ts";
import type { AccountName } from "./sandbox-people.ts";

export const DEMO_PASSWORD = "bookproof-demo";

export type Place = { account: AccountName; workspaceId: string; slug: string };

const WORKSPACES = [
  {
    account: "calendly-only" as const,
    slug: "northwind",
    name: "Northwind Growth",
    timezone: "America/Chicago",
    bookingProvider: "calendly" as const,
    calendlySchedulingLink: "https://calendly.com/northwind-growth/intro-call",
  },
  {
    account: "highlevel-only" as const,
    slug: "lumen",
    name: "Lumen Dental Group",
    timezone: "America/New_York",
  },
  {
    account: "both" as const,
    slug: "harbor",
    name: "Harbor Labs",
    timezone: "America/Los_Angeles",
    calendlySchedulingLink: "https://calendly.com/harbor-labs/discovery",
  },
];

const OPERATORS: { email: string; name: string; role: Role | "admin"; timezone: string }[] = [
  { email: "setter@demo.test", name: "Sam Keller", role: "setter", timezone: "America/Los_Angeles" },
  { email: "ana@demo.test", name: "Ana Duarte", role: "setter", timezone: "America/Chicago" },
  { email: "inbox@demo.test", name: "Ida Moreau", role: "inbox_manager", timezone: "America/New_York" },
  { email: "ops@demo.test", name: "Oscar Lind", role: "ops_lead", timezone: "America/Chicago" },
  { email: "owner@demo.test", name: "Willa Osei", role: "owner", timezone: "America/New_York" },
  { email: "admin@demo.test", name: "Ada Dorn", role: "admin", timezone: "Europe/London" },
];

/** The demo's operators, with one password for all, and its three workspaces with everybody in each. */
export async function seedPeopleAndWorkspaces(deps: Deps): Promise<Place[]> {
  const users = new Map<string, string>();
  for (const operator of OPERATORS) users.set(operator.email, await seedUser(deps, operator));
  const places: Place[] = [];
  for (const { account, ...data } of WORKSPACES) {
    const { id } = await deps.db.workspace.upsert({ where: { slug: data.slug }, create: data, update: {} });
    for (const { email, role } of OPERATORS) {
      const userId = users.get(email);
      if (role === "admin" || !userId) continue;
      await deps.db.membership.upsert({
        where: { workspaceId_userId: { workspaceId: id, userId } },
        create: { workspaceId: id, userId, role },
        update: {},
      });
    }
    await seedSequences(deps, id);
    places.push({ account, workspaceId: id, slug: data.slug });
  }
  return places;
}

async function seedUser({ db, auth }: Deps, { email, name, role, timezone }: (typeof OPERATORS)[number]) {
  const known = await db.user.findUnique({ where: { email } });
  if (known) return known.id;
  const { user } = await auth.api.createUser({
    body: {
      email,
      name,
      password: DEMO_PASSWORD,
      role: role === "admin" ? "admin" : "user",
      data: { timezone },
    },
  });
  return user.id;
}

async function seedSequences({ db, clock }: Deps, workspaceId: string): Promise<void> {
  const sequences = [
    { name: "Before the meeting", trigger: "meeting_booked" as const, channel: "email" as const },
    { name: "No answer yet", trigger: "no_response" as const, channel: "email" as const },
    { name: "Win back a canceled meeting", trigger: "meeting_canceled" as const, channel: "sms" as const },
  ];
  for (const { channel, ...sequence } of sequences) {
    await db.followUpSequence.upsert({
      where: { workspaceId_name: { workspaceId, name: sequence.name } },
      create: {
        ...sequence,
        workspaceId,
        createdAt: clock.now(),
        steps: { create: { position: 0, dayOffset: 0, channel, template: "Hello {{firstName}}" } },
      },
      update: {},
    });
  }
}
