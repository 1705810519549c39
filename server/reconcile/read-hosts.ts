import type { Db } from "#server/db/client.ts";
import type { AppointmentReading } from "#server/providers/appointment-reading.ts";
import { type MapEventContext, mapEvent } from "#server/providers/highlevel/map-appointment.ts";
import { type HostReading, mapUsers } from "#server/providers/highlevel/map-user.ts";
import type { HighLevelEvent } from "#server/providers/highlevel/schema.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import type { OpenConnection } from "./open-connection.ts";
import type { WindowPage } from "./window-page.ts";

type OpenHighLevel = Extract<OpenConnection, { provider: "highlevel" }>;

/** Members of the location by id, read once for as long as the connection stays open. */
export async function readHosts(
  open: OpenHighLevel,
  page: WindowPage,
): Promise<ReadonlyMap<string, HostReading>> {
  if (open.hosts === null) {
    const { users } = await open.client.users();
    page.calls += 1;
    open.hosts = mapUsers(users);
  }
  return open.hosts;
}

export type FoundEvent = {
  event: HighLevelEvent;
  asOf: Date;
  contact: NonNullable<MapEventContext["contact"]> | null;
};

/**
 * Events that were asked for one by one, told as a sweep would tell them: with their hosts. The location's members cost a
 * call only where an event is new or was changed since it was read; else the host is the one that is known.
 */
export async function mapFoundEvents(
  db: Db,
  open: OpenHighLevel,
  page: WindowPage,
  found: FoundEvent[],
): Promise<AppointmentReading[]> {
  const mapAll = (users?: ReadonlyMap<string, HostReading>) =>
    found.map(({ event, asOf, contact }) =>
      mapEvent(event, { timezone: open.timezone, asOf, contact, ...(users ? { users } : {}) }),
    );
  const readings = mapAll();
  const rows = await db.appointment.findMany({
    where: {
      workspaceId: open.row.workspaceId,
      provider: "highlevel",
      providerId: { in: readings.map((r) => r.providerId) },
    },
    select: { providerId: true, providerUpdatedAt: true, startAt: true },
  });
  // A change within the second of the last one does not move its date.
  const lookOf = (event: { providerUpdatedAt: Date | null; startAt: Date }) =>
    `${event.providerUpdatedAt?.getTime()} ${event.startAt.getTime()}`;
  const known = new Map(rows.map((row) => [row.providerId, lookOf(row)]));
  const isNews = readings.some((r) => r.cancelReason !== "deleted" && known.get(r.providerId) !== lookOf(r));
  return isNews ? mapAll(await tryHosts(open, page)) : readings;
}

/** Who holds a meeting helps and decides nothing: a location that does not tell costs only that. */
async function tryHosts(open: OpenHighLevel, page: WindowPage): Promise<ReadonlyMap<string, HostReading>> {
  try {
    return await readHosts(open, page);
  } catch (error) {
    if (error instanceof ProviderError) return new Map();
    throw error;
  }
}
