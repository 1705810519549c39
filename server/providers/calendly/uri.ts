/** Resource URIs name the provider's own host, wherever the API is reached. */
const URI_ORIGIN = "https://api.calendly.com";

export type UriKind =
  | "users"
  | "organizations"
  | "scheduled_events"
  | "event_types"
  | "webhook_subscriptions";

/** The id in a Calendly URI; a bare id is its own last segment. Resources are compared by it alone. */
export function lastSegment(uri: string): string {
  const path = uri.split(/[?#]/, 1)[0] ?? "";
  return path.replace(/\/+$/, "").split("/").at(-1) ?? "";
}

/** The form in which Calendly wants a resource named in queries and bodies. Takes an id or a URI. */
export function toUri(kind: UriKind, idOrUri: string): string {
  return `${URI_ORIGIN}/${kind}/${lastSegment(idOrUri)}`;
}

export function toInviteeUri(eventId: string, inviteeId: string): string {
  return `${toUri("scheduled_events", eventId)}/invitees/${lastSegment(inviteeId)}`;
}

/** Both ids in `…/scheduled_events/{event}/invitees/{invitee}`; the event is null in any other form. */
export function readInviteeUri(uri: string): { eventId: string | null; inviteeId: string } {
  const eventId = /\/scheduled_events\/([A-Za-z0-9_-]+)\/invitees\//.exec(uri)?.[1] ?? null;
  return { eventId, inviteeId: lastSegment(uri) };
}
