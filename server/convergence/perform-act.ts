import { addMs, MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import { actAtHighLevel } from "./act-at-highlevel.ts";
import type { World } from "./open-world.ts";
import { mailboxOf, pickInvitee, startOf } from "./pick.ts";
import type { Act, Fate, Room } from "./plan.ts";

/** Lets one thing happen at a provider, if it can happen at all, and lets the deliveries that it causes arrive. */
export async function performAct(world: World, act: Act): Promise<void> {
  switch (act.kind) {
    case "book":
      return book(world, act);
    case "cancel": {
      const invitee = pickInvitee(world, act.meeting, (i) => i.status === "active");
      if (!invitee) return;
      return atCalendly(world, act.fate, "/calendly/cancel", { invitee, by: act.by });
    }
    case "reschedule": {
      const invitee = pickInvitee(world, act.meeting, (i) => i.status === "active");
      const start = startOf(world, act.slot);
      if (!invitee || world.thinnedStarts.has(start.getTime())) return;
      return atCalendly(world, act.fate, "/calendly/reschedule", {
        invitee,
        start: start.toISOString(),
        ...(act.mailbox === null ? {} : { email: mailboxOf(world, act.mailbox) }),
        order: act.createdFirst ? "created_first" : "canceled_first",
      });
    }
    case "no_show": {
      const nowMs = world.lane.clock.now().getTime();
      const invitee = pickInvitee(
        world,
        act.meeting,
        (i) => i.status === "active" && i.noShow === null && i.startMs <= nowMs,
      );
      if (!invitee) return;
      world.hasAttendance = true;
      return atCalendly(world, act.fate, "/calendly/no-show", { invitee });
    }
    case "undo_no_show": {
      const invitee = pickInvitee(world, act.meeting, (i) => i.noShow !== null);
      if (!invitee) return;
      world.hasAttendance = true;
      return atCalendly(world, act.fate, "/calendly/no-show/undo", { invitee });
    }
    case "erase": {
      const invitee = pickInvitee(world, act.meeting, () => true);
      if (!invitee) return;
      const { events, invitees } = world.lane.sandbox.world;
      const event = invitees.get(invitee)?.eventId;
      if (act.what === "invitee") world.thinnedStarts.add(events.get(event ?? "")?.startMs ?? 0);
      await world.lane.control("/calendly/delete", act.what === "event" ? { event } : { invitee });
      return world.chronicle.note();
    }
    case "turn_token": {
      const token = world.account[act.provider === "calendly" ? "calendlyToken" : "highlevelToken"];
      await world.lane.control(`/${act.provider}/tokens/${token}/${act.to}`);
      return;
    }
    default:
      return actAtHighLevel(world, act);
  }
}

const TYPES: Record<Room, string> = { intro: "Intro call", workshop: "Workshop", podcast: "Podcast" };

async function book(world: World, { mailbox, shout, slot, room, fate }: Extract<Act, { kind: "book" }>) {
  const email = mailboxOf(world, mailbox);
  const start = startOf(world, slot);
  await atCalendly(world, fate, "/calendly/book", {
    organization: world.account.organizationId,
    eventType: TYPES[room === "workshop" && world.thinnedStarts.has(start.getTime()) ? "intro" : room],
    start: start.toISOString(),
    // Nobody books a meeting that is over: those were booked a day before.
    ...(start < world.lane.clock.now() ? { at: addMs(start, -26 * 60 * MINUTE_MS).toISOString() } : {}),
    invitee: { name: "Maya Okafor", email: shout ? email.toUpperCase() : email },
  });
}

/** Deliveries leave with the act; what is to become of them is arranged before. */
async function atCalendly(world: World, fate: Fate, path: string, body: object): Promise<void> {
  const { lane } = world;
  const faultId = await arrange(world, fate);
  lane.receiver.isDown = fate === "refused";
  await lane.tryControl(path, body);
  world.chronicle.note();
  await lane.control("/deliveries/flush");
  lane.receiver.isDown = false;
  if (faultId) await lane.control(`/faults/${faultId}`, {}, "DELETE");
}

async function arrange(world: World, fate: Fate): Promise<string | null> {
  const subscription = world.subscriptionId;
  const rules: Partial<Record<Fate, object>> = {
    dropped: { drop: true },
    first_dropped: { drop: true, times: 1 },
    doubled: { duplicate: 1 },
    delayed: { delayMs: 5 * MINUTE_MS },
    swapped: { swapOrder: true },
    late: { oldTimestamp: 600 * SECOND_MS },
  };
  const rule = rules[fate];
  if (!rule) return null;
  const { id } = await world.lane.control("/deliveries/faults", { subscription, ...rule });
  return id;
}
