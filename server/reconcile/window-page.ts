import type { AppointmentReading } from "#server/providers/appointment-reading.ts";
import type { ContactReading } from "#server/providers/highlevel/map-contact.ts";
import type { ProviderError } from "#server/providers/provider-error.ts";

export type WatermarkRow = {
  eventId: string;
  providerUpdatedAt: Date;
  inviteesTotal: number;
  inviteesActive: number;
  startAt: Date;
  endAt: Date;
  inviteesReadAt: Date;
  shortReads: number;
};

/** What one page of a provider's calendar said: read outside any transaction, saved inside one. */
export type WindowPage = {
  readings: AppointmentReading[];
  /** Records that could not be read, by provider id where it is known; never their values. */
  rejected: { ref: string | null; faults: string[] }[];
  watermarks: WatermarkRow[];
  contacts: (ContactReading & { readAt: Date; gone: boolean })[];
  /** Events (Calendly) or appointments (HighLevel) that the provider listed in the window. */
  seenEventIds: string[];
  /** Of these: Calendly's list of people leaves out somebody that we know of, who is to be asked for by id (R5). */
  doubtedEventIds: string[];
  /** Meetings on the page, read or not. */
  seen: number;
  /** Meetings that have not moved since they were last read. */
  known: number;
  calls: number;
  /** Where to go on; null after the last page. */
  nextCursor: string | null;
  /** With the pages before it, all that begins earlier was listed; null where a page says nothing about that. */
  listedTo: Date | null;
  /**
   * Set where the provider's limit ended the page early: what is here was read whole,
   * `readIds` are the events that need not be read again, and `nextCursor` names the same page.
   */
  cutShort?: { error: ProviderError; readIds: string[] };
};

export function emptyPage(): WindowPage {
  return {
    readings: [],
    rejected: [],
    watermarks: [],
    contacts: [],
    seenEventIds: [],
    doubtedEventIds: [],
    seen: 0,
    known: 0,
    calls: 0,
    nextCursor: null,
    listedTo: null,
  };
}
