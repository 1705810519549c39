import { randomBytes } from "node:crypto";
import { addMs, DAY_MS } from "#server/lib/duration.ts";
import type { RateLimiter } from "#server/providers/rate-limiter.ts";
import { buildConnection, buildWorkspace, TEST_NOW } from "#server/testing/factories.ts";
import { createHastyLimiter } from "./engine-process.ts";
import type { WorldPlan } from "./model.ts";
import type { Lane } from "./open-lane.ts";
import type { KnownLead } from "./oracle.ts";
import { Chronicle } from "./truth.ts";

/** One workspace, connected to an account of its own at each provider, and what has happened there. */
export type World = {
  lane: Lane;
  limiter: RateLimiter;
  bornAt: Date;
  workspaceId: string;
  calendlyId: string;
  highlevelId: string;
  organizationId: string;
  locationId: string;
  subscriptionId: string;
  leads: KnownLead[];
  /** Addresses that people book with; the last one is nobody's. */
  mailboxes: string[];
  contacts: { id: string; emails: string[] }[];
  chronicle: Chronicle;
  backfillIds: string[];
  /**
   * Starts at which somebody was erased from a meeting. Nobody joins there any more: who leaves without a trace and who
   * comes in cancel each other out in all that a list of events shows.
   */
  thinnedStarts: Set<number>;
  /** A no-show was marked or taken back: such marks may move nothing that a list shows. */
  hasAttendance: boolean;
};

/** Has a mailbox and a contact, and is nobody's lead. */
const STRANGER = "stranger@world.example";

const EVENTS = ["invitee.created", "invitee.canceled", "invitee_no_show.created", "invitee_no_show.deleted"];

export async function openWorld(lane: Lane, plan: WorldPlan): Promise<World> {
  lane.setTime(TEST_NOW);
  const owners = plan.leads.map((_, at) => `lead${at}@world.example`);
  const aliases = plan.leads.map((_, at) => `alias${at}@world.example`);
  const { organization, users } = await lane.control("/calendly/organizations", {
    name: "Northwind Growth",
    users: [{ name: "Dana Ruiz", email: "dana@northwind.example" }],
    eventTypes: [
      { name: "Intro call", duration: 30 },
      { name: "Workshop", duration: 60, kind: "group", seats: 20 },
    ],
  });
  const location = await lane.control("/highlevel/locations", {
    name: "Northwind Growth",
    timezone: "America/Chicago",
    users: [{ name: "Dana Ruiz", email: "dana@northwind.example" }],
    calendars: [{ name: "Discovery" }],
    contacts: [
      ...owners.map((email, at) => ({ email, additionalEmails: [aliases[at]] })),
      { email: STRANGER },
    ],
  });
  const workspace = await buildWorkspace(lane.db, {
    slug: `world-${randomBytes(6).toString("hex")}`,
    freshnessDays: plan.freshnessDays,
    // Narrow, since days without meetings teach nothing and cost time.
    lookbackDays: 6,
    lookaheadDays: 10,
  });
  const signingKey = randomBytes(16).toString("hex");
  const subscription = await subscribe(lane, organization.uri, users[0].token, workspace.id, signingKey);
  const calendly = await buildConnection(lane.db, {
    workspaceId: workspace.id,
    organizationId: organization.id,
    ownerId: users[0].id,
    tokenSealed: lane.secrets.seal(users[0].token),
    signingKeySealed: lane.secrets.seal(signingKey),
    webhookId: subscription,
  });
  const highlevel = await buildConnection(lane.db, {
    workspaceId: workspace.id,
    provider: "highlevel",
    locationId: location.location.id,
    tokenSealed: lane.secrets.seal(location.token),
  });
  const contactIds: string[] = location.contacts.map(({ id }: { id: string }) => id);
  const place = { organizationId: organization.id as string, locationId: location.location.id as string };
  const leads = await saveLeads(lane, workspace.id, plan, { owners, aliases, contactIds });
  return {
    lane,
    limiter: createHastyLimiter(lane.clock),
    bornAt: TEST_NOW,
    workspaceId: workspace.id,
    calendlyId: calendly.id,
    highlevelId: highlevel.id,
    ...place,
    subscriptionId: subscription,
    leads,
    mailboxes: [...new Set(leads.flatMap(({ emails }) => emails)), STRANGER],
    contacts: contactIds.map((id, at) => ({
      id,
      emails: [owners[at] ?? STRANGER, aliases[at] ?? ""],
    })),
    chronicle: new Chronicle(lane.sandbox, place),
    backfillIds: [],
    thinnedStarts: new Set(),
    hasAttendance: false,
  };
}

async function subscribe(
  lane: Lane,
  organization: string,
  token: string,
  workspaceId: string,
  signingKey: string,
): Promise<string> {
  const response = await fetch(`${lane.sandbox.url}/calendly/webhook_subscriptions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({
      url: `${lane.receiver.url}/calendly/${workspaceId}`,
      events: EVENTS,
      organization,
      scope: "organization",
      signing_key: signingKey,
    }),
  });
  if (response.status !== 201) throw new Error(`No subscription: ${await response.text()}`);
  const { resource } = await response.json();
  return resource.uri.slice(resource.uri.lastIndexOf("/") + 1);
}

async function saveLeads(
  { db }: Lane,
  workspaceId: string,
  plan: WorldPlan,
  names: { owners: string[]; aliases: string[]; contactIds: string[] },
): Promise<KnownLead[]> {
  const createdAt = addMs(TEST_NOW, -20 * DAY_MS);
  const { owners, aliases, contactIds } = names;
  const leads = plan.leads.map(
    (lead, at): KnownLead & { email: string; plan: WorldPlan["leads"][number] } => {
      const email = owners[lead.shares === null ? at : lead.shares % owners.length] ?? "";
      const alias = {
        none: [],
        own: [aliases[at] ?? ""],
        of_next: [aliases[(at + 1) % aliases.length] ?? ""],
      }[lead.alias];
      return {
        id: crypto.randomUUID(),
        email,
        emails: [email, ...alias],
        contactIds: lead.hasContact ? [contactIds[at] ?? ""] : [],
        plan: lead,
      };
    },
  );
  await db.lead.createMany({
    data: leads.map((lead) => ({
      id: lead.id,
      workspaceId,
      email: lead.email,
      status: "qualified" as const,
      statusAt: createdAt,
      sentimentAt: createdAt,
      responseMode: lead.plan.isAutomated ? ("automated" as const) : ("person" as const),
      createdAt,
      updatedAt: createdAt,
    })),
  });
  await db.leadAlias.createMany({
    data: leads.flatMap(({ id, emails }) =>
      emails.slice(1).map((emailKey) => ({
        workspaceId,
        leadId: id,
        emailKey,
        source: "import" as const,
        createdAt,
      })),
    ),
  });
  await db.leadContact.createMany({
    data: leads.flatMap((lead) =>
      lead.contactIds.map((contactId) => ({ workspaceId, leadId: lead.id, contactId })),
    ),
  });
  await saveSequences(
    db,
    workspaceId,
    leads.filter((lead) => lead.plan.isEnrolled).map(({ id }) => id),
  );
  return leads.map(({ id, emails, contactIds: ids }) => ({ id, emails, contactIds: ids }));
}

const TRIGGERS = ["no_response", "meeting_booked", "meeting_canceled", "meeting_no_show"] as const;

async function saveSequences(db: Lane["db"], workspaceId: string, enrolledIds: string[]): Promise<void> {
  const createdAt = addMs(TEST_NOW, -60 * DAY_MS);
  const sequences = TRIGGERS.map((trigger) => ({ id: crypto.randomUUID(), trigger }));
  await db.followUpSequence.createMany({
    data: sequences.map((s) => ({ ...s, workspaceId, name: s.trigger, createdAt })),
  });
  const courting = sequences[0];
  await db.followUpInstance.createMany({
    data: enrolledIds.map((leadId) => ({
      workspaceId,
      leadId,
      sequenceId: courting?.id ?? "",
      trigger: "no_response" as const,
      startedAt: createdAt,
    })),
  });
}
