import { bookMeeting, rescheduleInvitee } from "../calendly/acts.ts";
import { deleteAppointment, updateAppointment } from "../highlevel/acts.ts";
import { pickNumber, pickOne } from "../random.ts";
import type { CalendlyInvitee } from "../world-types.ts";
import { MOVE_REASONS } from "./invented-reasons.ts";
import { DAY_MS, HOUR_MS } from "./meeting-times.ts";
import type { Story } from "./story-quotas.ts";
import type { Character, StoryTeller } from "./story-teller.ts";

/** Early enough ahead that the meeting can still be moved. */
const SOON = { from: 3, to: 12 };

/** Plays one person's story. Group meetings and shared addresses concern several people and are told apart. */
export function tellStory(teller: StoryTeller, character: Character, story: Story): void {
  const isBoth = teller.account.name === "both";
  switch (story) {
    case "none":
    case "link_sent_not_booked":
    case "group_event":
    case "shared_email":
      return;
    case "booked":
    case "deleted":
      teller.meet(character, { from: 0.6, to: 21 });
      return;
    case "mirror":
      teller.meet(character, { from: 0.6, to: 21, isMirrored: true });
      return;
    case "held":
      teller.meet(character, { from: -60, to: -2, isMirrored: isBoth });
      return;
    case "showed":
      teller.meet(character, { from: -60, to: -2, isMirrored: isBoth, outcome: { kind: "showed" } });
      return;
    case "no_show_recent":
      teller.meet(character, {
        from: -11,
        to: -0.5,
        isMirrored: isBoth,
        outcome: { kind: "no_show" },
      });
      return;
    case "no_show_old":
      teller.meet(character, { from: -70, to: -20, isMirrored: isBoth, outcome: { kind: "no_show" } });
      return;
    case "canceled_recent":
      tellCanceled(teller, character, 0.15, 11.5, true);
      return;
    case "canceled_old":
      tellCanceled(teller, character, 20, 70, true);
      return;
    case "mirror_missed_cancel":
      tellCanceled(teller, character, 0.5, 11, false);
      return;
    case "canceled_rebooked":
      tellCanceled(teller, character, 4, 12, true);
      teller.meet(character, { from: 0.6, to: 14 });
      return;
    case "two_meetings":
      teller.meet(character, { from: 0.6, to: 10 });
      teller.meet(character, { from: 11, to: 24 });
      return;
    case "outside_window":
      teller.meet(character, { from: 108, to: 140 });
      return;
    case "rescheduled":
      tellChain(teller, character);
      return;
    case "moved_recent":
      move(teller, character, teller.meetAtCalendly(character, SOON), {
        decidedAgo: [0.2, 3],
        startsIn: [4, 18],
      });
      return;
    case "rescheduled_other_email": {
      const email = character.invented.personalEmail;
      character.person.bookingEmail = email;
      const first = teller.meetAtCalendly(character, SOON);
      move(teller, character, first, { decidedAgo: [0.2, 2.5], startsIn: [4, 18], email });
      return;
    }
    case "rescheduled_unlinked": {
      const first = teller.meetAtCalendly(character, SOON);
      const next = move(teller, character, first, { decidedAgo: [0.2, 2.5], startsIn: [4, 18] });
      const event = teller.world.events.get(next.eventId);
      if (event) teller.world.removeEvent(event);
      character.person.inviteeIds.pop();
      return;
    }
    case "booked_other_email":
      tellOtherEmail(teller, character);
      return;
    case "unmatched_stranger":
      teller.meet(character, { from: -10, to: 14 });
      return;
    case "hl_invalid":
      teller.meetAtHighLevel(character, { from: -10, to: -1, word: "invalid" });
      return;
    case "unknown_word":
      teller.meetAtHighLevel(character, {
        from: 1,
        to: 12,
        word: pickOne(teller.random, ["Waitlisted", "rolled_over", "tentative"]),
      });
      return;
    case "hl_deleted":
      deleteAppointment(teller.meetAtHighLevel(character, { from: 1, to: 12 }));
      return;
    case "moved_in_highlevel": {
      const appointment = teller.meetAtHighLevel(character, { from: 1, to: 8 });
      const startMs = appointment.startMs + 7 * DAY_MS;
      const endMs = appointment.endMs + 7 * DAY_MS;
      updateAppointment(teller.at(teller.ago(0.1, 2)), appointment, { startMs, endMs });
      return;
    }
    default:
      throw new Error(`unknown story ${story satisfies never}`);
  }
}

/** A meeting lost so many days ago, which was to start up to a week after that. */
function tellCanceled(
  teller: StoryTeller,
  character: Character,
  fromDays: number,
  toDays: number,
  atHighLevel: boolean,
): void {
  const atMs = teller.ago(fromDays, toDays);
  const after = (atMs - teller.nowMs) / DAY_MS;
  teller.meet(character, {
    from: after + 0.3,
    to: after + 7,
    isMirrored: teller.account.name === "both",
    outcome: { kind: "canceled", atMs, atHighLevel },
  });
}

/** First booked weeks ago, moved twice, the last one ahead. */
function tellChain(teller: StoryTeller, character: Character): void {
  const first = teller.meetAtCalendly(character, { from: -24, to: -18 });
  const second = move(teller, character, first, { decidedAgo: [26, 30], startsIn: [-14, -8] });
  move(teller, character, second, { decidedAgo: [15, 18], startsIn: [2, 15] });
}

/** Ranges in days: how long ago it was decided, and how far from now the new meeting starts. */
type Move = { decidedAgo: [number, number]; startsIn: [number, number]; email?: string };

function move(
  teller: StoryTeller,
  character: Character,
  invitee: CalendlyInvitee,
  to: Move,
): CalendlyInvitee {
  const event = teller.world.events.get(invitee.eventId);
  const host = teller.world.calendlyUsers.get(event?.hostIds[0] ?? "");
  if (!event || !host) throw new Error("nothing to move");
  const startMs = teller.times.take(host.id, host.timezone, ...to.startsIn);
  // Nobody moves a meeting before it was booked, or after it began.
  const decidedMs = Math.max(teller.ago(...to.decidedAgo), invitee.createdMs + HOUR_MS);
  const moved = rescheduleInvitee(teller.at(Math.min(decidedMs, event.startMs - HOUR_MS)), invitee, {
    startMs,
    email: to.email,
    reason: pickOne(teller.random, MOVE_REASONS),
  });
  character.person.inviteeIds.push(moved.invitee.id);
  return moved.invitee;
}

/** The same name and number, an address that no lead has. */
function tellOtherEmail(teller: StoryTeller, character: Character): void {
  const { person, invented } = character;
  person.bookingEmail = invented.personalEmail;
  if (teller.account.calendly) {
    const { personalEmail } = invented;
    // Some links name whom they were sent to; whoever books by one is found by it.
    const tracking: Record<string, string> = personalEmail < "k" ? { utm_content: person.email } : {};
    teller.meetAtCalendly(character, { from: 1, to: 14, email: personalEmail, tracking });
    return;
  }
  const contactId = teller.addContact(invented, invented.personalEmail);
  teller.meetAtHighLevel(character, { from: 1, to: 14 }, contactId);
}

/** Group meetings of six: one over, the next one ahead. */
export function tellGroupEvents(teller: StoryTeller, characters: Character[]): void {
  const calendly = teller.account.calendly;
  const type = calendly?.types.find((row) => row.kind === "group");
  const host = calendly?.users.find((user) => user.id === type?.ownerId);
  if (!calendly || !type || !host) return;
  for (let at = 0; at < characters.length; at += 6) {
    const isPast = at % 12 === 0;
    const startMs = teller.times.take(host.id, host.timezone, isPast ? -9 : 3, isPast ? -2 : 9);
    for (const { person } of characters.slice(at, at + 6)) {
      const bookedMs = Math.min(startMs, teller.nowMs) - pickNumber(teller.random, 1, 9) * DAY_MS;
      const { invitee } = bookMeeting(teller.at(bookedMs), {
        organizationId: calendly.organizationId,
        eventTypeId: type.id,
        hostIds: [host.id],
        startMs,
        endMs: startMs + type.durationMinutes * 60_000,
        invitee: { email: person.email, name: person.name, timezone: person.timezone },
      });
      person.inviteeIds.push(invitee.id);
    }
  }
}
