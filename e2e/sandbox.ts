export type Booking = { eventId: string; inviteeId: string };
export type Invitee = { name: string; email: string; timezone?: string; phone?: string };

const MINUTE_MS = 60_000;
let slot = 0;

/** Starts that no seeded meeting and no other test uses: odd minutes, a new one each time. */
export function freeStart(daysAhead = 5): string {
  slot += 1;
  const at = Date.now() + daysAhead * 24 * 60 * MINUTE_MS;
  return new Date(
    Math.floor(at / (60 * MINUTE_MS)) * 60 * MINUTE_MS + (slot * 7 + 3) * MINUTE_MS,
  ).toISOString();
}

/** The sandbox's control API, as far as journeys use it (sandbox/README.md). */
export function openSandbox(url = process.env.E2E_SANDBOX_URL ?? "") {
  async function control<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${url}/control${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    // The caller names the shape that sandbox/README.md promises for this path.
    return answer as T;
  }

  return {
    control,
    book: (
      { organization, eventType }: { organization: string; eventType: string },
      invitee: Invitee,
      start = freeStart(),
    ): Promise<Booking> => control("POST", "/calendly/book", { organization, eventType, invitee, start }),
    cancel: (
      { inviteeId }: Booking,
      words: { reason?: string; by?: "invitee" | "host"; webhooks?: boolean } = {},
    ): Promise<Booking> => control("POST", "/calendly/cancel", { invitee: inviteeId, ...words }),
    reschedule: (
      { inviteeId }: Booking,
      how: { start: string; order: "canceled_first" | "created_first" },
    ): Promise<Booking> => control("POST", "/calendly/reschedule", { invitee: inviteeId, ...how }),
  };
}
