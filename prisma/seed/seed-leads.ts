import { addMs, DAY_MS, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import type { SandboxPerson } from "./sandbox-people.ts";
import type { SeedContext } from "./seed-context.ts";
import type { Place } from "./seed-workspaces.ts";

type LeadInput = Record<string, unknown> & { email: string };

const NO_CLAIM = [
  "new",
  "interested",
  "information_requested",
  "call_requested",
  "follow_up",
  "objection",
  "neutral",
];

/** Everybody as the customer's own system knew them before any provider was asked. */
export async function postFirstLeads(context: SeedContext): Promise<void> {
  const now = context.deps.clock.now();
  for (const place of context.places) {
    const people = context.people.filter((p) => p.account === place.account);
    await postLeads(
      context,
      place,
      people.map((person, at) => firstWords(person, at, now)),
    );
    await postLinks(
      context,
      place,
      people.filter((p) => p.story === "link_sent_not_booked"),
      now,
    );
  }
}

/** What was said once the evidence was known: hand-set statuses and claims that contradict it. */
export async function postLaterWords(context: SeedContext): Promise<void> {
  const now = context.deps.clock.now();
  for (const place of context.places) {
    const of = (story: string) =>
      context.people.filter((p) => p.account === place.account && p.story === story);
    const claim = { sentiment: "meeting_booked", sentimentAt: addMs(now, -20 * MINUTE_MS) };
    await postLeads(context, place, [
      ...of("mirror_missed_cancel").map(({ email }) => ({ email, ...claim, status: "meeting_booked" })),
      ...of("rescheduled_unlinked").map(({ email }) => ({ email, ...claim, status: "meeting_booked" })),
      ...of("canceled_old")
        .slice(0, 3)
        .map(({ email }) => ({ email, status: "meeting_booked" })),
      ...of("held")
        .slice(0, 4)
        .map(({ email }) => ({ email, status: "qualified" })),
      ...of("booked")
        .slice(0, 3)
        .map(({ email }) => ({ email, status: "not_interested" })),
    ]);
  }
}

/** Claims that were made just now: unknown until the next complete check. */
export async function postClaims(context: SeedContext): Promise<void> {
  for (const place of context.places) {
    const quiet = context.people.filter((p) => p.account === place.account && p.story === "none");
    await postLeads(
      context,
      place,
      quiet.slice(-4).map(({ email }) => ({ email, sentiment: "meeting_booked" })),
    );
  }
}

/** One more claim, as conversations bring them; the demo does so every now and then. */
export async function postOneClaim(context: SeedContext, turn: number): Promise<void> {
  const place = context.places[turn % context.places.length];
  if (!place) return;
  const quiet = context.people.filter((p) => p.account === place.account && p.story === "none");
  const person = quiet[(turn * 37) % quiet.length];
  if (person) await postLeads(context, place, [{ email: person.email, sentiment: "meeting_booked" }]);
}

function firstWords(person: SandboxPerson, at: number, now: Date): LeadInput {
  const [firstName = person.name, ...rest] = person.name.split(" ");
  const spokenAt = addMs(now, -((at % 40) + 2) * DAY_MS - (at % 24) * HOUR_MS);
  return {
    externalId: `crm-${person.account}-${at + 1}`,
    email: person.email,
    firstName,
    lastName: rest.join(" "),
    company: person.company,
    phone: person.phone,
    ...(at % 9 === 0 ? {} : { timezone: person.timezone }),
    ...(person.ghlContactId && at % 2 === 0 ? { ghlContactId: person.ghlContactId } : {}),
    lastInboundAt: spokenAt,
    lastMessageAt: addMs(spokenAt, HOUR_MS),
    lastMessageDirection: at % 3 === 0 ? "inbound" : "outbound",
    highValue: at % 11 === 0,
    responseMode: at % 5 === 0 ? "automated" : "person",
    ...labelsOf(person, at, spokenAt),
  };
}

/** Most conversations claim nothing; those of booked people do, and some others do too. */
function labelsOf({ story }: SandboxPerson, at: number, spokenAt: Date): Record<string, unknown> {
  const claim = { sentiment: "meeting_booked", sentimentAt: spokenAt };
  switch (story) {
    case "none":
      // Somebody of another system: HighLevel knows this contact, and this workspace does not ask HighLevel.
      if (at % 98 === 0) return { ...claim, ghlContactId: `contact-elsewhere-${at}` };
      if (at % 14 === 0) return { ...claim, status: at % 4 === 0 ? "meeting_booked" : "meeting_requested" };
      if (at % 17 === 0) return { sentiment: "not_interested", status: "not_interested" };
      return { sentiment: NO_CLAIM[at % NO_CLAIM.length], status: at % 3 === 0 ? "qualified" : "new" };
    case "outside_window":
      // Far ahead, and somebody said no meanwhile: evidence that the usual window does not reach.
      return at % 2 === 0
        ? { sentiment: "not_interested", status: "not_interested" }
        : { ...claim, status: "meeting_booked" };
    case "link_sent_not_booked":
    case "booked_other_email":
      return { ...claim, status: "meeting_booked" };
    case "booked":
    case "mirror":
      return at % 6 === 0
        ? { sentiment: "interested", status: "qualified" }
        : { ...claim, status: "meeting_booked" };
    default:
      return { ...claim, status: "meeting_booked" };
  }
}

/** A booking link that was sent, and after which nobody booked. */
async function postLinks(
  context: SeedContext,
  place: Place,
  people: SandboxPerson[],
  now: Date,
): Promise<void> {
  const messages = people.map(({ email }, at) => ({
    externalId: `message-${place.account}-${at}`,
    leadEmail: email,
    direction: "outbound",
    channel: "email",
    at: addMs(now, -(at + 1) * DAY_MS),
    sentLink: true,
  }));
  if (messages.length > 0) await post(context, place, "messages", { messages });
}

async function postLeads(context: SeedContext, place: Place, leads: LeadInput[]): Promise<void> {
  if (leads.length > 0) await post(context, place, "leads", { leads });
}

async function post(
  context: SeedContext,
  place: Place,
  what: "leads" | "messages",
  body: unknown,
): Promise<void> {
  const response = await fetch(`${context.url}/api/v1/${what}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${context.adminApiKey}`,
      "x-workspace-id": place.workspaceId,
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`The server refused the demo's ${what} with ${response.status}.`);
}
