import { bookMeeting, cancelInvitee, markNoShow } from "../calendly/acts.ts";
import { bookAppointment, saveContact, updateAppointment } from "../highlevel/acts.ts";
import { type IdSource, pickNumber, pickOne, type Random } from "../random.ts";
import type { World } from "../world.ts";
import type { CalendlyInvitee, HighLevelAppointment, Person } from "../world-types.ts";
import type { DemoAccount } from "./demo-accounts.ts";
import type { InventedPerson } from "./invented-people.ts";
import { HOST_REASONS, INVITEE_REASONS } from "./invented-reasons.ts";
import { DAY_MS, HOUR_MS, type MeetingTimes, MINUTE_MS } from "./meeting-times.ts";

/** A person on the way into the world, with what was invented about them. */
export type Character = { person: Person; invented: InventedPerson };

export type Outcome =
  | { kind: "confirmed" }
  | { kind: "canceled"; atMs: number; atHighLevel: boolean }
  | { kind: "no_show" }
  | { kind: "showed" };

export type Meeting = {
  /** Distances of the start from now, in days. */
  from: number;
  to: number;
  outcome?: Outcome;
  email?: string;
  /** What the booking link carried, where it is not the ordinary. */
  tracking?: Record<string, string>;
  /** The HighLevel copy of a Calendly meeting; only accounts with both have one. */
  isMirrored?: boolean;
  /** HighLevel's own word, where it is not the ordinary one. */
  word?: string;
};

/** Tells the stories of one account: books, cancels and marks through the same acts as everyone else, in the past. */
export class StoryTeller {
  readonly world: World;
  readonly account: DemoAccount;
  readonly random: Random;
  readonly ids: IdSource;
  readonly times: MeetingTimes;
  readonly nowMs: number;

  constructor(parts: {
    world: World;
    account: DemoAccount;
    random: Random;
    ids: IdSource;
    times: MeetingTimes;
    nowMs: number;
  }) {
    this.world = parts.world;
    this.account = parts.account;
    this.random = parts.random;
    this.ids = parts.ids;
    this.times = parts.times;
    this.nowMs = parts.nowMs;
  }

  at(ms: number) {
    return { world: this.world, nowMs: Math.round(ms), ids: this.ids };
  }

  /** One meeting, at Calendly where the account has it, else at HighLevel. */
  meet(character: Character, meeting: Meeting): void {
    if (this.account.calendly) {
      const invitee = this.meetAtCalendly(character, meeting);
      if (meeting.isMirrored && this.account.highlevel) this.mirror(character, invitee, meeting);
    } else {
      this.meetAtHighLevel(character, meeting);
    }
  }

  meetAtCalendly(character: Character, meeting: Meeting): CalendlyInvitee {
    const calendly = this.account.calendly;
    if (!calendly) throw new Error(`${this.account.name} has no Calendly`);
    const { person, invented } = character;
    const type = pickOne(
      this.random,
      calendly.types.filter((row) => row.kind === "solo"),
    );
    const host =
      type.poolingType === "round_robin"
        ? pickOne(this.random, calendly.users)
        : (calendly.users.find((user) => user.id === type.ownerId) ?? pickOne(this.random, calendly.users));
    const startMs = this.times.take(host.id, host.timezone, meeting.from, meeting.to);
    const bookedMs = this.pickBookingTime(startMs, meeting.outcome);
    const { invitee } = bookMeeting(this.at(bookedMs), {
      organizationId: calendly.organizationId,
      eventTypeId: type.id,
      hostIds: [host.id],
      startMs,
      endMs: startMs + type.durationMinutes * MINUTE_MS,
      invitee: {
        email: meeting.email ?? this.retype(person.email),
        name: person.name,
        ...(this.random.next() < 0.4 ? { firstName: invented.firstName, lastName: invented.lastName } : {}),
        timezone: person.timezone,
        textReminderNumber: person.phone,
        answers:
          this.random.next() < 0.5 ? [{ question: "Company", answer: person.company, position: 0 }] : [],
      },
      tracking: {
        ...(this.random.next() < 0.3 ? { utm_source: "email", utm_campaign: "autumn" } : {}),
        ...meeting.tracking,
      },
    });
    person.inviteeIds.push(invitee.id);
    if (meeting.outcome?.kind === "canceled") this.cancelAtCalendly(invitee, meeting.outcome.atMs);
    if (meeting.outcome?.kind === "no_show") {
      const markedMs = Math.min(
        startMs + pickNumber(this.random, 20, 300) * MINUTE_MS,
        this.nowMs - MINUTE_MS,
      );
      markNoShow(this.at(markedMs), invitee);
    }
    return invitee;
  }

  /** Half by the invitee with a reason, the rest without one or by the host. */
  cancelAtCalendly(invitee: CalendlyInvitee, atMs: number): void {
    const dice = this.random.next();
    const by = dice < 0.75 ? "invitee" : "host";
    const reason =
      by === "host"
        ? pickOne(this.random, HOST_REASONS)
        : dice < 0.5
          ? pickOne(this.random, INVITEE_REASONS)
          : null;
    cancelInvitee(this.at(atMs), invitee, { by, reason });
  }

  meetAtHighLevel(character: Character, meeting: Meeting, contactId?: string): HighLevelAppointment {
    const highlevel = this.account.highlevel;
    if (!highlevel) throw new Error(`${this.account.name} has no HighLevel`);
    const calendar = pickOne(this.random, highlevel.calendars);
    const userId = pickOne(this.random, calendar.teamUserIds);
    const startMs = this.times.take(userId, highlevel.location.timezone, meeting.from, meeting.to);
    const appointment = bookAppointment(this.at(this.pickBookingTime(startMs, meeting.outcome)), {
      locationId: highlevel.location.id,
      calendarId: calendar.id,
      contactId: contactId ?? character.person.ghlContactId,
      startMs,
      endMs: startMs + calendar.slotMinutes * MINUTE_MS,
      title: `${character.person.name} · ${calendar.name}`,
      assignedUserId: this.random.next() < 0.9 ? userId : null,
    });
    character.person.appointmentIds.push(appointment.id);
    this.sayWord(appointment, meeting);
    return appointment;
  }

  /** The copy that HighLevel's one-way sync makes: same instant, same person, its own word. */
  mirror(character: Character, invitee: CalendlyInvitee, meeting: Meeting): HighLevelAppointment {
    const event = this.world.events.get(invitee.eventId);
    const highlevel = this.account.highlevel;
    if (!event || !highlevel) throw new Error("nothing to mirror");
    const calendar = highlevel.calendars[0];
    const appointment = bookAppointment(this.at(invitee.createdMs + 40_000), {
      locationId: highlevel.location.id,
      calendarId: calendar?.id ?? "",
      contactId: character.person.ghlContactId,
      startMs: event.startMs,
      endMs: event.endMs,
      title: event.name ?? "Calendly meeting",
      source: "third_party",
    });
    character.person.appointmentIds.push(appointment.id);
    this.sayWord(appointment, meeting);
    return appointment;
  }

  addContact(invented: InventedPerson, email: string | null): string {
    const highlevel = this.account.highlevel;
    if (!highlevel) throw new Error(`${this.account.name} has no HighLevel`);
    const addedMs =
      this.nowMs - pickNumber(this.random, 30, 300) * DAY_MS - pickNumber(this.random, 0, 86_000_000);
    const contact = saveContact(this.at(addedMs), {
      locationId: highlevel.location.id,
      firstName: invented.firstName,
      lastName: invented.lastName,
      email,
      additionalEmails: this.random.next() < 0.05 ? [invented.personalEmail] : [],
      phone: invented.phone,
      companyName: invented.company,
      timezone: this.random.next() < 0.6 ? invented.timezone : null,
      tags: this.random.next() < 0.3 ? ["outbound"] : [],
      source: pickOne(this.random, ["cold email", "webinar", "referral", "website form"]),
    });
    return contact.id;
  }

  /** A moment so many days ago, give or take some hours. */
  ago(fromDays: number, toDays: number): number {
    return this.nowMs - (fromDays + this.random.next() * (toDays - fromDays)) * DAY_MS;
  }

  /** People type their own address with a capital now and then. */
  retype(email: string): string {
    return this.random.next() < 0.1 ? email.charAt(0).toUpperCase() + email.slice(1) : email;
  }

  pickBookingTime(startMs: number, outcome: Outcome | undefined): number {
    const latest =
      Math.min(startMs, this.nowMs, outcome?.kind === "canceled" ? outcome.atMs : startMs) - HOUR_MS;
    return Math.min(
      startMs - pickNumber(this.random, 2, 14) * DAY_MS,
      latest - pickNumber(this.random, 0, 600) * MINUTE_MS,
    );
  }

  sayWord(appointment: HighLevelAppointment, meeting: Meeting): void {
    const { outcome } = meeting;
    if (meeting.word) {
      const atMs = Math.min(appointment.startMs + HOUR_MS, this.ago(0.2, 3));
      updateAppointment(this.at(Math.max(atMs, appointment.addedMs)), appointment, { status: meeting.word });
    } else if (outcome?.kind === "canceled" && outcome.atHighLevel) {
      updateAppointment(this.at(outcome.atMs), appointment, { status: "cancelled" });
    } else if (outcome?.kind === "showed") {
      updateAppointment(this.at(appointment.endMs + 600_000), appointment, { status: "showed" });
    } else if (outcome?.kind === "no_show" && !this.account.calendly) {
      updateAppointment(this.at(appointment.endMs + 600_000), appointment, { status: "noshow" });
    }
  }
}
