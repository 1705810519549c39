import { readWord } from "./map-appointment.ts";
import type { CalendlyEvent } from "./schema.ts";
import { lastSegment } from "./uri.ts";

/** What the list of events tells without reading anyone's name: enough to know whether to look closer. */
export type EventSummary = {
  eventId: string;
  calendarId: string | null;
  isCanceled: boolean;
  startAt: Date;
  endAt: Date;
  /** Moves with most changes, but not with a late no-show mark. */
  updatedAt: Date | null;
  totalInvitees: number | null;
  activeInvitees: number | null;
};

export function mapEvent(event: CalendlyEvent): EventSummary {
  return {
    eventId: lastSegment(event.uri),
    calendarId: event.event_type ? lastSegment(event.event_type) : null,
    isCanceled: readWord(event.status) === "canceled",
    startAt: event.start_time,
    endAt: event.end_time,
    updatedAt: event.updated_at ?? null,
    totalInvitees: event.invitees_counter?.total ?? null,
    activeInvitees: event.invitees_counter?.active ?? null,
  };
}
