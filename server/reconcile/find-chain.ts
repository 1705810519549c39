import type { Tx } from "#server/db/client.ts";

/** The ids by which the two halves of a reschedule name each other (R16). */
export type ChainKeys = {
  providerId: string;
  rescheduledFromId: string | null;
  rescheduledToId: string | null;
};

export type ChainRow = ChainKeys & { id: string; leadId: string | null; linkedBy: string | null };

/** Two bookings of which one replaced the other (R16), seen from one of them. */
export type ChainLink<T extends ChainKeys = ChainRow> = {
  from: T;
  neighbour: ChainRow;
  neighbourIsSuccessor: boolean;
};

/** The chain neighbours of these bookings, whichever half names the other. */
export async function findChainLinks(tx: Tx, workspaceId: string, ids: string[]): Promise<ChainLink[]> {
  if (ids.length === 0) return [];
  const own = await tx.$queryRaw<ChainRow[]>`
    SELECT id, "providerId", "rescheduledFromId", "rescheduledToId", "leadId", "linkedBy" FROM "Appointment"
    WHERE "workspaceId" = ${workspaceId}::uuid AND id = ANY(${ids}::uuid[]) AND provider = 'calendly'`;
  return joinHalves(own, await findNeighbours(tx, workspaceId, own));
}

/**
 * The bookings that these name or that name these, known or not yet written. Keys go in as values: few bookings name
 * another one, and a join over all of them would be planned as if each did. Only Calendly has chains.
 */
export async function findNeighbours(
  tx: Tx,
  workspaceId: string,
  bookings: ChainKeys[],
): Promise<ChainRow[]> {
  if (bookings.length === 0) return [];
  const ownIds = bookings.map((a) => a.providerId);
  const named = bookings.flatMap((a) => [a.rescheduledFromId, a.rescheduledToId]).filter((id) => id !== null);
  return tx.$queryRaw<ChainRow[]>`
    SELECT id, "providerId", "rescheduledFromId", "rescheduledToId", "leadId", "linkedBy" FROM "Appointment"
    WHERE "workspaceId" = ${workspaceId}::uuid AND provider = 'calendly' AND "providerId" = ANY(${named}::text[])
    UNION
    SELECT id, "providerId", "rescheduledFromId", "rescheduledToId", "leadId", "linkedBy" FROM "Appointment"
    WHERE "workspaceId" = ${workspaceId}::uuid AND provider = 'calendly' AND "rescheduledFromId" = ANY(${ownIds}::text[])
    UNION
    SELECT id, "providerId", "rescheduledFromId", "rescheduledToId", "leadId", "linkedBy" FROM "Appointment"
    WHERE "workspaceId" = ${workspaceId}::uuid AND provider = 'calendly' AND "rescheduledToId" = ANY(${ownIds}::text[])`;
}

/** Each pair of an own booking and a neighbour of which one names the other. */
export function joinHalves<T extends ChainKeys>(own: T[], neighbours: ChainRow[]): ChainLink<T>[] {
  const byId = Map.groupBy(own, (a) => a.providerId);
  const byPredecessor = Map.groupBy(own, (a) => a.rescheduledFromId);
  const bySuccessor = Map.groupBy(own, (a) => a.rescheduledToId);
  return neighbours.flatMap((neighbour) => {
    const { providerId, rescheduledFromId, rescheduledToId } = neighbour;
    const before = [...(bySuccessor.get(providerId) ?? []), ...listOf(byId, rescheduledFromId)];
    const after = [...(byPredecessor.get(providerId) ?? []), ...listOf(byId, rescheduledToId)];
    return [
      ...before.map((from) => ({ from, neighbour, neighbourIsSuccessor: true })),
      ...after.map((from) => ({ from, neighbour, neighbourIsSuccessor: false })),
    ];
  });
}

function listOf<T>(rows: Map<string, T[]>, key: string | null): T[] {
  return key === null ? [] : (rows.get(key) ?? []);
}
