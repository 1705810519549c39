import { SECOND_MS } from "#server/lib/duration.ts";
import type { World } from "./open-world.ts";
import { mailboxOf, pickAppointment, pickInvitee, startOf } from "./pick.ts";
import type { Act, HookFate } from "./plan.ts";

/** What the wire does to the deliveries of an act. */
const RULES: Partial<Record<HookFate, object>> = {
  dropped: { drop: true },
  doubled: { duplicate: 1 },
  swapped: { swapOrder: true },
  late: { oldTimestampMs: 600 * SECOND_MS },
  forged: { signature: "wrong" },
};

type HighLevelAct = Extract<Act, { fate: HookFate }>;

/** Lets one thing happen at HighLevel, if it can happen at all, and lets those be called who are to hear of it. */
export async function actAtHighLevel(world: World, act: HighLevelAct): Promise<void> {
  const call = planCall(world, act);
  if (call === null) return;
  const { lane } = world;
  const rule = RULES[act.fate];
  if (rule) await lane.control("/highlevel/deliveries/faults", rule);
  lane.receiver.isDown = act.fate === "refused";
  await lane.control(call.path, call.body);
  world.chronicle.note();
  await lane.control("/highlevel/deliveries/flush");
  lane.receiver.isDown = false;
  if (rule) await lane.control("/highlevel/deliveries/faults", {}, "DELETE");
}

type Call = { path: string; body: object };

/** Null where there is nothing that it could happen to. */
function planCall(world: World, act: HighLevelAct): Call | null {
  switch (act.kind) {
    case "book_highlevel":
      return planBooking(world, act);
    case "mirror":
      return planMirror(world, act.meeting);
    case "say_highlevel": {
      const isAttendance = act.word === "showed" || act.word === "noshow";
      const nowMs = world.lane.clock.now().getTime();
      const id = pickAppointment(world, act.appointment, (a) => !isAttendance || a.startMs <= nowMs);
      return id === null ? null : { path: "/highlevel/update", body: { id, status: act.word } };
    }
    case "move_highlevel": {
      // What was attended is not moved.
      const id = pickAppointment(world, act.appointment, (a) => !["showed", "noshow"].includes(a.status));
      const start = startOf(world, act.slot).toISOString();
      return id === null ? null : { path: "/highlevel/update", body: { id, start } };
    }
    case "delete_highlevel": {
      const id = pickAppointment(world, act.appointment, () => true);
      return id === null ? null : { path: "/highlevel/delete", body: { id, forever: act.forever } };
    }
    case "change_contact":
      return planContact(world, act);
    default:
      return act satisfies never;
  }
}

function planBooking(
  world: World,
  { contact, slot, word, isElsewhere }: Extract<Act, { kind: "book_highlevel" }>,
): Call {
  const body = {
    location: world.account.locationId,
    calendar: isElsewhere ? "Support" : "Discovery",
    contact: world.contactIds[contact % world.contactIds.length] ?? null,
    start: startOf(world, slot).toISOString(),
    status: word,
  };
  return { path: "/highlevel/book", body };
}

/** The copy that HighLevel makes of a Calendly meeting: same person, same time, confirmed for ever. */
function planMirror(world: World, meeting: number): Call | null {
  const { invitees, events, contacts } = world.lane.sandbox.world;
  const invitee = invitees.get(pickInvitee(world, meeting, (i) => i.status === "active") ?? "");
  const event = events.get(invitee?.eventId ?? "");
  const contact = world.contactIds.find((id) => {
    const { email = null, additionalEmails = [] } = contacts.get(id) ?? {};
    return [email, ...additionalEmails].includes(invitee?.email.toLowerCase() ?? "");
  });
  if (!event || !contact) return null;
  const body = {
    location: world.account.locationId,
    calendar: "Discovery",
    contact,
    start: new Date(event.startMs).toISOString(),
    end: new Date(event.endMs).toISOString(),
    status: "confirmed",
  };
  return { path: "/highlevel/book", body };
}

function planContact(world: World, act: Extract<Act, { kind: "change_contact" }>): Call | null {
  const id = world.contactIds[act.contact % world.contactIds.length];
  const contact = world.lane.sandbox.world.contacts.get(id ?? "");
  if (!id || !contact) return null;
  const { email, additionalEmails } = contact;
  const address = mailboxOf(world, act.mailbox);
  const former = act.keeps && email !== null ? [email, ...additionalEmails] : [];
  const body = {
    location: world.account.locationId,
    id,
    email: address,
    additionalEmails: [...new Set(former)].filter((other) => other !== address),
  };
  return { path: "/highlevel/contact", body };
}
