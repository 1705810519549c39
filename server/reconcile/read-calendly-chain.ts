import type { Db } from "#server/db/client.ts";
import type { AppointmentReading } from "#server/providers/appointment-reading.ts";
import type { CalendlyClient } from "#server/providers/calendly/client.ts";
import { mapInvitee } from "#server/providers/calendly/map-appointment.ts";
import { isLimit, ProviderError } from "#server/providers/provider-error.ts";
import type { OpenConnection } from "./open-connection.ts";
import type { WindowPage } from "./window-page.ts";

type OpenCalendly = Extract<OpenConnection, { provider: "calendly" }>;

/** A chain is as long as a person's patience; the bound only ends what a lying provider made circular. */
const LONGEST_CHAIN = 20;

/**
 * R16: a successor that lies outside the window is fetched at once, so that a move never looks like a loss. Where the
 * provider's limit forbids it, the events whose successors are missing are named: they are not read yet.
 */
export async function readSuccessors(
  db: Db,
  open: OpenCalendly,
  page: WindowPage,
): Promise<{ unresolvedIds: ReadonlySet<string>; limit: ProviderError | null }> {
  const asked = new Set<string>();
  const eventIds = new Set<string>();
  for (let hop = 0; hop < LONGEST_CHAIN; hop++) {
    // What replaced a successor lies outside the window as well, or may.
    const wanted = (await findUnknownSuccessors(db, open, page)).filter((w) => !asked.has(w.successorId));
    if (wanted.length === 0) break;
    for (const { eventId } of wanted) eventIds.add(eventId);
    for (const { successorId, successorEventId } of wanted) {
      asked.add(successorId);
      try {
        const successor = await readInvitee(open.client, successorEventId, successorId);
        page.calls += 2;
        if (successor) page.readings.push(successor);
      } catch (error) {
        if (!isLimit(error)) throw error;
        return { unresolvedIds: eventIds, limit: error };
      }
    }
  }
  return { unresolvedIds: new Set(), limit: null };
}

async function findUnknownSuccessors(db: Db, open: OpenCalendly, page: WindowPage) {
  const here = new Set(page.readings.map((r) => r.providerId));
  const wanted = page.readings.flatMap(({ eventId, rescheduledToId, rescheduledToEventId }) =>
    rescheduledToId && rescheduledToEventId && !here.has(rescheduledToId)
      ? [{ eventId, successorId: rescheduledToId, successorEventId: rescheduledToEventId }]
      : [],
  );
  if (wanted.length === 0) return [];
  const known = await db.appointment.findMany({
    where: {
      workspaceId: open.row.workspaceId,
      provider: "calendly",
      providerId: { in: wanted.map(({ successorId }) => successorId) },
    },
    select: { providerId: true },
  });
  const have = new Set(known.map((a) => a.providerId));
  return wanted.filter(({ successorId }) => !have.has(successorId));
}

/** R16: everything that replaced a booking, one after the other, to the end of the chain. */
export async function readChain(
  client: CalendlyClient,
  first: AppointmentReading,
): Promise<{ readings: AppointmentReading[]; calls: number }> {
  const readings: AppointmentReading[] = [];
  let calls = 0;
  let last: AppointmentReading | null = first;
  while (last?.rescheduledToId && last.rescheduledToEventId && readings.length < LONGEST_CHAIN) {
    last = await readInvitee(client, last.rescheduledToEventId, last.rescheduledToId);
    calls += 2;
    if (last) readings.push(last);
  }
  return { readings, calls };
}

/** One booking by its ids; null when Calendly does not know it (R5). */
async function readInvitee(
  client: CalendlyClient,
  eventId: string,
  inviteeId: string,
): Promise<AppointmentReading | null> {
  try {
    const { event } = await client.event(eventId);
    const { invitee, asOf } = await client.invitee(eventId, inviteeId);
    return mapInvitee(event, invitee, asOf);
  } catch (error) {
    if (error instanceof ProviderError && error.kind === "not_found") return null;
    throw error;
  }
}
