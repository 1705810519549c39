import { type Announcement, cancelInvitee, markNoShow, rescheduleInvitee } from "../calendly/acts.ts";
import { announceActs } from "../calendly/announce.ts";
import { updateAppointment } from "../highlevel/acts.ts";
import { machineIds, machineRandom, pickOne } from "../random.ts";
import type { Sandbox } from "../sandbox.ts";
import { INVITEE_REASONS, MOVE_REASONS } from "../seed/invented-reasons.ts";
import { DAY_MS, MeetingTimes, MINUTE_MS } from "../seed/meeting-times.ts";
import type { HighLevelAppointment, Person } from "../world-types.ts";
import { bookForPerson } from "./book-for-person.ts";
import { type Act, decideAct } from "./decide-act.ts";
import { findMeetings, type LivingMeeting } from "./living-meetings.ts";

/** People whose story ends in nothing special: only they go on living, so that the others stay as told. */
const LIVING_STORIES = new Set([
  "none",
  "booked",
  "held",
  "canceled_recent",
  "canceled_old",
  "link_sent_not_booked",
]);
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
        return bookForPerson(this.#sandbox, pickOne(machineRandom, choice.living)) ? act : "nothing";
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

  #change(appointment: HighLevelAppointment, change: Partial<HighLevelAppointment>): void {
    updateAppointment(this.#deps(), appointment, change);
    this.#sandbox.highlevelDeliveries.announceAppointment("AppointmentUpdate", appointment);
  }

  #cancel(meeting: LivingMeeting): void {
    const deps = this.#deps();
    const reason = machineRandom.next() < 0.8 ? pickOne(machineRandom, INVITEE_REASONS) : null;
    // A copy at HighLevel stays confirmed: its sync knows no cancellations.
    if (meeting.invitee) this.#announce(cancelInvitee(deps, meeting.invitee, { by: "invitee", reason }));
    else if (meeting.appointment) this.#change(meeting.appointment, { status: "cancelled" });
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
      this.#change(meeting.appointment, { startMs, endMs: startMs + lengthMs });
    }
  }

  #miss(meeting: LivingMeeting): void {
    if (meeting.invitee) this.#announce(markNoShow(this.#deps(), meeting.invitee));
    else if (meeting.appointment) this.#change(meeting.appointment, { status: "noshow" });
  }
}
