import type { RunningSandbox } from "../../sandbox/start-sandbox.ts";

/** What a provider would answer about one booking between two acts. */
export type Fact = {
  startMs: number;
  endMs: number;
  /** The state that the provider's words mean (R3, R4). */
  word: "confirmed" | "canceled" | "rescheduled" | "showed" | "no_show";
  canceledMs: number | null;
  updatedMs: number;
  /** HighLevel: gone from the lists, still told by id. */
  isHidden: boolean;
};

export type Booking = {
  provider: "calendly" | "highlevel";
  id: string;
  createdMs: number;
  /** Event type or calendar. */
  typeId: string;
  /** Lower-cased: of the invitee, or of the HighLevel contact with its further ones. */
  emails: string[];
  contactId: string | null;
  fromId: string | null;
  toId: string | null;
  /** Everything it ever was, oldest first. */
  facts: [Fact, ...Fact[]];
  /** Since when its id answers "not found"; null while it exists. */
  goneMs: number | null;
};

/** The account whose bookings are watched. */
export type Place = { organizationId: string; locationId: string };

/**
 * Remembers what the sandbox's world held after every act, since a booking's past decides what may be known of it: one
 * that is gone can only have been learned before. Reads the sandbox's own records, by no code of the server.
 */
export class Chronicle {
  readonly #sandbox: RunningSandbox;
  readonly #place: Place;
  readonly #bookings = new Map<string, Booking>();

  constructor(sandbox: RunningSandbox, place: Place) {
    this.#sandbox = sandbox;
    this.#place = place;
  }

  get bookings(): Booking[] {
    return [...this.#bookings.values()];
  }

  /** To be called after every act, before anything else happens. */
  note(): void {
    const seen = new Set<string>();
    for (const now of [...this.#readCalendly(), ...this.#readHighLevel()]) {
      const key = `${now.provider} ${now.id}`;
      seen.add(key);
      const known = this.#bookings.get(key);
      if (!known) this.#bookings.set(key, now);
      else {
        Object.assign(known, { fromId: now.fromId, toId: now.toId, emails: now.emails });
        const [fact] = now.facts;
        if (JSON.stringify(known.facts.at(-1)) !== JSON.stringify(fact)) known.facts.push(fact);
      }
    }
    for (const [key, booking] of this.#bookings) {
      if (seen.has(key)) continue;
      booking.goneMs ??= this.#sandbox.clock.nowMs();
      // Its contact is still somebody, who may have another address by now.
      if (booking.contactId !== null) booking.emails = this.#addressesOf(booking.contactId);
    }
  }

  #readCalendly(): Booking[] {
    const { world } = this.#sandbox;
    return world.eventsByStart.rows(`org:${this.#place.organizationId}`).flatMap((event) =>
      world.inviteesOf(event).map((invitee): Booking => {
        const off = invitee.status === "canceled" || event.status === "canceled";
        const cancellation = invitee.cancellation ?? event.cancellation;
        const word = invitee.rescheduled
          ? "rescheduled"
          : off
            ? "canceled"
            : invitee.noShow
              ? "no_show"
              : "confirmed";
        return {
          provider: "calendly",
          id: invitee.id,
          createdMs: invitee.createdMs,
          typeId: event.eventTypeId ?? "",
          emails: [invitee.email.toLowerCase()],
          contactId: null,
          fromId: invitee.oldInvitee?.inviteeId ?? null,
          toId: invitee.newInvitee?.inviteeId ?? null,
          goneMs: null,
          facts: [
            {
              startMs: event.startMs,
              endMs: event.endMs,
              word,
              canceledMs:
                word === "canceled" || word === "rescheduled" ? (cancellation?.createdMs ?? null) : null,
              updatedMs: Math.max(invitee.updatedMs, event.updatedMs),
              isHidden: false,
            },
          ],
        };
      }),
    );
  }

  #addressesOf(contactId: string | null): string[] {
    const contact = this.#sandbox.world.contacts.get(contactId ?? "");
    const emails = contact ? [contact.email ?? "", ...contact.additionalEmails] : [];
    return emails.filter((email) => email !== "").map((email) => email.toLowerCase());
  }

  #readHighLevel(): Booking[] {
    const { world } = this.#sandbox;
    const calendars = [...world.calendars.values()].filter((c) => c.locationId === this.#place.locationId);
    return calendars
      .flatMap(({ id }) => [...world.appointmentsByStart.rows(`calendar:${id}`)])
      .map((row): Booking => {
        const word = row.deleted ? "canceled" : readHighLevelWord(row.status);
        // HighLevel tells whole seconds of its changes at some doors, so that no door may tell more.
        const updatedMs = Math.floor(row.updatedMs / 1_000) * 1_000;
        return {
          provider: "highlevel",
          id: row.id,
          createdMs: row.addedMs,
          typeId: row.calendarId,
          emails: this.#addressesOf(row.contactId),
          contactId: row.contactId,
          fromId: null,
          toId: null,
          goneMs: null,
          facts: [
            {
              startMs: row.startMs,
              endMs: row.endMs,
              word,
              canceledMs: word === "canceled" && !row.deleted ? updatedMs : null,
              updatedMs,
              isHidden: row.deleted,
            },
          ],
        };
      });
  }
}

/** R4, written down a second time. */
function readHighLevelWord(status: string): Fact["word"] {
  switch (status.toLowerCase().replaceAll(/[ _-]/g, "")) {
    case "cancelled":
    case "canceled":
    case "invalid":
      return "canceled";
    case "showed":
      return "showed";
    case "noshow":
      return "no_show";
    default:
      return "confirmed";
  }
}
