import { randomBytes } from "node:crypto";
import type { RateLimiter } from "#server/providers/rate-limiter.ts";
import { TEST_NOW } from "#server/testing/factories.ts";
import { type Account, connectWorkspace, openWorkspace } from "./connect-workspace.ts";
import { createHastyLimiter } from "./engine-process.ts";
import type { Lane } from "./open-lane.ts";
import type { WorldPlan } from "./plan.ts";
import { saveLeads } from "./save-leads.ts";
import { Chronicle } from "./truth.ts";

/** One workspace, connected to an account of its own at each provider, and what has happened there. */
export type World = {
  lane: Lane;
  plan: WorldPlan;
  limiter: RateLimiter;
  bornAt: Date;
  workspaceId: string;
  calendlyId: string;
  highlevelId: string;
  account: Account;
  subscriptionId: string;
  leadIds: string[];
  /** Addresses that people book with; the last one is nobody's. */
  mailboxes: string[];
  contactIds: string[];
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

const WORKFLOW_SECRET = "workflow-secret-of-a-world";

const EVENTS = ["invitee.created", "invitee.canceled", "invitee_no_show.created", "invitee_no_show.deleted"];

export async function openWorld(lane: Lane, plan: WorldPlan): Promise<World> {
  lane.setTime(TEST_NOW);
  const owners = plan.leads.map((_, at) => `lead${at}@world.example`);
  const aliases = plan.leads.map((_, at) => `alias${at}@world.example`);
  const { organization, users, eventTypes } = await lane.control("/calendly/organizations", {
    name: "Northwind Growth",
    users: [{ name: "Dana Ruiz", email: "dana@northwind.example" }],
    eventTypes: [
      { name: "Intro call", duration: 30 },
      { name: "Workshop", duration: 60, kind: "group", seats: 20 },
      { name: "Podcast", duration: 30 },
    ],
  });
  const location = await lane.control("/highlevel/locations", {
    name: "Northwind Growth",
    timezone: "America/Chicago",
    users: [{ name: "Dana Ruiz", email: "dana@northwind.example" }],
    calendars: [{ name: "Discovery" }, { name: "Support" }],
    contacts: [
      ...owners.map((email, at) => ({ email, additionalEmails: [aliases[at]] })),
      { email: STRANGER },
    ],
  });
  const account: Account = {
    organizationId: organization.id,
    ownerId: users[0].id,
    calendlyToken: users[0].token,
    // By name: the last one is what nobody chose.
    eventTypes: eventTypes.map(({ id }: { id: string }) => id),
    locationId: location.location.id,
    highlevelToken: location.token,
    calendars: location.calendars.map(({ id }: { id: string }) => id),
  };
  const workspaceId = await openWorkspace(lane, plan);
  const signingKey = randomBytes(16).toString("hex");
  const subscriptionId = await subscribe(
    lane,
    organization.uri,
    account.calendlyToken,
    workspaceId,
    signingKey,
  );
  const connections = await connectWorkspace(lane, plan, workspaceId, account, {
    signingKey,
    subscriptionId,
    workflowSecret: WORKFLOW_SECRET,
  });
  await hook(lane, plan, workspaceId, account.locationId);
  const contactIds: string[] = location.contacts.map(({ id }: { id: string }) => id);
  const leads = await saveLeads(lane.db, workspaceId, plan, { owners, aliases, contactIds });
  return {
    lane,
    plan,
    limiter: createHastyLimiter(lane.clock, { isPatient: false }),
    bornAt: TEST_NOW,
    workspaceId,
    ...connections,
    account,
    subscriptionId,
    leadIds: leads.map(({ id }) => id),
    mailboxes: [...new Set(leads.flatMap(({ emails }) => emails)), STRANGER],
    contactIds,
    chronicle: new Chronicle(lane.sandbox, account),
    backfillIds: [],
    thinnedStarts: new Set(),
    hasAttendance: false,
  };
}

/** Hooks know no workspace but by their location, so that those of former worlds are gone with them. */
async function hook(lane: Lane, { hooks }: WorldPlan, workspaceId: string, location: string): Promise<void> {
  await lane.control("/highlevel/webhooks", {}, "DELETE");
  if (hooks === "marketplace" || hooks === "both") {
    await lane.control("/highlevel/webhooks", { url: `${lane.receiver.url}/highlevel` });
  }
  if (hooks === "workflow" || hooks === "both") {
    await lane.control("/highlevel/workflows", {
      location,
      url: `${lane.receiver.url}/highlevel/${workspaceId}`,
      headers: { "x-bookproof-secret": WORKFLOW_SECRET },
    });
  }
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
