import { addDays, addMs, DAY_MS, MINUTE_MS } from "#server/lib/duration.ts";
import type { EventSummary } from "#server/providers/calendly/map-event.ts";

/** What an event looked like when its invitees were last read. */
export type Watermark = {
  providerUpdatedAt: Date;
  inviteesTotal: number;
  inviteesActive: number;
  inviteesReadAt: Date;
  /** How often in a row its list did not explain everybody while the event itself stood still. */
  shortReads: number;
};

export type InviteeReadReason = "new" | "moved" | "short_list" | "recently_ended";

/** No-show marks come late and may not move the event: freshly ended ones are read again once a day. */
const REREAD_DAYS = 7;

/** A list that came short so often is taken for all there is to see, and looked at again with growing delay. */
const SHORT_READS_AT_ONCE = 5;
const FIRST_SHORT_DELAY_MS = 5 * MINUTE_MS;

/** Whether the people of an event must be read, and why; null when what is known still stands (it costs no call). */
export function decideInviteeRead(
  event: EventSummary,
  known: Watermark | null,
  now: Date,
): InviteeReadReason | null {
  if (known === null) return "new";
  if (!isUnmoved(event, known)) return "moved";
  if (known.shortReads > 0 && addMs(known.inviteesReadAt, shortDelayMs(known.shortReads)) <= now) {
    return "short_list";
  }
  const endedRecently = event.endAt <= now && event.endAt > addDays(now, -REREAD_DAYS);
  if (endedRecently && !event.isCanceled && known.inviteesReadAt <= addDays(now, -1)) return "recently_ended";
  return null;
}

/** Of a page, in one pass: what ended on the same day comes due at the same moment. */
const REREADS_AT_ONCE = 20;

/**
 * Which of a page's freshly ended events have their turn now: re-reads have a small budget of their own, those first
 * that were read longest ago, so that they never hold up what is new.
 */
export function chooseRereads(
  events: readonly { summary: EventSummary; known: Watermark | null }[],
  now: Date,
): ReadonlySet<string> {
  const due = events.flatMap(({ summary, known }) =>
    known !== null && decideInviteeRead(summary, known, now) === "recently_ended"
      ? [{ eventId: summary.eventId, readAt: known.inviteesReadAt.getTime() }]
      : [],
  );
  due.sort((a, b) => a.readAt - b.readAt || (a.eventId < b.eventId ? -1 : 1));
  return new Set(due.slice(0, REREADS_AT_ONCE).map(({ eventId }) => eventId));
}

/** What its list leaves open this time, counted on while the event stands still; 0 when it explains everybody. */
export function countShortReads(event: EventSummary, known: Watermark | null, isShort: boolean): number {
  if (!isShort) return 0;
  return known !== null && isUnmoved(event, known) ? known.shortReads + 1 : 1;
}

function isUnmoved(event: EventSummary, known: Watermark): boolean {
  return (
    event.updatedAt?.getTime() === known.providerUpdatedAt.getTime() &&
    event.totalInvitees === known.inviteesTotal &&
    event.activeInvitees === known.inviteesActive
  );
}

function shortDelayMs(shortReads: number): number {
  if (shortReads <= SHORT_READS_AT_ONCE) return 0;
  return Math.min(FIRST_SHORT_DELAY_MS * 2 ** (shortReads - SHORT_READS_AT_ONCE - 1), DAY_MS);
}
