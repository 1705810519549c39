import {
  type Announcement,
  bookMeeting,
  cancelInvitee,
  markNoShow,
  rescheduleInvitee,
} from "./calendly/acts.ts";
import { announceActs } from "./calendly/announce.ts";
import { bookAppointment, updateAppointment } from "./highlevel/acts.ts";
import { machineIds, machineRandom, pickOne } from "./random.ts";
import type { Sandbox } from "./sandbox.ts";
import { INVITEE_REASONS, MOVE_REASONS } from "./seed/invented-reasons.ts";
import { DAY_MS, MeetingTimes, MINUTE_MS } from "./seed/meeting-times.ts";
import type { CalendlyInvitee, HighLevelAppointment, Person } from "./world-types.ts";

/** People whose story ends in nothing special: only they go on living, so that the others stay as told. */
const LIVING_STORIES = new Set([
  "none",
  "booked",
  "held",
  "canceled_recent",
  "canceled_old",
  "link_sent_not_booked",
]);
/** With fewer meetings ahead than this, people only book. */
const FEWEST_AHEAD = 40;
/** With more than this, somebody cancels. */
const MOST_AHEAD = 260;

/** A gentle living world: now and then somebody books, cancels, moves a meeting, or stays away from one. */
export class Trickle {
  readonly #sandbox: Sandbox;
  #timer: NodeJS.Timeout | null = null;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  /** Follows the interval that the world remembers; null stops it. */
  restart(): void {
    this.stop();
    const everyMs = this.#sandbox.world.trickleMs;
    if (everyMs === null) return;
    this.#timer = setInterval(() => this.act(), everyMs);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Lets one thing happen and says what, in a word. */
  act(): string {
    const { world, clock } = this.#sandbox;
    const nowMs = clock.nowMs();
    const living = world.people.filter((person) => LIVING_STORIES.has(person.story));
    if (living.length === 0) return "nothing";
    const meetings = living.flatMap((person) => findMeetings(this.#sandbox, person));
    const ahead = meetings.filter((meeting) => meeting.startMs > nowMs + 10 * MINUTE_MS);
    const over = meetings.filter(
      (meeting) => meeting.endMs < nowMs && meeting.endMs > nowMs - 7 * DAY_MS && !meeting.invitee?.noShow,
    );
    const word = this.#actOne(decideAct(ahead.length, over.length, machineRandom.next()), {
      living,
      ahead,
      over,
    });
    this.#sandbox.changed();
    return word;
  }

  #actOne(
    act: Act,
    choice: { living: Person[]; ahead: LivingMeeting[]; over: LivingMeeting[] },
  ): Act | "nothing" {
    switch (act) {
      case "booked":
        return this.#book(pickOne(machineRandom, choice.living)) ? act : "nothing";
      case "canceled":
        this.#cancel(pickOne(machineRandom, choice.ahead));
        return act;
      case "rescheduled":
        this.#move(pickOne(machineRandom, choice.ahead));
        return act;
      case "no_show":
        this.#miss(pickOne(machineRandom, choice.over));
        return act;
      default:
        throw new Error(`unknown act ${act satisfies never}`);
    }
  }

  #deps() {
    return { world: this.#sandbox.world, nowMs: this.#sandbox.clock.nowMs(), ids: machineIds };
  }

  #announce(announcements: Announcement[]): void {
    announceActs(this.#sandbox, announcements);
  }

  #book(person: Person): boolean {
    const { world } = this.#sandbox;
    const deps = this.#deps();
    const times = new MeetingTimes(machineRandom, deps.nowMs);
    const organization = findOrganization(this.#sandbox, person);
    const contact = world.contacts.get(person.ghlContactId ?? "");
    if (organization) {
      const types = [...world.eventTypes.values()].filter(
        (type) => type.organizationId === organization && type.kind === "solo",
      );
      const type = pickOne(machineRandom, types);
      const host = world.calendlyUsers.get(type.ownerId);
      const startMs = times.take(type.ownerId, host?.timezone ?? "UTC", 0.5, 14);
      const endMs = startMs + type.durationMinutes * MINUTE_MS;
      const booked = bookMeeting(deps, {
        organizationId: organization,
        eventTypeId: type.id,
        hostIds: [type.ownerId],
        startMs,
        endMs,
        invitee: {
          email: person.email,
          name: person.name,
          timezone: person.timezone,
          textReminderNumber: person.phone,
        },
      });
      person.inviteeIds.push(booked.invitee.id);
      this.#announce(booked.announcements);
      if (contact) {
        const mirrored = bookAppointment(deps, {
          locationId: contact.locationId,
          calendarId: calendarsOf(this.#sandbox, contact.locationId)[0]?.id ?? "",
          contactId: contact.id,
          startMs,
          endMs,
          title: type.name,
          source: "third_party",
        });
        person.appointmentIds.push(mirrored.id);
      }
      return true;
    }
    if (!contact) return false;
    const calendar = pickOne(machineRandom, calendarsOf(this.#sandbox, contact.locationId));
    const zone = world.locations.get(contact.locationId)?.timezone ?? "UTC";
    const startMs = times.take(calendar.id, zone, 0.5, 14);
    const appointment = bookAppointment(deps, {
      locationId: contact.locationId,
      calendarId: calendar.id,
      contactId: contact.id,
      startMs,
      endMs: startMs + calendar.slotMinutes * MINUTE_MS,
      title: `${person.name} · ${calendar.name}`,
    });
    person.appointmentIds.push(appointment.id);
    return true;
  }

  #cancel(meeting: LivingMeeting): void {
    const deps = this.#deps();
    const reason = machineRandom.next() < 0.8 ? pickOne(machineRandom, INVITEE_REASONS) : null;
    // A copy at HighLevel stays confirmed: its sync knows no cancellations.
    if (meeting.invitee) this.#announce(cancelInvitee(deps, meeting.invitee, { by: "invitee", reason }));
    else if (meeting.appointment) updateAppointment(deps, meeting.appointment, { status: "cancelled" });
  }

  #move(meeting: LivingMeeting): void {
    const deps = this.#deps();
    const times = new MeetingTimes(machineRandom, deps.nowMs);
    const startMs = times.take(meeting.person.id, meeting.person.timezone, 1, 16);
    if (meeting.invitee) {
      const reason = pickOne(machineRandom, MOVE_REASONS);
      const moved = rescheduleInvitee(deps, meeting.invitee, { startMs, reason });
      meeting.person.inviteeIds.push(moved.invitee.id);
      this.#announce(moved.announcements);
    } else if (meeting.appointment) {
      const lengthMs = meeting.appointment.endMs - meeting.appointment.startMs;
      updateAppointment(deps, meeting.appointment, { startMs, endMs: startMs + lengthMs });
    }
  }

  #miss(meeting: LivingMeeting): void {
    if (meeting.invitee) this.#announce(markNoShow(this.#deps(), meeting.invitee));
    else if (meeting.appointment) updateAppointment(this.#deps(), meeting.appointment, { status: "noshow" });
  }
}

type Act = "booked" | "canceled" | "rescheduled" | "no_show";

/** What happens next, so that the number of meetings ahead stays between its bounds whatever chance says. */
function decideAct(ahead: number, over: number, dice: number): Act {
  if (ahead < FEWEST_AHEAD) return "booked";
  if (dice < 0.32 || ahead > MOST_AHEAD) return "canceled";
  if (dice < 0.44) return "rescheduled";
  return dice < 0.52 && over > 0 ? "no_show" : "booked";
}

type LivingMeeting = {
  person: Person;
  startMs: number;
  endMs: number;
  invitee: CalendlyInvitee | null;
  appointment: HighLevelAppointment | null;
};

/** A person's meetings that still stand; copies of Calendly meetings are left out. */
function findMeetings(sandbox: Sandbox, person: Person): LivingMeeting[] {
  const { world } = sandbox;
  const meetings: LivingMeeting[] = [];
  for (const id of person.inviteeIds) {
    const invitee = world.invitees.get(id);
    const event = invitee && world.events.get(invitee.eventId);
    if (!invitee || !event || invitee.status !== "active" || event.status !== "active") continue;
    meetings.push({ person, startMs: event.startMs, endMs: event.endMs, invitee, appointment: null });
  }
  if (findOrganization(sandbox, person)) return meetings;
  for (const id of person.appointmentIds) {
    const appointment = world.appointments.get(id);
    if (!appointment || appointment.deleted || appointment.status !== "confirmed") continue;
    meetings.push({
      person,
      startMs: appointment.startMs,
      endMs: appointment.endMs,
      invitee: null,
      appointment,
    });
  }
  return meetings;
}

/** The Calendly organization of a demo account, if it has one. */
function findOrganization(sandbox: Sandbox, person: Person): string | null {
  const name = { "calendly-only": "Northwind Growth", both: "Harbor Labs" }[person.account];
  if (!name) return null;
  for (const organization of sandbox.world.organizations.values()) {
    if (organization.name === name) return organization.id;
  }
  return null;
}

function calendarsOf(sandbox: Sandbox, locationId: string) {
  return [...sandbox.world.calendars.values()].filter((calendar) => calendar.locationId === locationId);
}
