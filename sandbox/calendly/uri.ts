/** Resource URIs stay on the provider's own host wherever the sandbox listens: clients store and compare them. */
export const CALENDLY_ORIGIN = "https://api.calendly.com";

export function calendlyUri(path: string): string {
  return `${CALENDLY_ORIGIN}/${path}`;
}

export function inviteeUri(link: { eventId: string; inviteeId: string }): string {
  return calendlyUri(`scheduled_events/${link.eventId}/invitees/${link.inviteeId}`);
}

/** References are accepted by URI on any host, or bare. */
export function lastSegment(reference: string): string {
  return reference.slice(reference.lastIndexOf("/") + 1);
}

/** ISO-8601 UTC with the six fractional digits that Calendly prints. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}
