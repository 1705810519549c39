import { addMs, MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import { type Act, type Fate, SLOTS_MS } from "./model.ts";
import type { World } from "./open-world.ts";

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
    default:
      return actAtHighLevel(world, act);
  }
}

async function book(world: World, { mailbox, shout, slot, group, fate }: Extract<Act, { kind: "book" }>) {
  const email = mailboxOf(world, mailbox);
  const start = startOf(world, slot);
  await atCalendly(world, fate, "/calendly/book", {
    organization: world.organizationId,
    eventType: group && !world.thinnedStarts.has(start.getTime()) ? "Workshop" : "Intro call",
    start: start.toISOString(),
    // Nobody books a meeting that is over: those were booked a day before.
    ...(start < world.lane.clock.now() ? { at: addMs(start, -26 * 60 * MINUTE_MS).toISOString() } : {}),
    invitee: { name: "Maya Okafor", email: shout ? email.toUpperCase() : email },
  });
}

async function actAtHighLevel(world: World, act: Act): Promise<void> {
  const { lane } = world;
  switch (act.kind) {
    case "book_highlevel":
    case "mirror": {
      const booking = act.kind === "mirror" ? planMirror(world, act.meeting) : planBooking(world, act);
      if (!booking) return;
      await lane.control("/highlevel/book", {
        location: world.locationId,
        calendar: "Discovery",
        ...booking,
      });
      break;
    }
    case "say_highlevel": {
      const isAttendance = act.word === "showed" || act.word === "noshow";
      const nowMs = lane.clock.now().getTime();
      const id = pickAppointment(world, act.appointment, (a) => !isAttendance || a.startMs <= nowMs);
      if (!id) return;
      await lane.control("/highlevel/update", { id, status: act.word });
      break;
    }
    case "move_highlevel": {
      // What was attended is not moved.
      const id = pickAppointment(world, act.appointment, (a) => !["showed", "noshow"].includes(a.status));
      if (!id) return;
      await lane.control("/highlevel/update", { id, start: startOf(world, act.slot).toISOString() });
      break;
    }
    case "delete_highlevel": {
      const id = pickAppointment(world, act.appointment, () => true);
      if (!id) return;
      await lane.control("/highlevel/delete", { id, forever: act.forever });
      break;
    }
    default:
      throw new Error(`${act.kind} is no act at HighLevel.`);
  }
  world.chronicle.note();
}

function planBooking(world: World, { contact, slot, word }: Extract<Act, { kind: "book_highlevel" }>) {
  const start = startOf(world, slot);
  const id = world.contacts[contact % world.contacts.length]?.id;
  return { contact: id ?? null, start: start.toISOString(), status: word };
}

/** The copy that HighLevel makes of a Calendly meeting: same person, same time, confirmed for ever. */
function planMirror(world: World, meeting: number) {
  const { sandbox } = world.lane;
  const id = pickInvitee(world, meeting, (i) => i.status === "active");
  const invitee = sandbox.world.invitees.get(id ?? "");
  const event = sandbox.world.events.get(invitee?.eventId ?? "");
  const contact = world.contacts.find(({ emails }) => emails.includes(invitee?.email.toLowerCase() ?? ""));
  if (!invitee || !event || !contact) return null;
  return {
    contact: contact.id,
    start: new Date(event.startMs).toISOString(),
    end: new Date(event.endMs).toISOString(),
    status: "confirmed",
  };
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

function startOf({ bornAt }: World, slot: number): Date {
  return addMs(bornAt, SLOTS_MS[slot % SLOTS_MS.length] ?? 0);
}

function mailboxOf({ mailboxes }: World, mailbox: number): string {
  return mailboxes[mailbox % mailboxes.length] ?? "";
}

type InviteeView = { status: string; noShow: unknown; startMs: number };

/** The nth of those that fit, in the order in which they were booked. */
function pickInvitee(world: World, at: number, fits: (invitee: InviteeView) => boolean): string | null {
  const { invitees, events } = world.lane.sandbox.world;
  const fitting = world.chronicle.bookings.filter(({ provider, id }) => {
    const invitee = provider === "calendly" ? invitees.get(id) : undefined;
    const event = events.get(invitee?.eventId ?? "");
    return invitee && event && fits({ ...invitee, startMs: event.startMs });
  });
  return fitting[at % fitting.length]?.id ?? null;
}

function pickAppointment(
  world: World,
  at: number,
  fits: (appointment: { status: string; startMs: number }) => boolean,
): string | null {
  const { appointments } = world.lane.sandbox.world;
  const fitting = world.chronicle.bookings.filter(({ provider, id }) => {
    const appointment = provider === "highlevel" ? appointments.get(id) : undefined;
    return appointment && !appointment.deleted && fits(appointment);
  });
  return fitting[at % fitting.length]?.id ?? null;
}
