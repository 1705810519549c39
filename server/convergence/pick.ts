import { addMs } from "#server/lib/duration.ts";
import type { World } from "./open-world.ts";
import { SLOTS_MS } from "./plan.ts";

// What a number of a plan means at this moment: they wrap around what there is.

export function startOf({ bornAt }: World, slot: number): Date {
  return addMs(bornAt, SLOTS_MS[slot % SLOTS_MS.length] ?? 0);
}

export function mailboxOf({ mailboxes }: World, mailbox: number): string {
  return mailboxes[mailbox % mailboxes.length] ?? "";
}

type InviteeView = { status: string; noShow: unknown; startMs: number };

/** The nth of those that fit, in the order in which they were booked. */
export function pickInvitee(
  world: World,
  at: number,
  fits: (invitee: InviteeView) => boolean,
): string | null {
  const { invitees, events } = world.lane.sandbox.world;
  const fitting = world.chronicle.bookings.filter(({ provider, id }) => {
    const invitee = provider === "calendly" ? invitees.get(id) : undefined;
    const event = events.get(invitee?.eventId ?? "");
    return invitee && event && fits({ ...invitee, startMs: event.startMs });
  });
  return fitting[at % fitting.length]?.id ?? null;
}

export function pickAppointment(
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

/** Leads keep the order in which they came. */
export async function leadIdOf({ lane, workspaceId }: World, at: number): Promise<string | null> {
  const leads = await lane.db.lead.findMany({
    where: { workspaceId },
    orderBy: { externalId: "asc" },
    select: { id: true },
  });
  return leads[at % leads.length]?.id ?? null;
}
