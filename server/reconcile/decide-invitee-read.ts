import { addDays } from "#server/lib/duration.ts";
import type { EventSummary } from "#server/providers/calendly/map-event.ts";

/** What an event looked like when its invitees were last read. */
export type Watermark = {
  providerUpdatedAt: Date;
  inviteesTotal: number;
  inviteesActive: number;
  inviteesReadAt: Date;
};

export type InviteeReadReason = "new" | "moved" | "recently_ended";

/** No-show marks come late and may not move the event: freshly ended ones are read again once a day. */
const REREAD_DAYS = 7;

/** Whether the people of an event must be read, and why; null when what is known still stands (it costs no call). */
export function decideInviteeRead(
  event: EventSummary,
  known: Watermark | null,
  now: Date,
): InviteeReadReason | null {
  if (known === null) return "new";
  const isSame =
    event.updatedAt?.getTime() === known.providerUpdatedAt.getTime() &&
    event.totalInvitees === known.inviteesTotal &&
    event.activeInvitees === known.inviteesActive;
  if (!isSame) return "moved";
  const endedRecently = event.endAt <= now && event.endAt > addDays(now, -REREAD_DAYS);
  if (endedRecently && !event.isCanceled && known.inviteesReadAt <= addDays(now, -1)) return "recently_ended";
  return null;
}
